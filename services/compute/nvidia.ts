/** NVIDIA devices, as far as their driver tells; absent tools mean that nothing is known, not that something failed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** One device. */
export interface NvidiaDevice {
  readonly name: string;
  readonly driver: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
}

const query = ['--query-gpu=name,driver_version,memory.total,memory.free', '--format=csv,noheader'];

/** The devices that `nvidia-smi` lists; none where there is no such program or it fails. */
export async function findNvidiaDevices(program = 'nvidia-smi'): Promise<readonly NvidiaDevice[]> {
  const listed = promisify(execFile)(program, query, { timeout: 10_000 });
  const output = await listed.then(
    ({ stdout }) => stdout,
    () => '',
  );
  return output
    .split('\n')
    .map(parseLine)
    .filter((device) => device !== undefined);
}

/** Reads a line such as `NVIDIA H200, 570.133.20, 143771 MiB, 143167 MiB`. */
function parseLine(line: string): NvidiaDevice | undefined {
  const found = /^(.+), ([\d.]+), (\d+) MiB, (\d+) MiB$/.exec(line.trim());
  if (!found) return undefined;
  const [, name, driver, total, free] = found;
  const mebibyte = 2 ** 20;
  return {
    name: name!,
    driver: driver!,
    totalBytes: Number(total) * mebibyte,
    freeBytes: Number(free) * mebibyte,
  };
}
