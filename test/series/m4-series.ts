/** Reads the M4 competition's official files: a header, then one quoted series a row, padded with empty cells. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Values of every series by id, in the order of the file. */
export function readM4(path: string): Map<string, Float64Array> {
  const [, ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [id, ...cells] = line.replaceAll(/["\r]/g, '').split(',');
      return [
        id!,
        Float64Array.from(
          cells.filter((cell) => cell !== ''),
          Number,
        ),
      ];
    }),
  );
}
