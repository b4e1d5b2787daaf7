import { describe, expect, test } from 'vitest';
import { outliveFullDiskAtServer } from '../campaign/sink/full-disk-at-server.ts';
import { missingServers } from './servers/locate.ts';
import { canMount } from './servers/small-disk.ts';

describe.skipIf(!canMount())('a full disk under a real server', () => {
  describe.each(['2.9.1', '1.8.10'] as const)('InfluxDB %s', (version) => {
    test.skipIf(missingServers([`influxdb-${version}`]).length > 0)(
      'is waited for, with one word to the operator, and has every point once when it has room again',
      async () => {
        const { toldWhileFull, ...shipped } = await outliveFullDiskAtServer(version);
        expect(shipped).toMatchObject({ lost: 0, doubled: 0, wrong: 0 });
        expect(toldWhileFull).toEqual([expect.objectContaining({ kind: 'sink_down' })]);
        expect(JSON.stringify(toldWhileFull)).toContain('no space left on device');
      },
    );
  });
});
