/** What a command of the program is: a schema of its input, and a function from input to a result. */
import type { z } from 'zod';
import type { Engine } from '../engine.ts';
import { parseInput, rethrowAsTyped } from './options.ts';
import type { Style } from './render/style.ts';

/** What a command works with. */
export interface CommandContext {
  readonly engine: Engine;
  /** Signal and event listener for whatever starts or continues a run. */
  readonly runOptions: NonNullable<Parameters<Engine['resume']>[1]>;
  readonly style: Style;
}

/**
 * What a command found: one document for programs, which is what the engine gave, and one text for people. Only one of
 * them is printed.
 */
export interface CommandResult {
  readonly document: unknown;
  text(): string;
}

/** A command as the program lists it. */
export interface Command {
  readonly name: string;
  /** One line for help. */
  readonly summary: string;
  /** Options and argument; flags, help and checks derive from it. */
  readonly schema: z.ZodObject;
  /** The key of `schema` that is given without a flag. */
  readonly argument: string | undefined;
  /** Shell commands for the end of the help text. */
  readonly examples: readonly string[];
  /** `input` checked by the schema; OPTION_INVALID names what is wrong with it. */
  execute(input: unknown, open: () => Promise<CommandContext>): Promise<CommandResult>;
}

interface CommandDefinition<S extends z.ZodObject> {
  readonly name: string;
  readonly summary: string;
  readonly schema: S;
  readonly argument?: Extract<keyof z.output<S>, string>;
  readonly examples: readonly string[];
  run(context: CommandContext, input: z.output<S>): Promise<CommandResult>;
}

/** Types a command: its input is checked before the engine is opened. */
export function defineCommand<S extends z.ZodObject>(definition: CommandDefinition<S>): Command {
  const { name, summary, schema, argument, examples, run } = definition;
  return {
    name,
    summary,
    schema,
    argument,
    examples,
    async execute(input, open) {
      const positional = argument === undefined ? [] : [argument];
      const checked = parseInput(schema, input, positional);
      const context = await open();
      return run(context, checked).catch((error: unknown) =>
        rethrowAsTyped(error, schema, positional),
      );
    },
  };
}
