/** Metrics kept in the embedded database. */
import type { Database, Schema } from '../database/database.ts';
import type { Metrics, RecordedPoint } from './metrics.ts';

interface PointRow {
  readonly run: string;
  readonly name: string;
  readonly step: number | null;
  readonly value: number | null;
  readonly tags: string | null;
  readonly at: number;
}

// `value` has no type: SQLite would store a whole REAL as an integer and lose the sign of a zero.
const schema: Schema = {
  name: 'metrics',
  scripts: [
    `CREATE TABLE metric_points (
       seq INTEGER PRIMARY KEY,
       run TEXT NOT NULL,
       name TEXT NOT NULL,
       step REAL,
       value,
       tags TEXT,
       at REAL NOT NULL
     );
     CREATE INDEX metric_points_by_name ON metric_points (run, name, seq);`,
    'CREATE TABLE metric_keys (key TEXT PRIMARY KEY) WITHOUT ROWID;',
  ],
};

/** Opens the metrics kept in `database`; `clock` gives epoch milliseconds. */
export function createSqliteMetrics(database: Database, clock: () => number): Metrics {
  database.install(schema);
  const add = database.prepare(
    'INSERT INTO metric_points (run, name, step, value, tags, at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const claim = database.prepare('INSERT OR IGNORE INTO metric_keys (key) VALUES (?)');
  const columns = 'SELECT run, name, step, value, tags, at FROM metric_points';
  const ofRun = database.prepare<PointRow>(`${columns} WHERE run = ? ORDER BY seq`);
  const ofName = database.prepare<PointRow>(`${columns} WHERE run = ? AND name = ? ORDER BY seq`);
  return {
    record: (points, key) => {
      const at = clock();
      database.transaction(() => {
        if (key !== undefined && claim.run(key) === 0) return;
        for (const { run, name, step, value, tags } of points) {
          add.run(run, name, step ?? null, value, tags ? JSON.stringify(tags) : null, at);
        }
      });
    },
    query: ({ run, name }) =>
      (name === undefined ? ofRun.all(run) : ofName.all(run, name)).map(toPoint),
  };
}

function toPoint({ run, name, step, value, tags, at }: PointRow): RecordedPoint {
  return {
    run,
    name,
    // SQLite has no NaN and keeps NULL in its place.
    value: value ?? Number.NaN,
    ...(step !== null && { step }),
    ...(tags !== null && { tags: JSON.parse(tags) as Record<string, string> }),
    at: new Date(at).toISOString(),
  };
}
