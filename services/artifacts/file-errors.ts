/** Tells what the file system refused in the catalogue's words. */
import { fail } from '../../state/errors.ts';

const full = new Set(['ENOSPC', 'EDQUOT']);
const refused = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
  'ENOENT',
  'ELOOP',
  'ENAMETOOLONG',
  'EMFILE',
  'ENFILE',
  'EIO',
  'EFBIG',
  'EBUSY',
]);

/** Code of a system error such as `ENOENT`; undefined for any other error. */
export function fileErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Rethrows `error`, met while writing `path`: as STORE_FULL, as STORE_UNWRITABLE, or as it is when neither fits. */
export function mapFileError(path: string, error: unknown): never {
  const code = fileErrorCode(error);
  if (code !== undefined && full.has(code)) fail('STORE_FULL', { path }, { cause: error });
  if (code !== undefined && refused.has(code)) {
    fail('STORE_UNWRITABLE', { path, problem: (error as Error).message }, { cause: error });
  }
  throw error;
}

/** Runs `work` on the file at `path`; its system errors are mapped by `mapFileError`. */
export function guardFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return mapFileError(path, error);
  }
}
