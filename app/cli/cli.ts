/** The program without its process: arguments in, text out, an exit code back. */
import { Command as Parser, CommanderError } from 'commander';
import { type Config, configSchema, loadConfig } from '../../services/config/config.ts';
import { fail } from '../../state/errors.ts';
import type { Engine } from '../engine.ts';
import type { Command, CommandContext, CommandResult } from './command.ts';
import { commands } from './commands/index.ts';
import { describeKey, optionsFromSchema } from './options.ts';
import { createProgress, type Progress } from './progress.ts';
import { createStyle, type Terminal } from './render/style.ts';
import { reportError } from './report-error.ts';

/** A stream that text is written to. */
export interface Output extends Terminal {
  write(text: string): unknown;
}

/** Everything that the program takes from its surroundings. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly version: string;
  /** Aborted when a person interrupts the program. */
  readonly signal: AbortSignal;
  /** A terminal that a live line may be drawn on, if there is one. */
  readonly liveTerminal: NodeJS.WriteStream | undefined;
  openEngine(config: Config): Promise<Engine>;
}

type GlobalOptions = { readonly json?: true; readonly config?: string } & Record<string, unknown>;

/** Runs one command line (without node and script name) and gives the exit code; never throws. */
export async function runCli(args: readonly string[], host: Host): Promise<number> {
  try {
    await createParser(host)
      .parseAsync([...args], { from: 'user' })
      .catch((error: unknown) => refuseUsage(error, args));
    return 0;
  } catch (error) {
    return reportError(error, { json: saysJson(args), host });
  }
}

/** What the parser threw, as an error of the catalogue; help and version, which it throws too, are none. */
function refuseUsage(error: unknown, args: readonly string[]): void {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode === 0) return;
  const { code, message } = error;
  const name = commands.find((command) => args.includes(command.name))?.name;
  fail(
    'USAGE_INVALID',
    {
      problem: code === 'commander.help' ? 'a command is needed' : inOneLine(message),
      command: name === undefined ? 'agentic-forecast' : `agentic-forecast ${name}`,
    },
    { cause: error },
  );
}

const inOneLine = (message: string): string =>
  message
    .replace(/^error: /, '')
    .split('\n')
    .filter(Boolean)
    .join(' ');

/** Errors of parsing must be printed as JSON too, so the flag is looked for before parsing. */
function saysJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

/** The command-line parser with every command of the list. */
export function createParser(host: Host): Parser {
  const parser = new Parser('agentic-forecast')
    .description('Forecast time series with agents that can explain themselves')
    .version(host.version, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Print this help')
    .helpCommand('help [command]', 'Print the help of a command')
    .configureHelp({ showGlobalOptions: true, helpWidth: createStyle(host.stdout, {}).width })
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      outputError: () => undefined,
    })
    .exitOverride()
    .option('--json', 'Print one JSON document to stdout, everything else to stderr')
    .option(
      '--config <file>',
      'Configuration file (default: agentic-forecast.config.json, if there)',
    );
  for (const option of optionsFromSchema(configSchema)) parser.addOption(option);
  for (const command of commands) addCommand(parser, command, host);
  return parser;
}

function addCommand(parser: Parser, command: Command, host: Host): void {
  const { name, summary, schema, argument, examples } = command;
  const positional = argument === undefined ? [] : [argument];
  const sub = parser.command(name).description(summary);
  for (const key of positional) sub.argument(`<${key}>`, describeKey(schema, key));
  for (const option of optionsFromSchema(schema, positional)) sub.addOption(option);
  const lines = examples.map((example) => `  ${example}`);
  sub.addHelpText('after', `\n${lines.length > 1 ? 'Examples' : 'Example'}:\n${lines.join('\n')}`);
  sub.action(async () => {
    const given = Object.fromEntries(positional.map((key, i) => [key, sub.args[i]]));
    const input = { ...sub.opts(), ...given };
    await executeCommand(command, input, parser.opts<GlobalOptions>(), host);
  });
}

async function executeCommand(
  command: Command,
  input: unknown,
  globals: GlobalOptions,
  host: Host,
): Promise<void> {
  const { config: file, json, ...flags } = globals;
  const { cwd, environment, stdout } = host;
  const session = createSession(host, json === true, () =>
    loadConfig({ cwd, environment, flags, file }),
  );
  let result: CommandResult;
  let text: string;
  try {
    result = await command.execute(input, session.open);
    text = json ? JSON.stringify(result.document, null, 2) : result.text();
  } finally {
    await session.close();
  }
  stdout.write(session.printed() && !json ? `\n${text}\n` : `${text}\n`);
}

/** Opens the engine once a command's input is known to be right, and closes whatever was opened. */
function createSession(host: Host, json: boolean, config: () => Config) {
  const output = json ? host.stderr : host.stdout;
  const style = createStyle(output, host.environment);
  let engine: Engine | undefined;
  let progress: Progress | undefined;
  let printed = false;
  return {
    /** Whether progress was told, from which a report is set apart by an empty line. */
    printed: () => printed,
    async open(): Promise<CommandContext> {
      engine = await host.openEngine(config());
      progress = lazyProgress(() =>
        createProgress({
          style,
          print: (text) => {
            printed = true;
            output.write(`${text}\n`);
          },
          terminal: json ? undefined : host.liveTerminal,
        }),
      );
      const runOptions = { signal: host.signal, onEvent: progress.onEvent };
      return { engine, runOptions, style };
    },
    async close(): Promise<void> {
      progress?.stop();
      await engine?.close();
    },
  };
}

/** A live line must not appear for commands that never run anything: it starts with the first event. */
function lazyProgress(create: () => Progress): Progress {
  let progress: Progress | undefined;
  return {
    onEvent(line) {
      progress ??= create();
      progress.onEvent(line);
    },
    stop: () => progress?.stop(),
  };
}
