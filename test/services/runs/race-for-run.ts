/** Waits for a moment, then tries to take a run that other processes want too; holds what it has got. */
import { openDatabase } from '../../../services/database/database.ts';
import { createRuns } from '../../../services/runs/runs.ts';

const [path, startMs] = process.argv.slice(2);
const database = openDatabase(path!);
const runs = createRuns(database, { clock: Date.now, host: 'here', pid: process.pid });
setTimeout(() => {
  try {
    const lease = runs.acquire('run');
    process.stdout.write(`won ${lease.token}\n`);
    setInterval(() => undefined, 1000);
  } catch (error) {
    process.stdout.write(`${(error as { code: string }).code}\n`);
  }
}, Number(startMs) - Date.now());
