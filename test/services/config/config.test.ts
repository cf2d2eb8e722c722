/** Where a configuration value may come from, which place wins, and what a wrong one says. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configFileName, configSchema, loadConfig } from '../../../services/config/config.ts';
import type { ConfigSources } from '../../../services/config/config.ts';
import { ForecastError } from '../../../state/errors.ts';

function folderWith(config?: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  if (config !== undefined) {
    const text = typeof config === 'string' ? config : JSON.stringify(config);
    writeFileSync(join(folder, configFileName), text);
  }
  return folder;
}

function failure(sources: Partial<ConfigSources>): ForecastError {
  try {
    loadConfig({ cwd: folderWith(), environment: {}, ...sources });
  } catch (error) {
    if (error instanceof ForecastError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  it('fills every key from the defaults where nothing is given', () => {
    const config = loadConfig({ cwd: folderWith(), environment: {} });
    expect(config).toMatchObject({
      dataDir: '.agentic-forecast',
      maxConcurrency: 8,
    });
    expect(config.threads).toBeGreaterThanOrEqual(1);
    expect(config.threads).toBeLessThanOrEqual(8);
  });

  it('takes each key from the first place that has it: flags, environment, file, default', () => {
    const numbers = fc.option(fc.integer({ min: 1, max: 256 }), { nil: undefined });
    const property = fc.property(numbers, numbers, numbers, (flag, variable, file) => {
      const config = loadConfig({
        cwd: folderWith(file === undefined ? {} : { threads: file, maxConcurrency: 3 }),
        environment: { AGENTIC_FORECAST_THREADS: variable?.toString() },
        flags: { threads: flag },
      });
      const fallback = configSchema.parse({}).threads;
      expect(config.threads).toBe(flag ?? variable ?? file ?? fallback);
      expect(config.maxConcurrency).toBe(file === undefined ? 8 : 3);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('treats an empty environment variable as not set', () => {
    const environment = { AGENTIC_FORECAST_DATA_DIR: '', AGENTIC_FORECAST_THREADS: '' };
    expect(loadConfig({ cwd: folderWith(), environment }).dataDir).toBe('.agentic-forecast');
  });

  it('reads a named file, whose relative data directory belongs beside that file', () => {
    const cwd = folderWith();
    const other = folderWith({ dataDir: 'store' });
    const config = loadConfig({ cwd, environment: {}, file: join(other, configFileName) });
    expect(config.dataDir).toBe(join(other, 'store'));
  });

  it('names the key, the file and the nearest known key when a file has an unknown one', () => {
    const cwd = folderWith({ maxConcurency: 4 });
    const error = failure({ cwd });
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toBe(
      `Configuration key "maxConcurency" from ${join(cwd, configFileName)} is not valid: there is no such key; did you mean "maxConcurrency"?`,
    );
  });

  it.each([
    [
      { environment: { AGENTIC_FORECAST_THREADS: 'many' } },
      'Configuration key "threads" from AGENTIC_FORECAST_THREADS is not valid: must be a number, not "many"',
    ],
    [
      { flags: { maxConcurrency: 0 } },
      'Configuration key "maxConcurrency" from --max-concurrency is not valid: must be at least 1, not 0',
    ],
    [
      { flags: { threads: 1.5 } },
      'Configuration key "threads" from --threads is not valid: must be a whole number, not 1.5',
    ],
    [
      { flags: { dataDir: '' } },
      'Configuration key "dataDir" from --data-dir is not valid: must not be empty, not ""',
    ],
  ])('names the key and where its wrong value came from (%o)', (sources, message) => {
    const error = failure(sources);
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toBe(message);
  });

  it.each(['{ "threads": 2', '[1]', 'null', ''])(
    'refuses a file that is no JSON object: %s',
    (text) => {
      expect(failure({ cwd: folderWith(text) }).code).toBe('CONFIG_UNREADABLE');
    },
  );

  it('refuses a named file that does not exist', () => {
    const error = failure({ file: 'absent.json' });
    expect(error.code).toBe('CONFIG_UNREADABLE');
    expect(error.message).toContain('absent.json');
  });
});
