/** Walks the frames of a zstd file to see whether it is whole; nothing is unpacked (RFC 8878, section 3). */
import { open, type FileHandle } from 'node:fs/promises';
import { fail } from '../../state/errors.ts';

const frameMagic = 0xfd_2f_b5_28;
const skippableMagic = 0x18_4d_2a_50;
const blockTypes = { rle: 1, reserved: 3 } as const;
const fieldBytes = [0, 1, 2, 4] as const;

/**
 * Checks that `path` ends where its last frame does. The reader itself takes a truncated file for a shorter one.
 * Fails with INPUT_UNREADABLE.
 */
export async function checkZstd(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let at = 0;
    while (at < size) {
      const end = await frameEnd(file, at);
      if (end === undefined || end > size) {
        fail('INPUT_UNREADABLE', { path, problem: 'its zstd data is damaged or cut off' });
      }
      at = end;
    }
  } finally {
    await file.close();
  }
}

/** Where the frame that begins at `start` ends; undefined if there is none, or no end to it. */
async function frameEnd(file: FileHandle, start: number): Promise<number | undefined> {
  const head = await bytesAt(file, start, 8);
  if (!head) return undefined;
  const magic = head.readUInt32LE(0);
  if ((magic & 0xff_ff_ff_f0) >>> 0 === skippableMagic) return start + 8 + head.readUInt32LE(4);
  if (magic !== frameMagic) return undefined;
  const descriptor = head.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 2 ** sizeFlag;
  let at = start + 5 + (isSingleSegment ? 0 : 1) + fieldBytes[descriptor & 3]! + sizeBytes;
  for (let isLast = false; !isLast; ) {
    const block = await bytesAt(file, at, 3);
    if (!block) return undefined;
    const header = block.readUIntLE(0, 3);
    const type = (header >> 1) & 3;
    if (type === blockTypes.reserved) return undefined;
    at += 3 + (type === blockTypes.rle ? 1 : header >> 3);
    isLast = (header & 1) === 1;
  }
  return at + ((descriptor & 4) === 0 ? 0 : 4);
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer | undefined> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, at);
  return bytesRead === length ? buffer : undefined;
}
