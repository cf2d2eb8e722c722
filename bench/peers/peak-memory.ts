/** The largest resident memory of a process so far. */
import { existsSync, readFileSync } from 'node:fs';

/** Of the process `pid` in MiB, on Linux; undefined elsewhere and once it has ended. */
export function peakMibOf(pid: number | 'self'): number | undefined {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return undefined;
  const line = /^VmHWM:\s+(\d+)/m.exec(readFileSync(path, 'utf8'));
  return line === null ? undefined : Number(line[1]) / 1024;
}

/** Of this process in MiB. Linux adds the parent's memory at the start of a process to maxRSS, but not to VmHWM. */
export function peakMib(): number {
  return peakMibOf('self') ?? process.resourceUsage().maxRSS / 1024;
}
