/** Atomic files: old contents or new ones, never a part, and errors in the catalogue's words. */
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../services/artifacts/atomic-file.ts';
import { guardFile, mapFileError } from '../../../services/artifacts/file-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('atomic-file');

describe('writeFileAtomic', () => {
  it('makes missing folders and replaces what was there', async () => {
    const path = join(folder, 'a/b/c.txt');
    await writeFileAtomic(path, 'first');
    await writeFileAtomic(path, new TextEncoder().encode('second'));
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['c.txt']);
  });

  it('leaves whole contents of one writer when many write at once', async () => {
    const path = join(folder, 'race.txt');
    const contents = Array.from({ length: 20 }, (_, i) => String(i).repeat(50_000));
    await Promise.all(contents.map((text) => writeFileAtomic(path, text)));
    expect(contents).toContain(readFileSync(path, 'utf8'));
  });

  it('leaves the old contents and no litter where it cannot write', async () => {
    const path = join(folder, 'taken');
    mkdirSync(join(path, 'with'), { recursive: true });
    await expect(writeFileAtomic(path, 'x')).rejects.toThrow(
      expect.objectContaining({ code: 'STORE_UNWRITABLE' }),
    );
    expect(existsSync(join(path, 'with'))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('says so where a file stands in for a folder', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(writeFileAtomic(join(folder, 'file', 'x'), 'x')).rejects.toThrow(
      expect.objectContaining({ code: 'STORE_UNWRITABLE' }),
    );
  });
});

describe('mapFileError', () => {
  it.skipIf(!existsSync('/dev/full'))('tells a full disk, as /dev/full is one', () => {
    const write = (): number => writeSync(openSync('/dev/full', 'w'), 'x');
    expect(() => guardFile('somewhere', write)).toThrow(
      expect.objectContaining({ code: 'STORE_FULL', details: { path: 'somewhere' } }),
    );
  });

  it('rethrows what no user can act on', () => {
    const error = new TypeError('a mistake');
    expect(() => mapFileError('somewhere', error)).toThrow(error);
  });
});
