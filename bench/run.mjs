/** Runs one benchmark: `node bench/run.mjs <name> [--save]` loads `bench/<name>.ts` and calls its `main`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const folder = dirname(fileURLToPath(import.meta.url));
const name = process.argv[2] ?? '';
const path = join(folder, `${name}.ts`);
if (name === '' || !existsSync(path)) {
  console.error(`There is no benchmark "${name}"; name a TypeScript file of ${folder}.`);
  process.exit(64);
}
const { module } = await runnerImport(path, {
  root: dirname(folder),
  configFile: false,
  logLevel: 'error',
});
await module.main(process.argv.slice(3));
