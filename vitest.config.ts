/** Test settings: one project, real processes where behaviour needs them, the package built once beforehand. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/temporary-root.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globals: false,
    pool: 'forks',
  },
});
