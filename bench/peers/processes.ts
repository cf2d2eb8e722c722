/** Timed fits in processes of their own, so that each has its own start and its own memory. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import type { Job, Measurement } from './job.ts';

const start = promisify(execFile);
/** This folder, where the peers' programs are. */
export const peersFolder = dirname(fileURLToPath(import.meta.url));

/** A measurement, the forecasts [folds, series, horizon], and the seconds of the whole process. */
export interface Outcome extends Measurement {
  readonly processSeconds: number;
  readonly forecast: Float64Array;
}

/** Runs one job. */
export type Runner = (job: Job) => Promise<Outcome>;

function runnerOf(program: string, script: string, workFolder: string): Runner {
  return async (job) => {
    const path = join(workFolder, 'job.json');
    writeFileSync(path, JSON.stringify(job));
    const before = performance.now();
    const { stdout } = await start(program, [script, path], { maxBuffer: 2 ** 26 });
    const processSeconds = (performance.now() - before) / 1000;
    // What libraries print comes before the last line.
    const measurement = JSON.parse(stdout.trim().split('\n').at(-1)!) as Measurement;
    const bytes = readFileSync(job.forecasts);
    const forecast = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
    return { ...measurement, processSeconds, forecast };
  };
}

/** Compiles `entry`, a file of the folder of benchmarks, to plain JavaScript, as it is when it is installed; the path of what came of it. */
export async function compileJob(entry: string): Promise<string> {
  const root = join(peersFolder, '..', '..');
  const name = basename(entry, '.ts');
  // Inside the project, so that its packages are found.
  const outDir = join(root, 'node_modules', '.cache', 'agentic-forecast-bench', name);
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { ssr: join(root, 'bench', entry), outDir, emptyOutDir: true, target: 'node20' },
  });
  return join(outDir, `${name}.js`);
}

/** Our side, compiled first. */
export async function createOurRunner(workFolder: string): Promise<Runner> {
  return runnerOf(process.execPath, await compileJob('peers/ours.ts'), workFolder);
}

/** The Python that has the peer: `PEERS_PYTHON`, or an environment `peers-venv` in the folder for temporary files. */
export const peerPython =
  process.env['PEERS_PYTHON'] ?? join(tmpdir(), 'peers-venv', 'bin', 'python');

/** The side of neuralforecast; undefined where its environment is missing. */
export function createPeerRunner(workFolder: string): Runner | undefined {
  if (!existsSync(peerPython)) return undefined;
  return runnerOf(peerPython, join(peersFolder, 'neuralforecast-job.py'), workFolder);
}
