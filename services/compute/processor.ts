/** The processor and its memory, as far as the operating system tells. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';

/** What the processor is. */
export interface Processor {
  /** As its maker names it. */
  readonly model: string;
  /** How many threads this process may run at once. */
  readonly threads: number;
  /** Those instruction sets that matrix products gain from, the oldest first; empty where they cannot be read. */
  readonly instructionSets: readonly string[];
}

/** Memory of the machine and of this process, in bytes. */
export interface MemoryStatistics {
  readonly totalBytes: number;
  /** What can be had without taking it from others; caches of files count as free. */
  readonly availableBytes: number;
  /** What this process holds in memory now. */
  readonly processBytes: number;
}

const known = [
  'sse4_2',
  'avx',
  'avx2',
  'fma',
  'avx512f',
  'avx512_vnni',
  'amx_tile',
  'asimd',
  'sve',
];

/** What the processor is; `cpuInfoPath` is the file in which Linux tells. */
export function describeProcessor(cpuInfoPath = '/proc/cpuinfo'): Processor {
  const text = existsSync(cpuInfoPath) ? readFileSync(cpuInfoPath, 'utf8') : '';
  // "flags" on x86, "Features" on Arm.
  const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1]?.split(/\s+/) ?? [];
  return {
    model: cpus()[0]?.model.trim() ?? 'unknown processor',
    threads: availableParallelism(),
    instructionSets: known.filter((set) => flags.includes(set)),
  };
}

/** Memory now; `memInfoPath` is the file in which Linux tells. */
export function readMemory(memInfoPath = '/proc/meminfo'): MemoryStatistics {
  const text = existsSync(memInfoPath) ? readFileSync(memInfoPath, 'utf8') : '';
  const kibibytes = /^MemAvailable:\s*(\d+) kB$/m.exec(text)?.[1];
  return {
    totalBytes: totalmem(),
    availableBytes: kibibytes === undefined ? freemem() : Number(kibibytes) * 1024,
    processBytes: process.memoryUsage.rss(),
  };
}
