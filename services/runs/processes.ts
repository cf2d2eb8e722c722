/** Whether a process of this machine still lives, told apart from a later one that was given its number. */
import { readFileSync } from 'node:fs';
import { fileErrorCode } from '../artifacts/file-errors.ts';

interface ProcessStatus {
  /** One letter; Z and X are dead ones whose parent has not asked yet. */
  readonly state: string;
  /** Start time in clock ticks since boot. */
  readonly started: string;
}

/** Start time of process `pid` in the kernel's ticks; null where the kernel does not tell (no /proc). */
export function processStart(pid: number): string | null {
  return readStatus(pid)?.started ?? null;
}

/** Whether process `pid`, started at `started` (null if unknown), is still running. */
export function isProcessAlive(pid: number, started: string | null): boolean {
  if (!hasProcess(pid)) return false;
  const status = readStatus(pid);
  if (status === undefined) return true;
  if (status.state === 'Z' || status.state === 'X') return false;
  return started === null || status.started === started;
}

function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (fileErrorCode(error) === 'ESRCH') return false;
    // EPERM: it lives, but belongs to somebody else.
    if (fileErrorCode(error) === 'EPERM') return true;
    throw error;
  }
}

/** Fields 3 and 22 of /proc/<pid>/stat (man 5 proc); the name before them may itself hold blanks and brackets. */
function readStatus(pid: number): ProcessStatus | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    const started = fields[19];
    return state === undefined || started === undefined ? undefined : { state, started };
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
}
