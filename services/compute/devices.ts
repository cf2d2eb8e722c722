/** Devices: what can train and predict on this machine, and what is missing where something cannot. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { input } from '../../tensor/expression.ts';
import { mul } from '../../tensor/functions.ts';
import { createProgram } from '../../tensor/program.ts';
import type { Provider } from '../../tensor/session.ts';
import { findNvidiaDevices, type NvidiaDevice } from './nvidia.ts';
import { describeProcessor } from './processor.ts';
import { installedTensorFlow, missingTensorFlow } from './tfjs-package.ts';
import { findVulkan, isSoftware, type VulkanInstallation } from './vulkan.ts';

/** A provider of ONNX Runtime, or TensorFlow.js. */
export type DeviceName = Provider | 'tfjs';

/** Something that computes. */
export interface Device {
  readonly name: DeviceName;
  /** What it is, in a few words. */
  readonly description: string;
  /** What is missing, and how to get it; absent if the device can be used. */
  readonly whyNot?: string;
  /** Whether it is a program that computes on the processor. */
  readonly software: boolean;
  /** Memory of its own, in bytes, where it can be had. */
  readonly memory?: { readonly totalBytes: number; readonly freeBytes: number };
  /** Tells it from others, and one version of its driver and of the runtime from another. */
  readonly identity: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Every device there may be, the processor first; the others are tried with one small computation. */
export async function findDevices(environment: Environment): Promise<readonly Device[]> {
  const nvidia = await findNvidiaDevices();
  const webgpu = await findWebgpu(environment, nvidia[0]);
  const cuda = await findCuda(nvidia[0]);
  return [findProcessor(), identified(webgpu), identified(cuda), findTfjs()];
}

/** The processor, which needs no trial. */
export function findProcessor(): Device {
  const { model, threads, instructionSets } = describeProcessor();
  const parts = [model, `${threads} hardware threads`, ...instructionSets.slice(-2)];
  const description = parts.join(', ');
  return identified({ name: 'cpu', description, software: false, identity: description });
}

/** TensorFlow.js, whatever it computes on. */
function findTfjs(): Device {
  const installed = installedTensorFlow();
  const description = installed ?? 'TensorFlow.js';
  // Only the packages for Node compute natively.
  const software = !description.includes('tfjs-node');
  const device = { name: 'tfjs', description, software, identity: description } as const;
  return installed === undefined ? { ...device, whyNot: missingTensorFlow } : device;
}

const load = createRequire(import.meta.url);
const runtimePackage = 'onnxruntime-node/package.json';

/** With the runtime's version in its identity. */
function identified(device: Device): Device {
  const { version } = load(runtimePackage) as { version: string };
  return { ...device, identity: `${device.name}, ${device.identity}, ONNX Runtime ${version}` };
}

async function findWebgpu(environment: Environment, nvidia?: NvidiaDevice): Promise<Device> {
  const onLinux = process.platform === 'linux';
  const vulkan = findVulkan(environment);
  const missing = onLinux ? missingVulkan(vulkan) : undefined;
  const problem = missing ?? (await tryProvider('webgpu'));
  const through = onLinux ? `Vulkan driver ${vulkan.drivers.join(', ')}` : process.platform;
  const software = onLinux && isSoftware(vulkan);
  const described = describeGraphics('webgpu', through, software ? undefined : nvidia);
  if (problem === undefined) return { ...described, software };
  const hint = missing === undefined && onLinux ? `${problem}; ${through} was tried` : problem;
  return { ...described, software, whyNot: hint };
}

function missingVulkan({ loader, drivers }: VulkanInstallation): string | undefined {
  if (!loader)
    return 'WebGPU needs Vulkan, and libvulkan.so.1 is not installed (Debian: apt-get install libvulkan1)';
  if (drivers.length > 0) return undefined;
  return 'WebGPU needs a Vulkan driver, and there is none (install that of the graphics card, Debian: mesa-vulkan-drivers or nvidia-vulkan-icd, or name its .json file in VK_DRIVER_FILES)';
}

async function findCuda(nvidia?: NvidiaDevice): Promise<Device> {
  const library = join(
    dirname(load.resolve(runtimePackage)),
    `bin/napi-v6/${process.platform}/${process.arch}/libonnxruntime_providers_cuda.so`,
  );
  const described = { ...describeGraphics('cuda', 'CUDA', nvidia), software: false };
  if (!existsSync(library)) {
    const whyNot =
      'the CUDA provider of ONNX Runtime is not installed (with CUDA 12 and cuDNN 9 in place: npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12)';
    return { ...described, whyNot };
  }
  const problem = await tryProvider('cuda');
  return problem === undefined ? described : { ...described, whyNot: problem };
}

function describeGraphics(name: Provider, through: string, nvidia?: NvidiaDevice) {
  if (nvidia === undefined) return { name, description: through, identity: through };
  const { totalBytes, freeBytes, driver } = nvidia;
  const description = `${nvidia.name}, ${through}`;
  const memory = { totalBytes, freeBytes };
  return { name, description, memory, identity: `${description}, driver ${driver}` };
}

/** Why `provider` cannot compute, in the runtime's words; undefined if it can. */
async function tryProvider(provider: Provider): Promise<string | undefined> {
  const double = { y: mul(input('x', 'float32', [2]), 2) };
  try {
    const program = await createProgram(double, { providers: [provider, 'cpu'], threads: 1 });
    const { y } = await program.run({ x: { data: Float32Array.of(1, 2), shape: [2] } });
    await program.release();
    return y![1] === 4 ? undefined : `it computes 2 x 2 = ${y![1]}`;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text
      .split('\n')[0]!
      .replace(/^.*was false\. /, '')
      .trim();
  }
}
