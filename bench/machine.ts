/** The machine that a benchmark ran on, as its results name it. */
import { cpus, totalmem } from 'node:os';

/** Processor, cores, memory in GiB, version of Node, platform. */
export type Machine = ReturnType<typeof describeMachine>;

/** This machine. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}
