/** Catalogue entries: what an operating error consists of. */

/** One entry; `D` is what the thrower must supply, and the message names it and the way out. */
export interface ErrorEntry<D> {
  readonly message: (details: D) => string;
  readonly httpStatus: number;
  /** Process exit code, after BSD sysexits.h. */
  readonly exitCode: number;
}

/** An entry from its HTTP status, exit code and message. */
export const entry = <D>(
  httpStatus: number,
  exitCode: number,
  message: (details: D) => string,
): ErrorEntry<D> => ({ message, httpStatus, exitCode });

/** Names in a row; the first twelve of very many. */
export const listed = (names: readonly string[]): string =>
  names.length > 12
    ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`
    : names.join(', ');
