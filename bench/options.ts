/** Options of a benchmark's command line: `--name value`, `--name a,b` and `--name`. */

/** The options given. */
export interface Options {
  /** The folder with the public sets: `--data`. */
  readonly data: string;
  /** The value behind `name`. */
  text(name: string): string | undefined;
  /** A number behind `name`. */
  number(name: string): number | undefined;
  /** What `name` lists, separated by commas. */
  list(name: string, otherwise: readonly string[]): readonly string[];
  /** Whether `name` is given. */
  has(name: string): boolean;
}

/** Reads `args`. */
export function createOptions(args: readonly string[]): Options {
  const text = (name: string): string | undefined =>
    args.includes(name) ? args[args.indexOf(name) + 1] : undefined;
  return {
    data: text('--data') ?? '../shared/data',
    text,
    number(name) {
      const given = text(name);
      return given === undefined ? undefined : Number(given);
    },
    list: (name, otherwise) => text(name)?.split(',') ?? otherwise,
    has: (name) => args.includes(name),
  };
}

/** The entry `name: value` where there is a value, for optional members. */
export const given = <N extends string, V>(
  name: N,
  value: V | undefined,
): { readonly [K in N]?: V } => (value === undefined ? {} : ({ [name]: value } as { [K in N]: V }));
