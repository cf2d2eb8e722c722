/** Placement: which nodes of a model ran on which provider, read from the runtime's own profile of a run. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs of nodes, by operator. */
export interface Placement {
  /** On the device that was asked for. */
  readonly device: Readonly<Record<string, number>>;
  /** On the processor, because the device has no kernel for them; loops, which only steer, do not count. */
  readonly fallback: Readonly<Record<string, number>>;
  /** Copies between the memories of device and processor. */
  readonly copies: number;
}

interface ProfileEvent {
  readonly cat?: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/** Operators that have no arithmetic of their own. */
const steering = new Set(['Loop', 'Scan', 'If', 'Identity']);

/** Does `work`, which makes and releases one session with the profile it is given, and tells where its nodes ran. */
export async function observePlacement(
  work: (profile: string) => Promise<void>,
): Promise<Placement> {
  const folder = await mkdtemp(join(tmpdir(), 'placement-'));
  try {
    await work(join(folder, 'nodes'));
    const device: Record<string, number> = {};
    const fallback: Record<string, number> = {};
    let copies = 0;
    for (const name of await readdir(folder)) {
      const events = JSON.parse(await readFile(join(folder, name), 'utf8')) as ProfileEvent[];
      for (const { cat, args } of events) {
        const operator = args?.op_name;
        if (cat !== 'Node' || operator === undefined) continue;
        const counts = args?.provider === 'CPUExecutionProvider' ? fallback : device;
        if (operator.startsWith('Memcpy')) copies++;
        else if (!steering.has(operator)) counts[operator] = (counts[operator] ?? 0) + 1;
      }
    }
    return { device, fallback, copies };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A placement in words, such as `12 of 90 node runs on the processor (Gather 9, Cast 3), 5 copies`. */
export function describePlacement({ device, fallback, copies }: Placement): string {
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((a, b) => a + b, 0);
  const most = Object.entries(fallback)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`);
  const named = most.length > 0 ? ` (${most.join(', ')})` : '';
  const total = sum(device) + sum(fallback);
  return `${sum(fallback)} of ${total} node runs on the processor${named}, ${copies} copies`;
}
