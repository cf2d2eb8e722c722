/** The model registry: immutable, numbered versions with their manifests, and aliases that say which one is in use. */
import { join } from 'node:path';
import { fail } from '../../state/errors.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import { writeFileAtomic } from '../artifacts/atomic-file.ts';
import type { Database, Schema } from '../database/database.ts';
import { type AliasMove, createAliases } from './aliases.ts';
import {
  manifestOf,
  type ModelVersion,
  type VersionDraft,
  versionContentsSchema,
} from './model-version.ts';

export type { AliasMove } from './aliases.ts';
export type { ModelVersion, VersionDraft } from './model-version.ts';

/** The registry of one data directory. */
export interface Registry {
  /**
   * Publishes under the next number of the model. With a key that was used before, gives the version published then, and
   * completes what a crash left undone. Errors: OPTION_INVALID for a model name outside the grammar, ARTIFACT_MISSING,
   * REGISTRY_CONFLICT where the key has other contents.
   */
  publish(draft: VersionDraft): Promise<ModelVersion>;
  /** A version by number (as a number or digits) or alias. Errors: MODEL_VERSION_UNKNOWN, STORE_CORRUPT. */
  get(model: string, versionOrAlias: number | string): ModelVersion;
  /** Versions of a model, or of all by name, rising. */
  list(model?: string): ModelVersion[];
  resolveAlias(model: string, alias: string): ModelVersion | undefined;
  /** Points the alias to a version, at once and with the reason kept; nothing changes where it points there already. */
  setAlias(model: string, alias: string, version: number, reason: string): void;
  /** Moves of all aliases of a model, oldest first. */
  aliasHistory(model: string): AliasMove[];
}

const schema: Schema = {
  name: 'registry',
  scripts: [
    `CREATE TABLE model_versions (
       model TEXT NOT NULL,
       version INTEGER NOT NULL,
       idempotency_key TEXT NOT NULL UNIQUE,
       json TEXT NOT NULL,
       PRIMARY KEY (model, version)
     )`,
  ],
};

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const aliasPattern = /^[a-z][a-z0-9-]{0,49}$/;

/** Opens the registry kept in `database`; `<folder>/<model>/<version>/version.json` repeats each version for readers. */
export function createRegistry(
  database: Database,
  artifacts: Artifacts,
  folder: string,
  clock: () => number,
): Registry {
  const aliases = createAliases(database, clock);
  const versions = openVersions(database);

  const get = (model: string, versionOrAlias: number | string): ModelVersion => {
    const isNumber = /^[1-9]\d*$/.test(String(versionOrAlias));
    const number = isNumber ? Number(versionOrAlias) : aliases.find(model, String(versionOrAlias));
    const found = number === undefined ? undefined : versions.find(model, number);
    return found ?? fail('MODEL_VERSION_UNKNOWN', { model, version: String(versionOrAlias) });
  };

  const register = (draft: VersionDraft, manifest: string): ModelVersion =>
    database.durableTransaction(() => {
      const { model, idempotencyKey: key } = draft;
      const earlier = versions.findByKey(key);
      if (earlier !== undefined) {
        return earlier.manifest === manifest ? earlier : fail('REGISTRY_CONFLICT', { key });
      }
      const version = versions.count(model) + 1;
      const created = { ...draft, version, manifest, createdAt: new Date(clock()).toISOString() };
      versions.add(created);
      return created;
    });

  return {
    publish: async ({ idempotencyKey, ...contents }) => {
      const draft = { ...versionContentsSchema.parse(contents), idempotencyKey };
      checkName('model', draft.model, namePattern);
      for (const { uri } of draft.files) {
        if (!(await artifacts.has(uri))) fail('ARTIFACT_MISSING', { uri });
      }
      const published = register(draft, manifestOf(draft));
      const path = join(folder, draft.model, String(published.version), 'version.json');
      await writeFileAtomic(path, `${JSON.stringify(published, null, 2)}\n`);
      return published;
    },
    get,
    list: versions.list,
    resolveAlias: (model, alias) => {
      const version = aliases.find(model, alias);
      return version === undefined ? undefined : get(model, version);
    },
    setAlias: (model, alias, version, reason) => {
      checkName('alias', alias, aliasPattern);
      database.durableTransaction(() => {
        get(model, version);
        aliases.move({ model, alias, version, reason });
      });
    },
    aliasHistory: aliases.history,
  };
}

interface Versions {
  find(model: string, version: number): ModelVersion | undefined;
  findByKey(key: string): ModelVersion | undefined;
  list(model?: string): ModelVersion[];
  count(model: string): number;
  add(version: ModelVersion): void;
}

function openVersions(database: Database): Versions {
  database.install(schema);
  const find = database.prepare<{ json: string }>(
    'SELECT json FROM model_versions WHERE model = ? AND version = ?',
  );
  const findByKey = database.prepare<{ json: string }>(
    'SELECT json FROM model_versions WHERE idempotency_key = ?',
  );
  const list = database.prepare<{ json: string }>(
    'SELECT json FROM model_versions WHERE model = coalesce(?, model) ORDER BY model, version',
  );
  const count = database.prepare<{ versions: number }>(
    'SELECT count(*) AS versions FROM model_versions WHERE model = ?',
  );
  const add = database.prepare('INSERT INTO model_versions VALUES (?, ?, ?, ?)');

  const read = ({ json }: { json: string }): ModelVersion => {
    const version = JSON.parse(json) as ModelVersion;
    if (manifestOf(version) === version.manifest) return version;
    const problem = `version ${version.version} of ${version.model} differs from its manifest`;
    return fail('STORE_CORRUPT', { path: database.path, problem });
  };
  const readIfFound = (row: { json: string } | undefined): ModelVersion | undefined =>
    row && read(row);

  return {
    find: (model, version) => readIfFound(find.get(model, version)),
    findByKey: (key) => readIfFound(findByKey.get(key)),
    list: (model) => list.all(model ?? null).map(read),
    count: (model) => count.get(model)!.versions,
    add: (created) => {
      const { model, version, idempotencyKey } = created;
      add.run(model, version, idempotencyKey, JSON.stringify(created));
    },
  };
}

/** Names become folders and commands: nothing that a path or a shell could read otherwise. */
function checkName(key: string, name: string, pattern: RegExp): void {
  if (!pattern.test(name)) {
    fail('OPTION_INVALID', { key, problem: `"${name}" does not match ${pattern.source}` });
  }
}
