/** Compute: which devices there are, what each of them reaches, and which one a training is to use. */
import { fail } from '../../state/errors.ts';
import type { Provider } from '../../tensor/session.ts';
import {
  createTrainingLoop,
  type TrainingLoop,
  type TrainingLoopSpec,
} from '../../tensor/training-loop.ts';
import type { DeviceWish } from './device-wish.ts';
import { type Device, type DeviceName, findDevices, findProcessor } from './devices.ts';
import { type MemoryStatistics, readMemory } from './processor.ts';
import { measureSteps, type ProbeSize, probeSizes, sizeOfStep } from './probe.ts';
import { createProbeCache, type Measurement } from './probe-cache.ts';
import { createTfjsExecutor } from './tfjs-executor.ts';

/** How large a training step is. */
export interface Workload {
  /** Trained numbers. */
  readonly parameters: number;
  /** Windows a step. */
  readonly batch: number;
}

/** The device to use, and why. */
export interface DeviceChoice {
  readonly device: Device;
  /** For sessions: the device, then the processor for what it leaves; with TensorFlow.js the processor alone. */
  readonly providers: readonly Provider[];
  /** Compiles a training step for the device. */
  openLoop(spec: TrainingLoopSpec): Promise<TrainingLoop>;
  /** The end of a sentence that begins with what is done there. */
  readonly reason: string;
  /** Empty unless there was a choice to measure. */
  readonly measured: readonly Measurement[];
}

/** Knows the devices. */
export interface Compute {
  /** Every device there may be, the processor first, with the reason where it cannot be used. Looked for once. */
  devices(): Promise<readonly Device[]>;
  memory(): MemoryStatistics;
  /**
   * The named device, or with `auto` the one that takes a step of `workload` in the shortest time by a measured probe
   * (by the mean of the small and the large step if there is no workload). Errors: DEVICE_UNAVAILABLE.
   */
  choose(wanted: DeviceWish, workload?: Workload): Promise<DeviceChoice>;
}

/** What the service needs from outside. */
export interface ComputeDependencies {
  readonly threads: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A clock in milliseconds that only grows. */
  readonly now: () => number;
  /** File in which probes are kept, so that later processes choose the same without measuring; none unless given. */
  readonly cacheFile?: string;
  /** Looks for the devices; as this machine has them unless given. */
  readonly find?: typeof findDevices;
}

const probeMs = 200;

/** Devices of this machine. */
export function createCompute(dependencies: ComputeDependencies): Compute {
  const { threads, environment, now, cacheFile, find = findDevices } = dependencies;
  const cache = createProbeCache(cacheFile);
  let found: Promise<readonly Device[]> | undefined;
  const devices = (): Promise<readonly Device[]> => (found ??= find(environment));
  const measure = (device: Device, name: Provider): Promise<Measurement> =>
    cache.get(`${device.identity}, ${threads} threads`, async () => {
      const options = { providers: providersOf(name), threads, forMs: probeMs, now };
      const [small, large] = probeSizes as [ProbeSize, ProbeSize];
      return {
        device: name,
        small: await measureSteps(small, options),
        large: await measureSteps(large, options),
      };
    });
  const chooseFastest = async (workload?: Workload): Promise<DeviceChoice> => {
    const all = await devices();
    const usable = all.filter(
      ({ name, whyNot, software }) => name !== 'tfjs' && whyNot === undefined && !software,
    );
    if (usable.length === 1) {
      const soft = all.find(
        ({ name, software, whyNot }) => name === 'webgpu' && software && !whyNot,
      );
      const others = soft === undefined ? 'there is no other device' : 'webgpu is software';
      return choiceOf(usable[0]!, `as ${others}`, []);
    }
    const measured: Measurement[] = [];
    for (const device of usable) measured.push(await measure(device, device.name as Provider));
    const best = measured.toSorted((a, b) => stepTime(a, workload) - stepTime(b, workload))[0]!;
    const device = usable.find(({ name }) => name === best.device)!;
    const why = `the fastest by measured steps a second: ${inWords(measured)}`;
    return choiceOf(device, why, measured);
  };
  return {
    devices,
    memory: () => readMemory(),
    async choose(wanted, workload) {
      if (wanted === 'auto') return chooseFastest(workload);
      // The processor is always there: nothing else has to be tried for it.
      const all = wanted === 'cpu' ? [findProcessor()] : await devices();
      const device = all.find(({ name }) => name === wanted)!;
      if (device.whyNot !== undefined) {
        fail('DEVICE_UNAVAILABLE', { device: wanted, problem: device.whyNot });
      }
      return choiceOf(device, 'as configured', []);
    },
  };
}

/**
 * Seconds for a step of `workload`, on the straight line through the two measured sizes; without a workload, the
 * geometric mean of both.
 */
export function stepTime({ small, large }: Measurement, workload?: Workload): number {
  if (workload === undefined) return Math.sqrt(1 / small / large);
  const [from, to] = probeSizes.map(sizeOfStep) as [number, number];
  const share = (workload.parameters * workload.batch - from) / (to - from);
  return 1 / small + Math.max(0, share) * Math.max(0, 1 / large - 1 / small);
}

function choiceOf(device: Device, why: string, measured: readonly Measurement[]): DeviceChoice {
  const providers = providersOf(device.name);
  return {
    device,
    providers,
    reason: `${describe(device)}, ${why}`,
    measured,
    async openLoop(spec) {
      if (device.name !== 'tfjs') return createTrainingLoop({ ...spec, providers });
      const executor = await createTfjsExecutor();
      return executor.createTrainingLoop(spec);
    },
  };
}

function providersOf(name: DeviceName): readonly Provider[] {
  return name === 'cpu' || name === 'tfjs' ? ['cpu'] : [name, 'cpu'];
}

function describe({ name, description }: Device): string {
  return name === 'cpu' ? `on the processor (${description})` : `on ${name} (${description})`;
}

function inWords(measured: readonly Measurement[]): string {
  const figure = (steps: number): string =>
    steps >= 100 ? Math.round(steps).toLocaleString('en') : steps.toPrecision(2);
  return measured
    .map(({ device, small, large }) => `${device} ${figure(small)} small, ${figure(large)} large`)
    .join('; ');
}
