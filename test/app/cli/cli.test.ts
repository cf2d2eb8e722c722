/** The program with an injected engine: what goes to which stream, which exit code ends it, what help says. */
import { EventEmitter } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createParser, runCli } from '../../../app/cli/cli.ts';
import { commands } from '../../../app/cli/commands/index.ts';
import { interruptionSignal } from '../../../app/cli/interruption.ts';
import type { Config } from '../../../services/config/config.ts';
import { configSchema } from '../../../services/config/config.ts';
import { flagName, settingsOf } from '../../../services/config/settings.ts';
import { fail } from '../../../state/errors.ts';
import type { RunRequestInput } from '../../../state/request.ts';
import { recordingHost, sampleDecisions, sampleEngine, sampleRun } from './sample-run.ts';

const never = async (): Promise<never> => {
  throw new Error('the engine was opened');
};

describe('help', () => {
  it('lists every command and every global option', async () => {
    const host = recordingHost({ openEngine: never });
    expect(await runCli(['--help'], host)).toBe(0);
    for (const { name, summary } of commands) {
      expect(host.written.stdout).toMatch(new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, 'm'));
    }
    for (const { key } of settingsOf(configSchema)) {
      expect(host.written.stdout).toContain(flagName(key));
    }
    expect(host.written.stderr).toBe('');
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    'of %s tells its argument, every option with its default, the global options and an example',
    async (name, { summary, schema, argument, examples }) => {
      const host = recordingHost({ openEngine: never, stdout: { write: () => 0 } });
      const written: string[] = [];
      const stdout = { write: (text: string) => written.push(text), columns: 120 };
      expect(await runCli([name, '--help'], { ...host, stdout })).toBe(0);
      const help = written.join('');
      expect(help).toContain(summary);
      expect(help).toContain('--json');
      expect(help).toContain('--data-dir');
      for (const { key, defaultText } of settingsOf(schema)) {
        expect(help).toContain(key === argument ? `<${key}>` : flagName(key));
        expect(help).toContain(defaultText === undefined ? '' : `default: ${defaultText}`);
      }
      expect(help).toContain(examples[0]);
    },
  );

  it('prints the version', async () => {
    const host = recordingHost({ openEngine: never });
    expect(await runCli(['--version'], host)).toBe(0);
    expect(host.written.stdout).toBe('1.2.3\n');
  });

  it('is what a call without a command gets, on stderr and as wrong usage', async () => {
    const host = recordingHost({ openEngine: never });
    expect(await runCli([], host)).toBe(64);
    expect(host.written.stdout).toBe('');
    expect(host.written.stderr).toContain('Usage: agentic-forecast');
  });
});

describe('wrong usage', () => {
  it.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['shwo', 'r1'], 'Did you mean show?'],
    [
      ['run', 'a.csv', '--horizont', '3'],
      'Did you mean --horizon?); see: agentic-forecast run --help.',
    ],
    [['run', 'a.csv'], '--horizon: is missing.'],
    [['run', '--horizon', '3'], "missing required argument 'data'"],
    [['run', 'a.csv', '--horizon'], "option '--horizon <number>' argument missing"],
    [['show', 'r1', 'r2'], 'too many arguments'],
    [['run', 'a.csv', '--horizon', 'x'], '--horizon: must be a number, not "x".'],
    [['run', 'a.csv', '--horizon', '0'], '--horizon: must be at least 1, not 0.'],
    [['run', 'a.csv', '--horizon', '-3'], '--horizon: must be at least 1, not -3.'],
    [['run', 'a.csv', '--horizon', '2.5'], '--horizon: must be a whole number, not 2.5.'],
    [['run', 'a.csv', '--horizon', ''], '--horizon: must be a number, not "".'],
    [['run', '', '--horizon', '3'], '<data>: must not be empty'],
    [['runs', '--limit', '0'], '--limit: must be at least 1'],
    [['run', 'a.csv', '--horizon', '3', '--models', 'ets,'], '--models: has a name that is empty.'],
    [
      ['backtest', 'a.csv', '--horizon', '3', '--models', ''],
      '--models: has a name that is empty.',
    ],
    [['run', 'a.csv', '--horizon', '3', '--id', 'a,,b'], '--id: has a name that is empty.'],
  ])('%j ends with 64 and one line, before the engine is opened', async (args, message) => {
    const host = recordingHost({ openEngine: never });
    expect(await runCli(args, host)).toBe(64);
    expect(host.written.stderr).toContain(message);
    expect(host.written.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(host.written.stdout).toBe('');
  });

  it('is one JSON document on stdout where JSON is asked for', async () => {
    const host = recordingHost({ openEngine: never });
    expect(await runCli(['run', 'a.csv', '--json', '--horizont', '3'], host)).toBe(64);
    expect(JSON.parse(host.written.stdout)).toMatchObject({ error: { code: 'USAGE_INVALID' } });
    expect(host.written.stderr).toBe('');
  });
});

describe('a request that the engine refuses', () => {
  const refused = (key: string): Promise<string> => {
    const engine = sampleEngine({
      run: async () => fail('OPTION_INVALID', { key, problem: 'is of no use.' }),
    });
    const host = recordingHost({ openEngine: async () => engine });
    return runCli(['run', 'a.csv', '--horizon', '3'], host).then((code) => {
      expect(code).toBe(64);
      return host.written.stderr;
    });
  };
  it('is told by the flag, or by the argument', async () => {
    expect(await refused('futureData')).toBe('error: --future-data: is of no use.\n');
    expect(await refused('data')).toBe('error: <data>: is of no use.\n');
  });
  it('is told as it is where no flag has that name', async () => {
    expect(await refused('row 7')).toBe('error: row 7: is of no use.\n');
  });
});

describe('configuration', () => {
  it('reaches the engine from global flags, wherever they stand', async () => {
    const configs: Config[] = [];
    const host = recordingHost({
      openEngine: async (config) => {
        configs.push(config);
        return sampleEngine();
      },
      environment: { AGENTIC_FORECAST_MAX_CONCURRENCY: '3' },
    });
    await runCli(['--data-dir', 'a', 'runs'], host);
    await runCli(['runs', '--data-dir', 'b', '--threads', '2'], host);
    expect(configs).toMatchObject([
      { dataDir: 'a', maxConcurrency: 3 },
      { dataDir: 'b', threads: 2 },
    ]);
  });

  it('comes from the file that --config names, and ends with 78 if it is wrong', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'cli-')), 'other.json');
    writeFileSync(file, '{"threds": 2}');
    const host = recordingHost({ openEngine: never });
    expect(await runCli(['runs', '--config', file], host)).toBe(78);
    expect(host.written.stderr).toContain('did you mean "threads"?');
    expect(await runCli(['runs', '--threads', '0'], host)).toBe(78);
  });
});

describe('run', () => {
  it('hands the whole request to the engine, lists split or given again, numbers parsed', async () => {
    const requests: RunRequestInput[] = [];
    const engine = sampleEngine({
      run: async (request) => {
        requests.push(request);
        return sampleRun;
      },
    });
    const args =
      'run a.csv --horizon 3 --models naive --time-limit 1.5 --id store,item --seed 7 --models drift';
    const host = recordingHost({ openEngine: async () => engine });
    expect(await runCli(args.split(' '), host)).toBe(0);
    expect(requests).toEqual([
      {
        data: 'a.csv',
        horizon: 3,
        models: ['naive', 'drift'],
        timeLimit: 1.5,
        id: ['store', 'item'],
        seed: 7,
        preset: 'fast',
      },
    ]);
  });

  const eventful = sampleEngine({
    run: async (_, options) => {
      const base = { level: 'info', time: sampleRun.createdAt, run: 'r1' };
      options?.onEvent?.({ ...base, event: 'run-started' });
      options?.onEvent?.({ ...base, event: 'decision-made', decision: sampleDecisions[1] });
      return sampleRun;
    },
  });

  it('prints progress and then the report on stdout', async () => {
    const host = recordingHost({ openEngine: async () => eventful });
    expect(await runCli(['run', 'jobs.csv', '--horizon', '12'], host)).toBe(0);
    const lines = host.written.stdout.split('\n');
    expect(lines[0]).toContain('Run r1 has begun');
    expect(lines[1]).toBe('training: train nlinear');
    expect(host.written.stdout).toContain('Forecast 12 steps ahead for 2 series');
    expect(host.written.stderr).toBe('');
  });

  it('prints one JSON document on stdout and progress on stderr with --json', async () => {
    const host = recordingHost({ openEngine: async () => eventful });
    expect(await runCli(['run', 'jobs.csv', '--horizon', '12', '--json'], host)).toBe(0);
    expect(JSON.parse(host.written.stdout)).toEqual(sampleRun);
    expect(host.written.stderr).toContain('training: train nlinear');
  });

  it('passes the abort signal on, and a stopped run ends with 130 and how to resume it', async () => {
    const signals: unknown[] = [];
    const engine = sampleEngine({
      run: async (_, options) => {
        signals.push(options?.signal);
        return fail('RUN_CANCELLED', { run: 'r1' });
      },
    });
    const host = recordingHost({ openEngine: async () => engine });
    expect(await runCli(['run', 'a.csv', '--horizon', '3'], host)).toBe(130);
    expect(signals).toEqual([host.signal]);
    expect(host.written.stderr).toContain('agentic-forecast resume r1');
  });
});

describe('the other commands', () => {
  it.each([
    ['resume r1', 'Forecast 12 steps ahead'],
    ['runs', 'stopped'],
    ['show r2', 'Compared with its parent'],
    ['explain r1', 'It is made of dlinear 75 %, seasonal-naive 25 %.'],
    ['decisions r1', '2 decisions of run r1'],
    ['graph', 'graph TD;'],
    ['fork r1 --at 2-training --choose dlinear', 'Compared with its parent'],
  ])('%s prints text, or one JSON document', async (line, text) => {
    const host = recordingHost();
    expect(await runCli(line.split(' '), host)).toBe(0);
    expect(host.written.stdout).toContain(text);
    const second = recordingHost();
    expect(await runCli([...line.split(' '), '--json'], second)).toBe(0);
    expect(JSON.parse(second.written.stdout)).toBeTypeOf('object');
    expect(second.written.stderr).toBe('');
  });
});

describe('errors', () => {
  it('of the catalogue end with their exit code and are told in text or JSON', async () => {
    const host = recordingHost();
    expect(await runCli(['show', 'r9'], host)).toBe(66);
    expect(host.written.stderr).toBe('error: There is no run "r9"; the latest are r1, r2.\n');
    const second = recordingHost();
    expect(await runCli(['show', 'r9', '--json'], second)).toBe(66);
    expect(JSON.parse(second.written.stdout)).toEqual({
      error: { code: 'RUN_UNKNOWN', message: 'There is no run "r9"; the latest are r1, r2.' },
    });
  });

  it('that nobody foresaw end with 70 in one line, and with a stack only where DEBUG is set', async () => {
    const openEngine = async () => {
      throw new Error('boom\nsecond line');
    };
    const host = recordingHost({ openEngine });
    expect(await runCli(['runs'], host)).toBe(70);
    expect(host.written.stderr).toBe('unexpected error: boom\n');
    const debugging = recordingHost({ openEngine, environment: { DEBUG: '1' } });
    expect(await runCli(['runs', '--json'], debugging)).toBe(70);
    expect(JSON.parse(debugging.written.stdout)).toEqual({
      error: { code: 'UNEXPECTED', message: 'boom' },
    });
    expect(debugging.written.stderr).toContain('cli.test.ts');
  });

  it('leave the engine closed', async () => {
    const closed: string[] = [];
    const engine = sampleEngine({ close: async () => void closed.push('closed') });
    await runCli(['show', 'r9'], recordingHost({ openEngine: async () => engine }));
    await runCli(['show', 'r1'], recordingHost({ openEngine: async () => engine }));
    expect(closed).toHaveLength(2);
  });
});

describe('interruption', () => {
  it('aborts at the first signal and kills at the second, whichever they are', () => {
    const source = new EventEmitter();
    const told: string[] = [];
    const killed: string[] = [];
    const signal = interruptionSignal(
      source,
      (message) => told.push(message),
      (name) => killed.push(name),
    );
    expect(signal.aborted).toBe(false);
    source.emit('SIGINT', 'SIGINT');
    expect(signal.aborted).toBe(true);
    expect(told).toHaveLength(1);
    expect(killed).toEqual([]);
    source.emit('SIGTERM', 'SIGTERM');
    expect(killed).toEqual(['SIGTERM']);
  });
});

describe('the parser', () => {
  it('derives the flags of every command from its schema alone', () => {
    const parser = createParser(recordingHost());
    for (const { name, schema, argument } of commands) {
      const sub = parser.commands.find((command) => command.name() === name);
      const flags = sub?.options.map(({ long }) => long);
      const keys = Object.keys(schema.shape).filter((key) => key !== argument);
      expect(flags).toEqual(keys.map(flagName));
    }
  });
});
