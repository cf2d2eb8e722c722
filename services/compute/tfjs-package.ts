/** Finds TensorFlow.js: whichever of its packages is installed, the fastest first. None of them is a dependency. */
import { createRequire } from 'node:module';
import { fail } from '../../state/errors.ts';

/** The functions of TensorFlow.js, which all of its packages share. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');
export type Tensor = import('@tensorflow/tfjs-core').Tensor;

/** An installed package. */
export interface TensorFlowPackage {
  readonly tf: TensorFlow;
  /** Package and backend, such as `@tensorflow/tfjs-node (tensorflow)`. */
  readonly name: string;
}

/** Packages in order of speed; the last is the core alone, with the backend in plain JavaScript that it needs. */
const packages: readonly (readonly [string, ...string[]])[] = [
  ['@tensorflow/tfjs-node-gpu'],
  ['@tensorflow/tfjs-node'],
  ['@tensorflow/tfjs'],
  ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'],
];

/** Loads the first package that is installed. Errors: DEVICE_UNAVAILABLE. */
export async function loadTensorFlow(): Promise<TensorFlowPackage> {
  const load = createRequire(import.meta.url);
  const installed = packages.find((names) => names.every((name) => isInstalled(load, name)));
  if (installed === undefined) {
    const problem =
      'no package of TensorFlow.js is installed (npm install @tensorflow/tfjs-node, or @tensorflow/tfjs-node-gpu with CUDA 11)';
    fail('DEVICE_UNAVAILABLE', { device: 'tfjs', problem });
  }
  const [main] = installed.map((name) => load(name) as TensorFlow) as [TensorFlow, ...TensorFlow[]];
  await main.ready();
  return { tf: main, name: `${installed[0]} (${main.getBackend()})` };
}

function isInstalled(load: NodeJS.Require, name: string): boolean {
  try {
    load.resolve(name);
    return true;
  } catch {
    return false;
  }
}
