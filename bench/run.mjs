/**
 * Runs one benchmark: `node bench/run.mjs <name> [--save]` loads `bench/<name>.ts` and calls its `main`; `--help` prints
 * what its comments say instead.
 */
import { existsSync, readFileSync } from 'node:fs';
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
if (process.argv.includes('--help')) {
  const source = readFileSync(path, 'utf8');
  const comments = [/\/\*\*(.*?)\*\//su, /.*\/\*\*(.*?)\*\/\s*export (?:async )?function main/su];
  const texts = comments.map((pattern) => pattern.exec(source)?.[1] ?? '');
  console.log(texts.map((text) => text.replace(/^\s*\* ?/gmu, '').trim()).join('\n\n'));
  process.exit(0);
}
const { module } = await runnerImport(path, {
  root: dirname(folder),
  configFile: false,
  logLevel: 'error',
});
await module.main(process.argv.slice(3));
