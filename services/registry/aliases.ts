/** Aliases of model versions: names such as `champion` that move at once and leave a history. */
import type { Database, Schema } from '../database/database.ts';

/** One move of an alias. */
export interface AliasMove {
  readonly model: string;
  readonly alias: string;
  readonly version: number;
  /** Where it pointed before; null at first. */
  readonly previous: number | null;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** The aliases of all models; methods that write are called inside a transaction. */
export interface Aliases {
  find(model: string, alias: string): number | undefined;
  /** Moves the alias, or does nothing where it points to `version` already. */
  move(target: Pick<AliasMove, 'model' | 'alias' | 'version' | 'reason'>): void;
  /** Moves of all aliases of a model, oldest first. */
  history(model: string): AliasMove[];
}

const schema: Schema = {
  name: 'registry-aliases',
  scripts: [
    `CREATE TABLE alias_moves (
       seq INTEGER PRIMARY KEY,
       model TEXT NOT NULL,
       alias TEXT NOT NULL,
       version INTEGER NOT NULL,
       previous INTEGER,
       reason TEXT NOT NULL,
       at TEXT NOT NULL
     );
     CREATE INDEX alias_moves_by_name ON alias_moves (model, alias, seq);`,
  ],
};

/** Opens the aliases kept in `database`. An alias points where its last move went: there is no second record to differ. */
export function createAliases(database: Database, clock: () => number): Aliases {
  database.install(schema);
  const findLast = database.prepare<{ version: number }>(
    'SELECT version FROM alias_moves WHERE model = ? AND alias = ? ORDER BY seq DESC LIMIT 1',
  );
  const add = database.prepare(
    'INSERT INTO alias_moves (model, alias, version, previous, reason, at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const select = database.prepare<AliasMove>(
    'SELECT model, alias, version, previous, reason, at FROM alias_moves WHERE model = ? ORDER BY seq',
  );
  const find = (model: string, alias: string): number | undefined =>
    findLast.get(model, alias)?.version;
  return {
    find,
    move: ({ model, alias, version, reason }) => {
      const previous = find(model, alias) ?? null;
      if (previous === version) return;
      add.run(model, alias, version, previous, reason, new Date(clock()).toISOString());
    },
    history: (model) => select.all(model),
  };
}
