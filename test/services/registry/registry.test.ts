/** The model registry: numbers, keys, aliases, names, and what a crash leaves. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { openDatabase } from '../../../services/database/database.ts';
import { canonicalJson } from '../../../services/registry/model-version.ts';
import { createRegistry, type VersionDraft } from '../../../services/registry/registry.ts';
import { isForecastError } from '../../../state/errors.ts';
import type { Json } from '../../../state/json.ts';
import { childProgram, finish } from '../child-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { versionDraft } from './model-version-draft.ts';

const folder = temporaryFolder('registry');
const failure = (code: string): unknown => expect.objectContaining({ code });
const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
const nowMs = Date.parse('2026-11-21T00:00:00.000Z');
let places = 0;
function newRegistry() {
  const place = join(folder, `models-${places++}`);
  const database = openDatabase(':memory:');
  return { place, database, registry: createRegistry(database, artifacts, place, () => nowMs) };
}
const versionFile = (place: string, version: number): unknown =>
  JSON.parse(readFileSync(join(place, 'sales-h12', String(version), 'version.json'), 'utf8'));

describe('publish', () => {
  it('numbers the versions of each model from 1, and repeats each in readable JSON', async () => {
    const { place, registry } = newRegistry();
    const first = await registry.publish(versionDraft('a'));
    const second = await registry.publish(versionDraft('b'));
    const other = await registry.publish(versionDraft('c', { model: 'other' }));
    expect([first.version, second.version, other.version]).toEqual([1, 2, 1]);
    expect(first).toMatchObject({ ...versionDraft('a'), createdAt: '2026-11-21T00:00:00.000Z' });
    expect([versionFile(place, 1), versionFile(place, 2)]).toEqual([first, second]);
    expect(registry.get('sales-h12', 2)).toEqual(second);
    expect(registry.get('sales-h12', '2')).toEqual(second);
    expect(registry.list().map(({ model, version }) => [model, version])).toEqual([
      ['other', 1],
      ['sales-h12', 1],
      ['sales-h12', 2],
    ]);
    expect(registry.list('other')).toEqual([other]);
  });

  it('signs the contents by the SHA-256 of their canonical JSON, whatever the key and the number', async () => {
    const { registry } = newRegistry();
    const { idempotencyKey: _, ...contents } = versionDraft('a');
    const digest = createHash('sha256').update(canonicalJson(contents)).digest('hex');
    const versions = [
      await registry.publish(versionDraft('a')),
      await registry.publish(versionDraft('b')),
    ];
    expect(versions.map(({ manifest }) => manifest)).toEqual([
      `sha256:${digest}`,
      `sha256:${digest}`,
    ]);
  });

  it('gives the first version again under its key, and refuses other contents', async () => {
    const { registry } = newRegistry();
    const first = await registry.publish(versionDraft('a'));
    expect(await registry.publish(versionDraft('a'))).toEqual(first);
    await expect(registry.publish(versionDraft('a', { metrics: { mase: 0.5 } }))).rejects.toThrow(
      expect.objectContaining({ code: 'REGISTRY_CONFLICT', details: { key: 'a' } }),
    );
    expect(registry.list()).toEqual([first]);
  });

  it('publishes once under one key when it is asked many times at once', async () => {
    const { registry } = newRegistry();
    const asked = Array.from({ length: 8 }, async () => await registry.publish(versionDraft('a')));
    expect(new Set((await Promise.all(asked)).map(({ version }) => version))).toEqual(new Set([1]));
    expect(registry.list()).toHaveLength(1);
  });

  it('refuses a version whose files are not in the artifact store', async () => {
    const { registry } = newRegistry();
    const uri = await artifacts.put(new TextEncoder().encode('weights'));
    const file = { name: 'model.onnx', uri, bytes: 7 };
    await registry.publish(versionDraft('a', { files: [file] }));
    const missing = { ...file, uri: `sha256:${'0'.repeat(64)}` };
    await expect(registry.publish(versionDraft('b', { files: [missing] }))).rejects.toThrow(
      failure('ARTIFACT_MISSING'),
    );
    expect(registry.list()).toHaveLength(1);
  });

  it('completes the readable JSON that a crash left out, and replaces one that is not its own', async () => {
    const { place, registry } = newRegistry();
    const first = await registry.publish(versionDraft('a'));
    rmSync(place, { recursive: true });
    await registry.publish(versionDraft('a'));
    expect(versionFile(place, 1)).toEqual(first);
    mkdirSync(join(place, 'sales-h12', '2'), { recursive: true });
    writeFileSync(join(place, 'sales-h12', '2', 'version.json'), '{}');
    const second = await registry.publish(versionDraft('b'));
    expect(versionFile(place, 2)).toEqual(second);
  });

  it('takes no name that leads elsewhere', async () => {
    const { place, registry } = newRegistry();
    const hostile = fc.oneof(
      fc.constantFrom('', '.', '..', '../x', 'a/b', 'a\\b', '/etc', '-rf', '.hidden', 'a\0', 'a\n'),
      fc.constantFrom('%2e%2e', '．．', 'a#b', 'a?b', 'a b', 'a'.repeat(101)),
      fc.string().filter((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)),
    );
    const property = fc.asyncProperty(hostile, async (model) => {
      await expect(registry.publish(versionDraft(model, { model }))).rejects.toThrow(
        failure('OPTION_INVALID'),
      );
    });
    await fc.assert(property, { numRuns: 100 });
    expect(existsSync(place)).toBe(false);
    await registry.publish(versionDraft('a'));
    for (const alias of ['', '../x', 'Champion', '1', 'a b']) {
      expect(() => registry.setAlias('sales-h12', alias, 1, 'r')).toThrow(
        failure('OPTION_INVALID'),
      );
    }
  });

  it('finds a version that was changed behind its back', async () => {
    const { database, registry } = newRegistry();
    await registry.publish(versionDraft('a'));
    database.prepare("UPDATE model_versions SET json = replace(json, '0.83', '0.43')").run();
    expect(() => registry.get('sales-h12', 1)).toThrow(failure('STORE_CORRUPT'));
    expect(() => registry.list()).toThrow(failure('STORE_CORRUPT'));
  });
});

describe('aliases', () => {
  it('point to one version, move with a reason, and keep their history', async () => {
    const { registry } = newRegistry();
    for (const key of ['a', 'b']) await registry.publish(versionDraft(key));
    expect(registry.resolveAlias('sales-h12', 'champion')).toBeUndefined();
    registry.setAlias('sales-h12', 'champion', 1, 'first');
    registry.setAlias('sales-h12', 'champion', 1, 'again');
    registry.setAlias('sales-h12', 'champion', 2, 'better');
    registry.setAlias('sales-h12', 'champion', 1, 'rolled back');
    expect(registry.get('sales-h12', 'champion').version).toBe(1);
    const move = { model: 'sales-h12', alias: 'champion', at: '2026-11-21T00:00:00.000Z' };
    expect(registry.aliasHistory('sales-h12')).toEqual([
      { ...move, version: 1, previous: null, reason: 'first' },
      { ...move, version: 2, previous: 1, reason: 'better' },
      { ...move, version: 1, previous: 2, reason: 'rolled back' },
    ]);
  });

  it('point to nothing that is not there', async () => {
    const { registry } = newRegistry();
    await registry.publish(versionDraft('a'));
    const unknown = failure('MODEL_VERSION_UNKNOWN');
    expect(() => registry.setAlias('sales-h12', 'champion', 2, 'r')).toThrow(unknown);
    expect(() => registry.setAlias('other', 'champion', 1, 'r')).toThrow(unknown);
    for (const name of [0, 2, -1, 1.5, '01', 'champion', '__proto__', '']) {
      expect(() => registry.get('sales-h12', name)).toThrow(unknown);
    }
  });
});

/** What a registry is, without any storage. */
interface ModelRegistry {
  readonly published: { model: string; key: string; variant: number }[];
  readonly moves: { model: string; alias: string; version: number }[];
}
const keysOf = ({ published }: ModelRegistry, model: string): string[] =>
  published.filter((version) => version.model === model).map(({ key }) => key);
const target = ({ moves }: ModelRegistry, model: string, alias: string): number | undefined =>
  moves.findLast((move) => move.model === model && move.alias === alias)?.version;

type Publication = ModelRegistry['published'][number];
type Move = ModelRegistry['moves'][number];

function publishIn(memory: ModelRegistry, asked: Publication): number | string {
  const earlier = memory.published.find(({ key }) => key === asked.key);
  const isSame = earlier?.model === asked.model && earlier.variant === asked.variant;
  if (earlier && !isSame) return 'REGISTRY_CONFLICT';
  if (!earlier) memory.published.push(asked);
  return keysOf(memory, asked.model).indexOf(asked.key) + 1;
}
function moveIn(memory: ModelRegistry, asked: Move): number | string {
  if (asked.version > keysOf(memory, asked.model).length) return 'MODEL_VERSION_UNKNOWN';
  if (target(memory, asked.model, asked.alias) !== asked.version) memory.moves.push(asked);
  return asked.version;
}
const draftOf = ({ model, key, variant }: Publication): VersionDraft =>
  versionDraft(key, { model, metrics: { mase: variant } });
const outcome = async (work: () => Promise<number>): Promise<number | string> =>
  await work().catch((error: unknown) => (isForecastError(error) ? error.code : String(error)));

describe('any sequence of publications and moves', () => {
  const models = fc.constantFrom('a', 'b');
  const publication = fc.record({
    kind: fc.constant('publication' as const),
    asked: fc.record({ model: models, key: fc.nat(5).map(String), variant: fc.nat(1) }),
  });
  const move = fc.record({
    kind: fc.constant('move' as const),
    asked: fc.record({
      model: models,
      alias: fc.constantFrom('champion', 'challenger'),
      version: fc.integer({ min: 1, max: 4 }),
    }),
  });
  const steps = fc.array(fc.oneof(publication, move), { maxLength: 25 });

  it('leaves what the same sequence leaves in memory', async () => {
    const property = fc.asyncProperty(steps, async (sequence) => {
      const { database, registry } = newRegistry();
      const memory: ModelRegistry = { published: [], moves: [] };
      for (const { kind, asked } of sequence) {
        const expected = kind === 'move' ? moveIn(memory, asked) : publishIn(memory, asked);
        const found = await outcome(async () => {
          if (kind === 'publication') return (await registry.publish(draftOf(asked))).version;
          registry.setAlias(asked.model, asked.alias, asked.version, 'r');
          return asked.version;
        });
        expect(found).toBe(expected);
      }
      for (const name of ['a', 'b']) {
        const keys = registry.list(name).map((version) => version.idempotencyKey);
        expect(keys).toEqual(keysOf(memory, name));
        for (const alias of ['champion', 'challenger']) {
          expect(registry.resolveAlias(name, alias)?.version).toBe(target(memory, name, alias));
        }
        expect(registry.aliasHistory(name).map(({ alias, version }) => [alias, version])).toEqual(
          memory.moves.filter((m) => m.model === name).map((m) => [m.alias, m.version]),
        );
      }
      database.close();
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

describe('a publisher that is killed again and again', () => {
  it('publishes each key once, with its readable JSON and an alias that leads somewhere', async () => {
    const program = await childProgram('test/services/registry/publish-in-a-loop.ts');
    const place = join(folder, 'killed');
    for (const delayMs of [2, 12, 25, 40]) {
      const child = program.start(place);
      child.stdout!.once('data', () => {
        setTimeout(() => child.kill('SIGKILL'), delayMs);
      });
      await finish(child);
      const database = openDatabase(join(place, 'registry.sqlite'));
      const registry = createRegistry(database, artifacts, join(place, 'models'), () => nowMs);
      const versions = registry.list('sales-h12');
      expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => i + 1));
      const last = registry.aliasHistory('sales-h12').at(-1);
      expect(registry.resolveAlias('sales-h12', 'champion')?.version).toBe(last?.version);
      database.close();
    }
    expect((await program.run(place)).code).toBe(0);
    const database = openDatabase(join(place, 'registry.sqlite'));
    const registry = createRegistry(database, artifacts, join(place, 'models'), () => nowMs);
    const versions = registry.list('sales-h12');
    expect(versions.map(({ idempotencyKey }) => idempotencyKey)).toEqual(
      Array.from({ length: 20 }, (_, i) => `key-${i}`),
    );
    for (const version of versions) {
      expect(versionFile(join(place, 'models'), version.version)).toEqual(version);
    }
    expect(readdirSync(join(place, 'models', 'sales-h12'))).toHaveLength(20);
    expect(registry.get('sales-h12', 'champion').version).toBe(20);
    database.close();
  });
});

describe('canonicalJson', () => {
  it('is one text for one value, in whatever order its names were written', () => {
    const shuffle = (value: Json): Json => {
      if (Array.isArray(value)) return value.map(shuffle);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .map(([name, item]) => [name, shuffle(item)] as const)
          .toReversed(),
      );
    };
    const property = fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value as Json);
      expect(canonicalJson(shuffle(value as Json))).toBe(text);
      expect(JSON.stringify(JSON.parse(text))).toBe(
        JSON.stringify(JSON.parse(canonicalJson(JSON.parse(text) as Json))),
      );
    });
    fc.assert(property);
  });

  it('sorts names by code unit and leaves out blanks', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: 0.5, Z: true })).toBe(
      '{"Z":true,"a":0.5,"b":[1,{"c":"x","d":null}]}',
    );
  });
});
