/** The embedded database: schemas by version, transactions, and driver errors in the catalogue's words. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../services/database/database.ts';
import { childProgram } from '../child-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('database');
const notes = { name: 'notes', scripts: ['CREATE TABLE notes (text TEXT)'] };

const open = (name: string): Database => {
  const database = openDatabase(join(folder, name), { busyTimeoutMs: 20 });
  database.install(notes);
  return database;
};
const count = (database: Database): number =>
  database.prepare<{ n: number }>('SELECT count(*) AS n FROM notes').get()!.n;

describe('openDatabase', () => {
  it('makes missing folders, and keeps what was written', () => {
    const first = open('a/b/kept.sqlite');
    first.prepare('INSERT INTO notes VALUES (?)').run('one');
    first.close();
    const second = open('a/b/kept.sqlite');
    expect(count(second)).toBe(1);
    second.close();
  });

  it('lets many processes open one new file at once', async () => {
    const program = await childProgram('test/services/database/open-and-count.ts');
    const path = join(folder, 'race.sqlite');
    const ends = await Promise.all(Array.from({ length: 5 }, () => program.run(path)));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    const database = openDatabase(path);
    expect(database.prepare('SELECT DISTINCT pid FROM visits').all()).toHaveLength(5);
    database.close();
  });

  it('brings tables to the latest version, one script after the other, once', () => {
    const path = join(folder, 'versions.sqlite');
    const grown = { ...notes, scripts: [...notes.scripts, 'ALTER TABLE notes ADD author TEXT'] };
    const old = openDatabase(path);
    old.install(notes);
    old.prepare('INSERT INTO notes VALUES (?)').run('one');
    old.install(grown);
    old.install(grown);
    expect(old.prepare('SELECT * FROM notes').all()).toEqual([{ text: 'one', author: null }]);
    old.close();
  });

  it('refuses tables of a newer release and leaves them as they are', () => {
    const database = open('newer.sqlite');
    database.prepare('UPDATE schema_versions SET version = 7').run();
    expect(() => database.install(notes)).toThrow(
      expect.objectContaining({
        code: 'STORE_TOO_NEW',
        details: expect.objectContaining({ found: 7 }),
      }),
    );
    expect(database.prepare('SELECT version FROM schema_versions').all()).toEqual([{ version: 7 }]);
    database.close();
  });

  it('undoes a migration that fails half-way', () => {
    const database = open('half.sqlite');
    const broken = {
      name: 'broken',
      scripts: ['CREATE TABLE first (a)', 'CREATE TABLE notes (a)'],
    };
    expect(() => database.install(broken)).toThrow('already exists');
    expect(database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'first'").all()).toEqual([]);
    database.close();
  });
});

describe('a transaction', () => {
  it.each(['transaction', 'durableTransaction'] as const)('%s keeps all or nothing', (kind) => {
    const database = open(`${kind}.sqlite`);
    const add = database.prepare('INSERT INTO notes VALUES (?)');
    expect(database[kind](() => add.run('kept'))).toBe(1);
    const failing = (): void => {
      add.run('lost');
      throw new Error('on purpose');
    };
    expect(() => database[kind](failing)).toThrow('on purpose');
    expect(count(database)).toBe(1);
    database.close();
  });

  it('inside another is a part of it', () => {
    const database = open('nested.sqlite');
    const add = database.prepare('INSERT INTO notes VALUES (?)');
    const outer = (): void => {
      database.transaction(() => add.run('inner'));
      throw new Error('on purpose');
    };
    expect(() => database.transaction(outer)).toThrow('on purpose');
    expect(count(database)).toBe(0);
    database.close();
  });
});

describe('driver errors', () => {
  it('tell that another process holds the lock', () => {
    const database = open('locked.sqlite');
    const other = new BetterSqlite3(join(folder, 'locked.sqlite'));
    other.exec('BEGIN EXCLUSIVE');
    const insert = database.prepare('INSERT INTO notes VALUES (?)');
    const locked = expect.objectContaining({ code: 'STORE_LOCKED' });
    expect(() => insert.run('x')).toThrow(locked);
    expect(() => database.transaction(() => insert.run('x'))).toThrow(locked);
    other.exec('ROLLBACK');
    expect(insert.run('x')).toBe(1);
    other.close();
    database.close();
  });

  it('tell that there is no space, keep what was there, and let reading go on', () => {
    const database = openDatabase(join(folder, 'full.sqlite'), { maximumBytes: 40 * 4096 });
    database.install(notes);
    const add = database.prepare('INSERT INTO notes VALUES (?)');
    add.run('before');
    const fill = (): void => {
      for (let i = 0; i < 1000; i++) add.run('x'.repeat(4000));
    };
    expect(() => database.transaction(fill)).toThrow(
      expect.objectContaining({ code: 'STORE_FULL' }),
    );
    expect(count(database)).toBe(1);
    database.close();
  });

  it('tell that a file is damaged', () => {
    const path = join(folder, 'garbage.sqlite');
    writeFileSync(path, 'this is no database, and long enough to be looked at as one. '.repeat(40));
    expect(() => openDatabase(path)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  });

  it('tell that a place cannot be written', () => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'directory.sqlite'));
    const unwritable = expect.objectContaining({ code: 'STORE_UNWRITABLE' });
    expect(() => openDatabase(join(folder, 'file', 'x.sqlite'))).toThrow(unwritable);
    expect(() => openDatabase(join(folder, 'directory.sqlite'))).toThrow(unwritable);
  });

  it("leave a programmer's mistakes alone", () => {
    const database = open('mistakes.sqlite');
    expect(() => database.prepare('SELECT nonsense')).toThrow(BetterSqlite3.SqliteError);
    database.close();
  });
});
