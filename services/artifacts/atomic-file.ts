/** Writes whole files so that a reader, or a crash, meets the old contents or the new ones and never a part. */
import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapFileError } from './file-errors.ts';

/** Suffix of files that are still being written; one left behind was never part of a store. */
export const temporarySuffix = '.tmp';

/**
 * Replaces the file at `path` by `bytes` (text is UTF-8), making missing folders. The bytes and then the name are on the
 * disk when it returns. `temporaryFolder`, on the same file system, is where it is written first; the file's own folder if
 * left out. Errors: STORE_FULL, STORE_UNWRITABLE.
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string,
  temporaryFolder: string = dirname(path),
): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await makeFolder(temporaryFolder);
    await replace(path, bytes, join(temporaryFolder, `.${randomUUID()}${temporarySuffix}`));
    await synchronise(dirname(path));
  } catch (error) {
    mapFileError(path, error);
  }
}

/** Makes the folder at `path` and sees that files may be put there. Errors: STORE_FULL, STORE_UNWRITABLE. */
export async function prepareFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
    await access(path, constants.W_OK);
  } catch (error) {
    mapFileError(path, error);
  }
}

async function replace(path: string, bytes: Uint8Array | string, temporary: string): Promise<void> {
  const file = await open(temporary, 'wx', 0o600);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A new folder's own name must reach the disk too, or a file in it would not be found after a power cut. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    await synchronise(dirname(made));
  }
}

async function synchronise(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
