/** Program of the crash test: trains slowly enough to be killed, and prints a line at every validation. */
import { smallTask, trainingIn } from './training-tasks.ts';

const [folder = '', steps = ''] = process.argv.slice(2);
const emit = (): void => {
  process.stdout.write('validated\n');
};
await trainingIn(folder, steadyClock()).train(smallTask({ maxSteps: Number(steps) }, { emit }));

/** Every look takes 300 ms on it, so that progress is kept every few calls. */
function steadyClock(): () => number {
  let now = 0;
  return () => (now += 300);
}
