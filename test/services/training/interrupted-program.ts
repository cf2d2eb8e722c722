/** Program of the crash tests: trains a network, and after every line that it prints waits long enough to be killed. */
import { writeSync } from 'node:fs';
import { networkTask, trainingIn } from './training-tasks.ts';

/** Milliseconds. */
const pause = 200;

const [folder = '', model = '', steps = ''] = process.argv.slice(2);
const emit = (): void => {
  writeSync(1, 'event\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
};
const task = networkTask(model, { maxSteps: Number(steps) }, { emit });
await trainingIn(folder, steadyClock()).train(task);

/** Every look takes 300 ms on it, so that progress is kept every few calls. */
function steadyClock(): () => number {
  let now = 0;
  return () => (now += 300);
}
