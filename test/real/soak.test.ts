import { describe, expect, test } from 'vitest';
import { findingsOf } from '../campaign/soak/judge-soak.ts';
import { soak } from '../campaign/soak/soak-run.ts';
import { missingServers } from './servers/locate.ts';

describe.skipIf(missingServers(['influxdb-2.9.1']).length > 0)('a short soak into a real InfluxDB 2.9.1', () => {
  test('at the full rate, with troubles on both sides, loses and doubles nothing and never stands still', async () => {
    const run = await soak({ seed: 1, seconds: 75, patience: 1.1, log: () => {} });
    expect(run.verified).toMatchObject({ lost: 0, doubled: 0, wrong: 0, findings: [] });
    expect(findingsOf(run)).toEqual([]);
  }, 240_000);
});
