/** Colour and width of what is printed: decided once, from the stream and the environment. */
import { styleText } from 'node:util';

/** Formats that the program uses; names are those of `util.styleText`. */
export type Format = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

/** How text is dressed for one reader. */
export interface Style {
  /** Characters in a line. */
  readonly width: number;
  /** `text` in `format`, or unchanged where colour is not wanted. */
  paint(format: Format, text: string): string;
}

/** What is asked of a stream to know who reads it. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether to colour: NO_COLOR (no-color.org) and FORCE_COLOR come before what the stream is. */
export function wantsColor(stream: Terminal, environment: Environment): boolean {
  if (environment['NO_COLOR']) return false;
  const forced = environment['FORCE_COLOR'];
  if (forced) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}

/** The style for one stream; a pipe, or a terminal that says 0, gets 100 columns. */
export function createStyle(stream: Terminal, environment: Environment): Style {
  const color = wantsColor(stream, environment);
  return {
    width: Math.min(Math.max(stream.columns || 100, 40), 120),
    paint: (format, text) => (color ? styleText(format, text, { validateStream: false }) : text),
  };
}
