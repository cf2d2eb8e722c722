/** The project's own files as text, and what they import; for tests that hold the tree to its rules. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The floors, from the ground up. */
export const floors = [
  'state',
  'tensor',
  'series',
  'models',
  'services',
  'agents',
  'graphs',
  'app',
] as const;
export type Floor = (typeof floors)[number];

/** One source file; `path` is relative to the root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

/** All files under `folder` whose name ends with `extension`, sorted by path. */
export function filesUnder(folder: string, extension = '.ts'): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
    .map(readSource);
}

/** One file by its path from the root. */
export function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, lines: text.replace(/\n$/, '').split('\n') };
}

/** Every file of the floors. */
export const productFiles: readonly SourceFile[] = floors.flatMap((floor) => filesUnder(floor));

const importPatterns = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'/gm,
  /^\s*import\s*'([^']+)'/gm,
  /\bimport\(\s*'([^']+)'\s*\)/g,
  /\bnew URL\(\s*'(\.[^']+)',\s*import\.meta\.url/g,
];

/** What `file` imports: own files as paths from the root, packages by their specifier. */
export function importsOf({ path, text }: SourceFile): string[] {
  const specifiers = importPatterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, specifier]) => specifier!),
  );
  return [...new Set(specifiers)].map((specifier) =>
    specifier.startsWith('.')
      ? normalize(join(dirname(path), specifier)).replaceAll('\\', '/')
      : specifier,
  );
}

/** `entries` and everything that they import, directly or not. */
export function reachableFrom(entries: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const own = importsOf(readSource(path)).filter((target) => target.endsWith('.ts'));
    queue.push(...own.filter((target) => existsSync(join(root, target))));
  }
  return seen;
}
