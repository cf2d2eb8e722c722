/** One folder for all that the tests put among temporary files, also where a test or its process ends early. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let root: string | undefined;

/** Before all tests: makes `os.tmpdir()` of every test process that folder. */
export function setup(): void {
  root = mkdtempSync(join(tmpdir(), 'agentic-forecast-tests-'));
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = root;
}

/** After all tests: removes it. */
export function teardown(): void {
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
}
