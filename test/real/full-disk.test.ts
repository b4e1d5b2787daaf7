import { describe, expect, test } from 'vitest';
import { outliveFullDisk } from '../campaign/disk/full-disk.ts';
import { missingServers } from './servers/locate.ts';

describe.skipIf(process.platform !== 'linux' || missingServers(['cc']).length > 0)('a full disk', () => {
  test('At four times the full rate: memory is filled, polls are skipped and counted, and what it held is committed when there is room.', async () => {
    const row = await outliveFullDisk({ seed: 1, count: undefined, log: () => {} }, { pace: 4, watchedMs: 5_000 });
    expect(row).toMatchObject({ lost: 0, doubled: 0, wrong: 0, findings: [] });
  }, 300_000);
});
