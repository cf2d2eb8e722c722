/** Tests of what passes between the benchmark of presets and the command line: files written, files read. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readFoldScores, readForecasts, writeWindow } from '../../bench/preset-run.ts';
import { describeMachine } from '../../bench/machine.ts';
import { openResults } from '../../bench/results-file.ts';
import { levels } from '../../bench/scores.ts';
import { cutSeries } from '../../bench/task-data/task.ts';
import { parseFrequency } from '../../series/frequency.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const frequency = parseFrequency('MS');
const values = Float64Array.of(1, 2, 3, 4, 5);
const start = Date.UTC(2020, 0);
const plain = cutSeries(
  [
    { id: 'a', values, start },
    { id: 'b', values: values.map((value) => 10 * value), start },
  ],
  { horizon: 2 },
  frequency,
  2,
);
const rows = (name: string): string[] =>
  readFileSync(join(folder, name), 'utf8').trim().split('\n');

describe('the files of a window', () => {
  it('hold the training part, and columns known ahead up to the end of the horizon', () => {
    const future = { holiday: Float64Array.of(0, 1, 0, 1, 0) };
    writeWindow(
      folder,
      cutSeries([{ id: 'a', values, start, future }], { horizon: 2 }, frequency, 2),
    );
    expect(rows('train.csv')).toEqual([
      'id,time,holiday,value',
      'a,2020-01-01,0,1',
      'a,2020-02-01,1,2',
      'a,2020-03-01,0,3',
    ]);
    expect(rows('future.csv')).toEqual(['id,time,holiday', 'a,2020-04-01,1', 'a,2020-05-01,0']);
  });

  it('are read in the order of the window, whatever theirs', () => {
    mkdirSync(join(folder, 'out'), { recursive: true });
    const lines = ['b,t,40,30,40,50,x', 'b,t,50,40,50,60,x', 'a,t,4,3,4,5,y', 'a,t,5,4,5,6,y'];
    writeFileSync(
      join(folder, 'out', 'forecasts.csv'),
      ['unique_id,ds,forecast,q0.1,q0.5,q0.9,model', ...lines].join('\n'),
    );
    const { mean, quantiles } = readForecasts(folder, plain);
    expect([...mean]).toEqual([4, 5, 40, 50]);
    const first = quantiles.subarray(0, levels.length);
    expect(first[levels.indexOf(0.1)]).toBeCloseTo(3, 12);
    expect(first[levels.indexOf(0.9)]).toBeCloseTo(5, 12);
    expect(first.every((value, q) => q === 0 || value > first[q - 1]!)).toBe(true);
  });

  it('are compared on the test folds of the run itself', () => {
    const row = (model: string, kind: string, mase: number | null) => ({ model, kind, mase });
    const scores = [row('a', 'test', 1), row('a', 'validation', 2), row('b', 'test', null)];
    writeFileSync(join(folder, 'out', 'run.json'), JSON.stringify({ scores }));
    expect(readFoldScores(folder)).toEqual(new Map([['a', 1]]));
  });
});

describe('a file of results', () => {
  it('keeps earlier cells and the machines they were measured on, and replaces the one of the same key', () => {
    const open = () =>
      openResults<{ name: string; value: number }, { name: string }>(
        { benchmark: 'small', what: 'a test' },
        ({ name }) => name,
        { save: true, folder },
      );
    open().put({ name: 'a', value: 1.23456789 });
    open().put({ name: 'b', value: 2 });
    const path = join(folder, 'small.json');
    const elsewhere = { ...describeMachine(), cpu: 'another' };
    const report = JSON.parse(readFileSync(path, 'utf8')) as { results: object[] };
    const moved = report.results.map((cell) => ({ ...cell, machine: elsewhere }));
    writeFileSync(path, JSON.stringify({ ...report, results: moved }));
    open().put({ name: 'a', value: 3 });
    expect(open().find({ name: 'b' })).toEqual({ name: 'b', value: 2, machine: elsewhere });
    expect(open().cells()).toHaveLength(2);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      benchmark: 'small',
      what: 'a test',
      results: [
        { name: 'b', value: 2 },
        { name: 'a', value: 3, machine: describeMachine() },
      ],
    });
  });
});
