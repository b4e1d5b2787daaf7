import { describe, expect, test } from 'vitest';
import { realFaults } from '../campaign/sink/real-faults.ts';
import { missingServers } from './servers/locate.ts';

describe.each(['2.9.1', '1.8.10'] as const)('a real InfluxDB %s behind a proxy', (version) => {
  const own = realFaults.filter((fault) => fault.version === version).map((fault) => [fault.name, fault] as const);
  describe.skipIf(missingServers([`influxdb-${version}`]).length > 0)('has every point once after', () => {
    test.each(own)('%s', async (_, { ship, isTold }) => {
      const shipped = await ship();
      expect(shipped).toMatchObject({ lost: 0, doubled: 0, wrong: 0 });
      expect(isTold(shipped.told), JSON.stringify(shipped.told)).toBe(true);
    });
  });
});
