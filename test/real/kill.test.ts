import { describe, expect, test } from 'vitest';
import { killedProcess } from '../campaign/crash/killed-process.ts';
import { missingServers } from './servers/locate.ts';

/** With a backup beside one of the kills, and one kill each in retention, in lifting an old store, and while windows are made. */
const few = { seed: 6, count: 4, log: () => {} };

describe.skipIf(missingServers(['influxdb-2.9.1']).length > 0)('kill -9 of the real program', () => {
  test('in the start, in the stop, beside a backup, in retention, in a migration, in a roll-up or whenever: nothing is lost, doubled or false', async () => {
    for (const row of await killedProcess.run(few)) {
      expect(row, row.test).toMatchObject({ lost: 0, doubled: 0, wrong: 0, findings: [] });
    }
  }, 300_000);
});
