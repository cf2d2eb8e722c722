/** Finds the shared real series; a test that needs one skips, saying so, where they are absent. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(process.env['SHARED_DATA'] ?? '../shared/data');

/** Path of a shared file such as `ett/ETTh1.csv.gz`, or undefined where it is absent and not required. */
export function sharedData(name: string): string | undefined {
  const path = resolve(folder, name);
  if (existsSync(path)) return path;
  if (process.env['REQUIRE_SHARED_DATA'] === '1')
    throw new Error(`Missing shared data file ${name}`);
  return undefined;
}
