/** Devices and the choice between them: what is missing is said, what is measured decides. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCompute, stepTime } from '../../../services/compute/compute.ts';
import { findNvidiaDevices } from '../../../services/compute/nvidia.ts';
import { describePlacement } from '../../../services/compute/placement.ts';
import { createProbeCache } from '../../../services/compute/probe-cache.ts';
import { measureSteps } from '../../../services/compute/probe.ts';
import { describeProcessor, readMemory } from '../../../services/compute/processor.ts';
import { findVulkan, isSoftware } from '../../../services/compute/vulkan.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compute-'));
});
afterAll(() => rm(folder, { recursive: true }));

const now = (): number => performance.now();
/** Nothing is installed there. */
const bare = { VK_DRIVER_FILES: '/nowhere/driver.json' };
const open = (environment: Record<string, string> = bare) =>
  createCompute({ threads: 1, environment, now });

describe('the devices', () => {
  it('begin with the processor, which is always there', async () => {
    const [first, ...others] = await open().devices();
    expect(first).toMatchObject({ name: 'cpu', software: false });
    expect(first!.whyNot).toBeUndefined();
    expect(others.map(({ name }) => name)).toEqual(['webgpu', 'cuda', 'tfjs']);
  });

  it('say what is missing and how to get it', async () => {
    const devices = await open().devices();
    expect(devices[1]!.whyNot).toMatch(/libvulkan1|VK_DRIVER_FILES/);
    await expect(open().choose('webgpu')).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  });

  it('include every driver of Vulkan that is named', async () => {
    const path = join(folder, 'vk_swiftshader_icd.json');
    await writeFile(path, '{}');
    const found = findVulkan({ VK_DRIVER_FILES: `${path}:/nowhere/driver.json` });
    expect(found.drivers).toEqual(['vk_swiftshader_icd']);
    expect(isSoftware(found)).toBe(true);
    expect(isSoftware({ loader: true, drivers: ['lvp_icd', 'nvidia_icd'] })).toBe(false);
    expect(isSoftware({ loader: true, drivers: [] })).toBe(false);
  });

  it('are read from the listing of the NVIDIA driver', async () => {
    const program = join(folder, 'listing');
    const lines = '#!/bin/sh\necho "NVIDIA H200, 570.133.20, 143771 MiB, 143167 MiB"\n';
    await writeFile(program, lines, { mode: 0o755 });
    expect(await findNvidiaDevices(program)).toEqual([
      {
        name: 'NVIDIA H200',
        driver: '570.133.20',
        totalBytes: 143_771 * 2 ** 20,
        freeBytes: 143_167 * 2 ** 20,
      },
    ]);
    expect(await findNvidiaDevices(join(folder, 'absent'))).toEqual([]);
  });
});

describe('the processor', () => {
  it('is described by the flags that Linux lists', async () => {
    const path = join(folder, 'cpuinfo');
    await writeFile(path, 'processor\t: 0\nflags\t\t: fpu sse4_2 avx2 fma avx\n');
    expect(describeProcessor(path).instructionSets).toEqual(['sse4_2', 'avx', 'avx2', 'fma']);
    expect(describeProcessor(join(folder, 'absent')).instructionSets).toEqual([]);
    expect(describeProcessor(path).threads).toBeGreaterThan(0);
  });

  it('has the memory that Linux calls available', async () => {
    const path = join(folder, 'meminfo');
    await writeFile(path, 'MemTotal:       100 kB\nMemFree:  1 kB\nMemAvailable:   7 kB\n');
    expect(readMemory(path).availableBytes).toBe(7 * 1024);
    const { totalBytes, availableBytes, processBytes } = readMemory();
    expect(availableBytes).toBeLessThanOrEqual(totalBytes);
    expect(processBytes).toBeGreaterThan(2 ** 20);
  });
});

describe('the choice of a device', () => {
  it('needs no measurement where there is only one', async () => {
    const { device, providers, reason, measured } = await open().choose('auto');
    expect([device.name, providers, measured]).toEqual(['cpu', ['cpu'], []]);
    expect(reason).toMatch(/^on the processor \(.+\), as there is no other device$/);
  });

  it('is the one that was configured', async () => {
    const { providers, reason } = await open().choose('cpu');
    expect(providers).toEqual(['cpu']);
    expect(reason).toMatch(/^on the processor \(.+\), as configured$/);
  });

  it('depends on the size of a step where devices have overhead', () => {
    const processor = { device: 'cpu', small: 10_000, large: 20 } as const;
    const graphics = { device: 'webgpu', small: 500, large: 400 } as const;
    const quicker = (parameters: number, batch: number): boolean =>
      stepTime(graphics, { parameters, batch }) < stepTime(processor, { parameters, batch });
    expect(quicker(1000, 32)).toBe(false);
    expect(quicker(1_000_000, 1024)).toBe(true);
    // The measured sizes have the measured times.
    const [small, large] = [3 * 64 * 64, 3 * 512 * 512];
    expect(stepTime(processor, { parameters: small, batch: 32 })).toBeCloseTo(1e-4, 12);
    expect(stepTime(processor, { parameters: large, batch: 1024 })).toBeCloseTo(0.05, 12);
    expect(stepTime(graphics)).toBeCloseTo(Math.sqrt(1 / 500 / 400), 12);
  });

  it('is by measured speed, for each size of step', async () => {
    const cacheFile = join(folder, 'measured.json');
    const device = (name: 'cpu' | 'webgpu', software = false) =>
      ({ name, description: `a ${name}`, software, identity: name }) as const;
    const measured = {
      'cpu, 1 threads': { device: 'cpu', small: 10_000, large: 20 },
      'webgpu, 1 threads': { device: 'webgpu', small: 500, large: 400 },
    };
    await writeFile(cacheFile, JSON.stringify(measured));
    const find = (software: boolean) => async () => [device('cpu'), device('webgpu', software)];
    const given = { threads: 1, environment: bare, now, cacheFile };
    const compute = createCompute({ ...given, find: find(false) });
    const small = await compute.choose('auto', { parameters: 1000, batch: 32 });
    expect([small.device.name, small.providers]).toEqual(['cpu', ['cpu']]);
    const large = await compute.choose('auto', { parameters: 1_000_000, batch: 1024 });
    expect([large.device.name, large.providers]).toEqual(['webgpu', ['webgpu', 'cpu']]);
    expect(large.measured).toEqual(Object.values(measured));
    expect(large.reason).toBe(
      'on webgpu (a webgpu), the fastest by measured steps a second: cpu 10,000 small, 20 large; webgpu 500 small, 400 large',
    );
    const software = createCompute({ ...given, find: find(true) });
    expect((await software.choose('auto')).reason).toBe(
      'on the processor (a cpu), as webgpu is software',
    );
  });

  it('measures with a training that runs', async () => {
    const options = { providers: ['cpu'], threads: 1, forMs: 1, now } as const;
    expect(await measureSteps({ width: 8, batch: 4 }, options)).toBeGreaterThan(0);
  });

  it('measures each device once, in all processes that share a file', async () => {
    const path = join(folder, 'probe.json');
    const measured = { device: 'cpu', small: 2, large: 1 } as const;
    let count = 0;
    const measure = async () => {
      count++;
      return measured;
    };
    const cache = createProbeCache(path);
    const atOnce = await Promise.all([cache.get('a', measure), cache.get('a', measure)]);
    expect(atOnce).toEqual([measured, measured]);
    await cache.get('a', measure);
    expect(await createProbeCache(path).get('a', measure)).toEqual(measured);
    expect(count).toBe(1);
    await createProbeCache(path).get('another driver', measure);
    expect(count).toBe(2);
    expect(Object.keys(JSON.parse(await readFile(path, 'utf8')) as object)).toHaveLength(2);
  });

  it('measures again where its file is damaged', async () => {
    const path = join(folder, 'damaged.json');
    await writeFile(path, '{"a":{"device":"cp');
    const measured = { device: 'cpu', small: 2, large: 1 } as const;
    expect(await createProbeCache(path).get('a', async () => measured)).toEqual(measured);
  });
});

describe('a placement', () => {
  it('is told with what falls back, the most frequent first', () => {
    const placement = {
      device: { MatMul: 6, Add: 2 },
      fallback: { Sign: 1, Gather: 3 },
      copies: 5,
    };
    expect(describePlacement(placement)).toBe(
      '4 of 12 node runs on the processor (Gather 3, Sign 1), 5 copies',
    );
  });
});
