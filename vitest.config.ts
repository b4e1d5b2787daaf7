import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,property,contract,integration,e2e,campaign}/**/*.test.ts'],
    testTimeout: 30_000,
  },
});
