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

const load = createRequire(import.meta.url);

/** What is missing, and how to get it. */
export const missingTensorFlow =
  'no package of TensorFlow.js is installed (npm install @tensorflow/tfjs-node, or @tensorflow/tfjs-node-gpu with CUDA 11)';

/** Name of the first package that is installed. */
export function installedTensorFlow(): string | undefined {
  return findPackages()?.[0];
}

/** Loads the first package that is installed. Errors: DEVICE_UNAVAILABLE. */
export async function loadTensorFlow(): Promise<TensorFlowPackage> {
  const installed = findPackages();
  if (installed === undefined) {
    fail('DEVICE_UNAVAILABLE', { device: 'tfjs', problem: missingTensorFlow });
  }
  const [main] = installed.map((name) => load(name) as TensorFlow) as [TensorFlow, ...TensorFlow[]];
  // Without checks of every value, and without advice on standard error.
  main.enableProdMode();
  await main.ready();
  return { tf: main, name: `${installed[0]} (${main.getBackend()})` };
}

function findPackages(): readonly [string, ...string[]] | undefined {
  return packages.find((names) => names.every((name) => isInstalled(name)));
}

function isInstalled(name: string): boolean {
  try {
    load.resolve(name);
    return true;
  } catch {
    return false;
  }
}
