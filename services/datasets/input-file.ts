/** The input as a file: whether it is there, its SHA-256, and whether its compression is whole. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { fail } from '../../state/errors.ts';
import { formatOf, type FileFormat } from './file-format.ts';
import { checkZstd } from './zstd-frames.ts';

/**
 * Checks that `path` is a file with bytes in it. Fails with INPUT_NOT_FOUND, INPUT_IS_FOLDER, INPUT_EMPTY or
 * INPUT_UNREADABLE.
 */
async function checkInputFile(path: string): Promise<void> {
  if (path.includes('\0')) fail('INPUT_NOT_FOUND', { path: path.replaceAll('\0', '?') });
  const found = await stat(path).catch((cause: unknown) => refuse(path, cause));
  if (found.isDirectory()) fail('INPUT_IS_FOLDER', { path });
  if (!found.isFile()) fail('INPUT_UNREADABLE', { path, problem: 'it is no regular file' });
  if (found.size === 0) fail('INPUT_EMPTY', { path, what: 'no data' });
}

/** SHA-256 of the file as `sha256:<64 hex digits>`, read as a stream. Errors as `checkInputFile`. */
export async function digestFile(path: string): Promise<string> {
  await checkInputFile(path);
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash).catch((cause: unknown) =>
    refuse(path, cause),
  );
  return `sha256:${hash.digest('hex')}`;
}

/** The format of `path`, which is a file with bytes in it and whole. Errors as `checkInputFile`, and INPUT_FORMAT_UNKNOWN. */
export async function checkFormat(path: string): Promise<FileFormat> {
  await checkInputFile(path);
  const format = formatOf(path);
  if (format.compression === 'gzip') await checkGzip(path);
  if (format.compression === 'zstd') await checkZstd(path);
  return format;
}

/**
 * Unpacks a gzip file to nowhere. The reader itself takes a truncated file for a shorter one, so only this tells
 * that the end is missing. Fails with INPUT_UNREADABLE.
 */
async function checkGzip(path: string): Promise<void> {
  const unpacked = createReadStream(path, { highWaterMark: 1 << 20 }).pipe(
    createGunzip({ chunkSize: 1 << 20 }),
  );
  await pipeline(unpacked, async (chunks: AsyncIterable<Buffer>) => {
    let bytes = 0;
    for await (const chunk of chunks) bytes += chunk.length;
    return bytes;
  }).catch((cause: unknown) =>
    fail(
      'INPUT_UNREADABLE',
      { path, problem: `its gzip data is damaged or cut off (${codeOf(cause)})` },
      { cause },
    ),
  );
}

function refuse(path: string, cause: unknown): never {
  const code = codeOf(cause);
  if (code === 'ENOENT' || code === 'ENOTDIR') return fail('INPUT_NOT_FOUND', { path }, { cause });
  return fail('INPUT_UNREADABLE', { path, problem: `the system says ${code}` }, { cause });
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : String(cause);
}
