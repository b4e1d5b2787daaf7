import { defineConfig } from 'vitest/config';

// Suites that start real servers. They share two cores with what they start, so files run one after another.
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
