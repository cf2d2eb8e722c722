/** The log of a run: whole lines, in order, without secrets, readable after a crash. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../../services/log/redaction.ts';
import { createRunLog, readRunLog } from '../../../services/log/run-log.ts';
import { type LogLine, logLineSchema } from '../../../state/events.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('log');
const clock = (): number => Date.parse('2026-11-21T00:00:00.000Z');
const head = { level: 'info', time: '2026-11-21T00:00:00.000Z' };
const failure = (code: string): unknown => expect.objectContaining({ code });

describe('createRunLog', () => {
  it('has each event on the disk, and told to every listener, before emit returns', () => {
    const told: LogLine[] = [];
    const log = createRunLog(folder, 'a', { clock, listeners: [(line) => told.push(line)] });
    log.emit('run-started');
    expect(readRunLog(log.path)).toEqual([{ ...head, event: 'run-started', run: 'a' }]);
    log.emit('run-failed', { code: 'STORE_FULL' });
    expect(readRunLog(log.path)).toEqual(told);
    expect(told[1]).toEqual({
      ...head,
      level: 'error',
      event: 'run-failed',
      run: 'a',
      code: 'STORE_FULL',
    });
    log.close();
  });

  it('keeps one event on one line whatever it says, and reads it back', () => {
    const property = fc.property(fc.string(), fc.jsonValue(), (name, value) => {
      const log = createRunLog(folder, 'lines', { clock });
      const before = readRunLog(log.path).length;
      log.emit('decision-made', {
        reason: `${name}\r\n{"event":"run-finished"}`,
        evidence: redact(value),
      });
      log.close();
      const lines = readRunLog(log.path);
      expect(lines).toHaveLength(before + 1);
      expect(lines.at(-1)!['reason']).toBe(redact(`${name}\r\n{"event":"run-finished"}`));
      expect(JSON.stringify(lines.at(-1)!['evidence'])).toBe(JSON.stringify(redact(value)));
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('goes on where a process died in the middle of a line', () => {
    const first = createRunLog(folder, 'torn', { clock });
    first.emit('run-started');
    first.close();
    appendFileSync(first.path, '{"level":"info","time":"2026-11-21T0');
    expect(readRunLog(first.path)).toHaveLength(1);
    const second = createRunLog(folder, 'torn', { clock });
    second.emit('run-resumed');
    second.close();
    expect(readRunLog(second.path).map(({ event }) => event)).toEqual([
      'run-started',
      'run-resumed',
    ]);
    expect(readFileSync(second.path, 'utf8').split('\n')).toHaveLength(3);
  });

  it('writes no secret, at any depth, nor a password in an address', () => {
    const log = createRunLog(folder, 'secrets', { clock });
    log.emit('run-recorded', {
      password: 'hunter2',
      store: [{ API_KEY: 'hunter2', 'secret-key': 'hunter2', dbPassword: 'hunter2' }],
      headers: {
        Authorization: 'Bearer hunter2',
        cookie: 'hunter2',
        accessToken: { a: 'hunter2' },
      },
      url: 'redis://user:hunter2@localhost:6379/0',
      tokens: 12,
      at: 'https://example.org/a:b@c',
    });
    log.close();
    expect(readFileSync(log.path, 'utf8')).not.toContain('hunter2');
    const line = readRunLog(log.path)[0]!;
    expect(line).toMatchObject({
      password: '[redacted]',
      store: [{ API_KEY: '[redacted]', 'secret-key': '[redacted]', dbPassword: '[redacted]' }],
      url: 'redis://user:[redacted]@localhost:6379/0',
      tokens: 12,
      at: 'https://example.org/a:b@c',
    });
  });

  it('lets no field pass itself off as what the log says', () => {
    const log = createRunLog(folder, 'names', { clock });
    for (const name of ['level', 'time', 'event', 'run']) {
      expect(() => log.emit('run-started', { [name]: 'x' })).toThrow(`"${name}"`);
    }
    expect(readRunLog(log.path)).toEqual([]);
    log.close();
  });

  it('takes no run id that leads elsewhere', () => {
    for (const run of ['../x', '', '/etc/x', 'a/b', '.x']) {
      expect(() => createRunLog(folder, run, { clock })).toThrow('run id');
    }
  });

  it('says that its place cannot be written', () => {
    writeFileSync(join(folder, 'file'), '');
    const open = (): unknown => createRunLog(join(folder, 'file'), 'a', { clock });
    expect(open).toThrow(failure('STORE_UNWRITABLE'));
  });

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full, as /dev/full is', () => {
    const full = join(folder, 'full');
    mkdirSync(full);
    symlinkSync('/dev/full', join(full, 'a.jsonl'));
    const log = createRunLog(full, 'a', { clock });
    expect(() => log.emit('run-started')).toThrow(failure('STORE_FULL'));
    log.close();
  });
});

describe('readRunLog', () => {
  it('finds no lines where there is no log', () => {
    expect(readRunLog(join(folder, 'none.jsonl'))).toEqual([]);
  });

  it('names the line that is no event', () => {
    const path = join(folder, 'damaged.jsonl');
    const line = JSON.stringify({ ...head, event: 'run-started', run: 'a' });
    expect(logLineSchema.safeParse(JSON.parse(line)).success).toBe(true);
    writeFileSync(path, `${line}\n{"event":"other"}\n${line}\n`);
    expect(() => readRunLog(path)).toThrow(
      expect.objectContaining({
        code: 'STORE_CORRUPT',
        details: { path, problem: 'line 2 is no event' },
      }),
    );
  });
});
