/** Artifacts in a local folder: `<first two digits>/<the other 62>`, written atomically, never followed through links. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../../state/errors.ts';
import type { Artifacts } from './artifacts.ts';
import { temporarySuffix, writeFileAtomic } from './atomic-file.ts';
import { fileErrorCode, guardFile, mapFileError } from './file-errors.ts';

const uriPattern = /^sha256:([0-9a-f]{64})$/;
const strayAfterMs = 60 * 60 * 1000;

/** Opens the store in `folder`, making it if needed and clearing out writings that died an hour ago or earlier. */
export function createLocalArtifacts(
  folder: string,
  options: { readonly clock?: () => number } = {},
): Artifacts {
  const root = guardFile(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return realpathSync(folder);
  });
  const temporaryFolder = join(root, 'tmp');
  guardFile(temporaryFolder, () => removeStrays(temporaryFolder, (options.clock ?? Date.now)()));

  const pathOf = (uri: string): string => {
    const digest = uriPattern.exec(uri)?.[1] ?? fail('ARTIFACT_URI_INVALID', { uri });
    return join(root, digest.slice(0, 2), digest.slice(2));
  };

  /** The path itself where a regular file lies there under no link, undefined where there is nothing. */
  const locate = async (uri: string): Promise<string | undefined> => {
    const path = pathOf(uri);
    const real = await realpath(path).catch((error: unknown) => {
      if (fileErrorCode(error) === 'ENOENT') return undefined;
      return mapFileError(path, error);
    });
    if (real === undefined) return undefined;
    if (real !== path || !(await lstat(path)).isFile()) fail('ARTIFACT_CORRUPT', { uri });
    return path;
  };

  const read = async (uri: string): Promise<{ path: string; bytes: Uint8Array }> => {
    const path = (await locate(uri)) ?? fail('ARTIFACT_MISSING', { uri });
    const bytes = await readBytes(path);
    if (addressOf(bytes) !== uri) fail('ARTIFACT_CORRUPT', { uri });
    return { path, bytes };
  };

  return {
    put: async (bytes) => {
      const uri = addressOf(bytes);
      const found = await locate(uri);
      // A damaged copy is replaced: these bytes are the ones the address names.
      if (found !== undefined && addressOf(await readBytes(found)) === uri) return uri;
      const path = pathOf(uri);
      await checkFolder(dirname(path));
      await writeFileAtomic(path, bytes, temporaryFolder);
      return uri;
    },
    get: async (uri) => (await read(uri)).bytes,
    has: async (uri) => (await locate(uri)) !== undefined,
    localPath: async (uri) => (await read(uri)).path,
  };
}

async function readBytes(path: string): Promise<Uint8Array> {
  return await readFile(path).catch((error: unknown) => mapFileError(path, error));
}

/** Refuses a folder that is a link, which would lead a writing out of the store. */
async function checkFolder(folder: string): Promise<void> {
  const real = await realpath(folder).catch((error: unknown) => {
    if (fileErrorCode(error) === 'ENOENT') return folder;
    return mapFileError(folder, error);
  });
  if (real !== folder) fail('STORE_UNWRITABLE', { path: folder, problem: `it links to ${real}` });
}

/** Address of `bytes`. */
export function addressOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function removeStrays(folder: string, nowMs: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!name.endsWith(temporarySuffix)) continue;
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && nowMs - found.mtimeMs >= strayAfterMs) rmSync(path, { force: true });
  }
}
