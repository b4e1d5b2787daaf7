import { setTimeout as delay } from 'node:timers/promises';
import { mountSmallDisk } from '../../real/servers/small-disk.ts';
import type { RealFault } from './real-faults.ts';
import { hurryAtRealServers, type RealVersion, shipToRealServer } from './real-server.ts';
import type { Shipped } from './sink-faults.ts';

const mebi = 1024 ** 2;
const diskBytes = 96 * mebi;
/** The server finds out in the middle of what it is given. */
const leftBytes = 256 * 1024;
const fullForMs = 30_000 / hurryAtRealServers;
const toldWithinMs = 30_000;
const none = () => false;

export const fullDisks: readonly RealFault[] = (['2.9.1', '1.8.10'] as const).map((version) => ({
  name: 'a full disk',
  version,
  ship: () => outliveFullDisk(version),
  // Once, with the reason, and not that it is over before there was room.
  isTold: ([down, up]) =>
    down?.kind === 'sink_down' &&
    JSON.stringify(down).includes('no space left on device') &&
    up?.kind === 'sink_up' &&
    up.afterMs > 2 * fullForMs * hurryAtRealServers,
}));

/**
 * The disk under a real server becomes full while livetally ships into it. There is room again later, and the server is started
 * anew: neither 2.9.1 nor 1.8.10 writes to its log any more after a write to that has failed, however much room there is.
 */
async function outliveFullDisk(version: RealVersion): Promise<Shipped> {
  await using disk = await mountSmallDisk(diskBytes);
  return await shipToRealServer(
    async ({ influxdb, run }) => {
      await run.commit(2_000, none);
      await run.settled();
      await disk.fill(leftBytes);
      for (const deadline = performance.now() + toldWithinMs; run.told.length === 0; await delay(20)) {
        if (performance.now() > deadline) throw new Error('the server took everything although its disk is full');
        await run.commit(1_000, none);
      }
      await delay(fullForMs);
      await run.commit(1_000, (index) => index === 500);
      await delay(fullForMs);
      await disk.free();
      await influxdb.server.restart();
    },
    { version, disk },
  );
}
