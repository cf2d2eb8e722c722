/** Errors as the program prints them, and the exit codes that they end it with. */
import { isForecastError } from '../../state/errors.ts';
import type { Host } from './cli.ts';
import { createStyle } from './render/style.ts';

/** Exit code of an error that is in no catalogue (EX_SOFTWARE of sysexits.h). */
export const unexpectedExitCode = 70;

/** Prints `error` on stderr, or as one JSON document on stdout, and gives the exit code. */
export function reportError(error: unknown, { json, host }: { json: boolean; host: Host }): number {
  const known = isForecastError(error) ? error : undefined;
  const message = known?.message ?? oneLine(error);
  if (json) {
    const document = { error: { code: known?.code ?? 'UNEXPECTED', message } };
    host.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    const style = createStyle(host.stderr, host.environment);
    const label = style.paint('red', known ? 'error:' : 'unexpected error:');
    host.stderr.write(`${label} ${message}\n`);
  }
  if (host.environment['DEBUG']) host.stderr.write(`${stackOf(error)}\n`);
  return known?.exitCode ?? unexpectedExitCode;
}

const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
