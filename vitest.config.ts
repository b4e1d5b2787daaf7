import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,property,contract,integration,e2e,campaign}/**/*.test.ts'],
    testTimeout: 30_000,
    // No module keeps anything between tests; a worker for each file would take a quarter of the time for its start.
    isolate: false,
    // Many wait rather than reckon. By itself vitest leaves a core free, which on two is half.
    maxWorkers: '100%',
  },
});
