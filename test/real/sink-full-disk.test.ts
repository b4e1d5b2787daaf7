import { describe, expect, test } from 'vitest';
import { fullDisks } from '../campaign/sink/full-disk-at-server.ts';
import { missingServers } from './servers/locate.ts';
import { canMount } from './servers/small-disk.ts';

describe.skipIf(!canMount())('a full disk under a real server', () => {
  for (const { version, ship, isTold } of fullDisks) {
    test.skipIf(missingServers([`influxdb-${version}`]).length > 0)(
      `InfluxDB ${version} is waited for, with one word to the operator, and has every point once when it has room again`,
      async () => {
        const shipped = await ship();
        expect(shipped).toMatchObject({ lost: 0, doubled: 0, wrong: 0 });
        expect(isTold(shipped.told), JSON.stringify(shipped.told)).toBe(true);
      },
    );
  }
});
