/** Lines of words below a delimited table: where the data is from, say. */
import { open } from 'node:fs/promises';
import { isDate } from './cell-text.ts';
import { readRecords } from './delimited-records.ts';
import { isWrittenNumber } from './number-notation.ts';

const tailBytes = 4096;
const mostLines = 5;

/**
 * The lines of words without a separator at the end of `path`, a text file, whose last row before them has `width` cells, two
 * or more.
 */
export async function readFooter(
  path: string,
  delimiter: string,
  width: number,
): Promise<readonly string[]> {
  const records = readRecords(await tailOf(path), delimiter).filter(({ cells }) =>
    cells.some((cell) => cell !== ''),
  );
  const isWords = (cells: readonly string[]): boolean =>
    cells.length === 1 && !isDate(cells[0]!) && !isWrittenNumber(cells[0]!);
  const last = records.findLastIndex(({ cells }) => !isWords(cells));
  const footer = records.slice(last + 1).map(({ cells }) => cells[0]!);
  const isBelowRows = last >= 0 && records[last]!.cells.length === width;
  return width > 1 && isBelowRows && footer.length <= mostLines ? footer : [];
}

/** The last lines of a file that are whole. */
async function tailOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(tailBytes),
      position: from,
    });
    const text = buffer.toString('utf8', 0, bytesRead);
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await file.close();
  }
}
