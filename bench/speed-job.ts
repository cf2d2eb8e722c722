/** One of our local models on many series, in a process of its own: `speed-job.js job.json` prints one line of JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import { findModel } from '../models/index.ts';
import { fitHistories } from '../services/local/fit-series.ts';
import { assert } from '../state/errors.ts';
import { peakMib } from './peers/peak-memory.ts';
import type { SpeedJob, SpeedMeasurement } from './peers/speed-measurement.ts';

const importSeconds = performance.now() / 1000;

function run(job: SpeedJob): SpeedMeasurement {
  const { horizon, season, lengths } = job;
  const model = findModel(job.model);
  assert(model.family === 'naive' || model.family === 'statistical', `${job.model} is local`);
  const bytes = readFileSync(job.values);
  const values = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  const offsets = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) offsets[i + 1] = offsets[i]! + length;
  const forecast = (count: number): Float64Array =>
    fitHistories(model, {
      hyperparameters: {},
      context: { horizon, season, seasons: [season] },
      values,
      offsets: offsets.subarray(0, count + 1),
      deviation: false,
    }).mean;
  const loadedMib = peakMib();
  const before = performance.now();
  forecast(1);
  const between = performance.now();
  const forecasts = forecast(lengths.length);
  const after = performance.now();
  writeFileSync(job.forecasts, forecasts);
  return {
    versions: { node: process.version },
    importSeconds,
    firstSeconds: (between - before) / 1000,
    seconds: (after - between) / 1000,
    loadedMib,
    peakMib: peakMib(),
  };
}

console.log(JSON.stringify(run(JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as SpeedJob)));
