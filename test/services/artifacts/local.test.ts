/** Artifacts in a local folder: addresses, digests, links, crashes. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Artifacts } from '../../../services/artifacts/artifacts.ts';
import { addressOf, createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { childProgram, finish } from '../child-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('artifacts');
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const failure = (code: string): unknown => expect.objectContaining({ code });
let stores = 0;
const newStore = (): { root: string; artifacts: Artifacts } => {
  const root = join(folder, `store-${stores++}`);
  return { root, artifacts: createLocalArtifacts(root) };
};
const pathIn = (root: string, uri: string): string => join(root, uri.slice(7, 9), uri.slice(9));

describe('createLocalArtifacts', () => {
  it('gives the SHA-256 of the contents, as published for "abc"', async () => {
    const uri = await newStore().artifacts.put(bytesOf('abc'));
    expect(uri).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('returns any bytes as they were, however often they are put', async () => {
    const { artifacts } = newStore();
    const anyBytes = fc.uint8Array({ maxLength: 300 });
    const property = fc.asyncProperty(anyBytes, async (bytes) => {
      const uri = await artifacts.put(bytes);
      expect(await artifacts.put(bytes)).toBe(uri);
      expect(Array.from(await artifacts.get(uri))).toEqual(Array.from(bytes));
      expect(await artifacts.has(uri)).toBe(true);
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it('gives a local path under its own folder, readable by its owner alone', async () => {
    const { root, artifacts } = newStore();
    const path = await artifacts.localPath(await artifacts.put(bytesOf('abc')));
    expect(path.startsWith(root)).toBe(true);
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
  });

  it('says what it does not have', async () => {
    const { artifacts } = newStore();
    const uri = addressOf(bytesOf('elsewhere'));
    expect(await artifacts.has(uri)).toBe(false);
    await expect(artifacts.get(uri)).rejects.toThrow(failure('ARTIFACT_MISSING'));
    await expect(artifacts.localPath(uri)).rejects.toThrow(failure('ARTIFACT_MISSING'));
  });

  it('refuses every address outside the grammar, before it touches a path', async () => {
    const { artifacts } = newStore();
    const digest = addressOf(bytesOf('abc')).slice(7);
    const hostile = fc.oneof(
      fc.string(),
      fc
        .constantFrom('../', '%2e%2e/', '%252e', '\\', '\0', '#', '?', '．．/', '/etc/passwd')
        .chain((part) =>
          fc.nat(64).map((at) => `sha256:${digest.slice(0, at)}${part}${digest.slice(at)}`),
        ),
      fc.constantFrom(
        digest,
        `SHA256:${digest}`,
        `sha256:${digest.toUpperCase()}`,
        `sha256:${digest}\n`,
        ` sha256:${digest}`,
        `sha256:${digest}#fragment`,
        `file:///${digest}`,
        `sha256:${'..'.repeat(32)}`,
      ),
    );
    const property = fc.asyncProperty(hostile, async (uri) => {
      await expect(artifacts.get(uri)).rejects.toThrow(failure('ARTIFACT_URI_INVALID'));
      await expect(artifacts.has(uri)).rejects.toThrow(failure('ARTIFACT_URI_INVALID'));
      await expect(artifacts.localPath(uri)).rejects.toThrow(failure('ARTIFACT_URI_INVALID'));
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it('finds a damaged artifact, and putting it again repairs it', async () => {
    const { root, artifacts } = newStore();
    const uri = await artifacts.put(bytesOf('contents'));
    writeFileSync(pathIn(root, uri), 'Contents');
    await expect(artifacts.get(uri)).rejects.toThrow(failure('ARTIFACT_CORRUPT'));
    await expect(artifacts.localPath(uri)).rejects.toThrow(failure('ARTIFACT_CORRUPT'));
    await artifacts.put(bytesOf('contents'));
    expect(await artifacts.get(uri)).toEqual(Buffer.from('contents'));
  });

  it('follows no link, neither of a file nor of a folder, even to the right contents', async () => {
    const { root, artifacts } = newStore();
    const uri = await artifacts.put(bytesOf('contents'));
    const path = pathIn(root, uri);
    renameSync(path, join(folder, 'moved'));
    symlinkSync(join(folder, 'moved'), path);
    await expect(artifacts.get(uri)).rejects.toThrow(failure('ARTIFACT_CORRUPT'));
    await expect(artifacts.put(bytesOf('contents'))).rejects.toThrow(failure('ARTIFACT_CORRUPT'));

    const other = newStore();
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, dirname(pathIn(other.root, uri)));
    await expect(other.artifacts.put(bytesOf('contents'))).rejects.toThrow(
      failure('STORE_UNWRITABLE'),
    );
    expect(readdirSync(outside)).toEqual([]);
  });

  it('clears out writings that died long ago, and leaves young ones and the artifacts', async () => {
    const { root, artifacts } = newStore();
    const uri = await artifacts.put(bytesOf('contents'));
    const old = join(root, 'tmp', '.old.tmp');
    const young = join(root, 'tmp', '.young.tmp');
    for (const path of [old, young]) writeFileSync(path, 'part');
    const twoHoursAgo = Date.now() / 1000 - 7200;
    utimesSync(old, twoHoursAgo, twoHoursAgo);
    createLocalArtifacts(root);
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
    expect(await artifacts.has(uri)).toBe(true);
    createLocalArtifacts(root, { clock: () => Date.now() + 7_200_000 });
    expect(existsSync(young)).toBe(false);
  });

  it('says that its place cannot be written', async () => {
    writeFileSync(join(folder, 'a-file'), '');
    expect(() => createLocalArtifacts(join(folder, 'a-file', 'x'))).toThrow(
      failure('STORE_UNWRITABLE'),
    );
    const { root, artifacts } = newStore();
    const uri = addressOf(bytesOf('contents'));
    writeFileSync(dirname(pathIn(root, uri)), 'a file where a folder belongs');
    await expect(artifacts.put(bytesOf('contents'))).rejects.toThrow(failure('STORE_UNWRITABLE'));
  });

  it('killed while it writes, keeps all that it promised and nothing else', async () => {
    const program = await childProgram('test/services/artifacts/put-in-a-loop.ts');
    const root = join(folder, 'killed');
    const promised: string[] = [];
    for (const round of [0, 1, 2, 3]) {
      const child = program.start(root, String(round * 1_000_000));
      const kill = (): void => {
        setTimeout(() => child.kill('SIGKILL'), 7 + 11 * round);
      };
      child.stdout!.once('data', kill);
      const { output, signal } = await finish(child);
      expect(signal).toBe('SIGKILL');
      promised.push(...output.split('\n').slice(0, -1));
    }
    const artifacts = createLocalArtifacts(root);
    for (const uri of promised) expect((await artifacts.get(uri)).length).toBe(200_000);
    for (const prefix of readdirSync(root).filter((name) => name !== 'tmp')) {
      for (const rest of readdirSync(join(root, prefix))) {
        expect(statSync(join(root, prefix, rest)).size).toBe(200_000);
        await artifacts.get(`sha256:${prefix}${rest}`);
      }
    }
    expect(promised.length).toBeGreaterThan(3);
  });
});
