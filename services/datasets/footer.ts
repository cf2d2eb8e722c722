/** Lines of words below a delimited table: where the data is from, say. */
import { open } from 'node:fs/promises';
import { isDate } from './cell-text.ts';
import { type DelimitedRecord, readRecords } from './delimited-records.ts';
import { isWrittenNumber } from './number-notation.ts';

const tailBytes = 4096;
const mostLines = 5;

/**
 * The lines of words without a separator at the end of `path`, a text file, whose last row before them has `width` cells, two
 * or more. None where a row may have been cut off: the last line is not ended, and none before it is empty.
 */
export async function readFooter(
  path: string,
  delimiter: string,
  width: number,
): Promise<readonly string[]> {
  const tail = await tailOf(path);
  const records = readRecords(tail, delimiter);
  const isEmpty = ({ cells }: DelimitedRecord): boolean => cells.every((cell) => cell === '');
  const isWords = ({ cells }: DelimitedRecord): boolean =>
    cells.length === 1 && !isDate(cells[0]!) && !isWrittenNumber(cells[0]!);
  const last = records.findLastIndex((record) => !isEmpty(record) && !isWords(record));
  const below = records.slice(last + 1);
  const footer = below.filter((record) => !isEmpty(record)).map(({ cells }) => cells[0]!);
  const isBelowRows = last >= 0 && width > 1 && records[last]!.cells.length === width;
  // Behind the break of the last line comes an empty record, too.
  return isBelowRows && below.some(isEmpty) && footer.length <= mostLines ? footer : [];
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
