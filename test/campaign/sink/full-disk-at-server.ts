import { setTimeout as delay } from 'node:timers/promises';
import { mountSmallDisk } from '../../real/servers/small-disk.ts';
import { hurryAtRealServers, type RealVersion, shipToRealServer } from './real-server.ts';
import type { Shipped } from './sink-faults.ts';

const mebi = 1024 ** 2;
const diskBytes = 96 * mebi;
/** The server finds out in the middle of what it is given. */
const leftBytes = 256 * 1024;
const fullForMs = 30_000 / hurryAtRealServers;
const toldWithinMs = 30_000;
const none = () => false;

export type OutlivedFullDisk = Shipped & {
  /** What an operator was told until there was room again. */
  readonly toldWhileFull: Shipped['told'];
};

/**
 * The disk under a real server becomes full while livetally ships into it. There is room again later, and the server is started
 * anew: neither 2.9.1 nor 1.8.10 writes to its log any more after a write to that has failed, however much room there is.
 */
export async function outliveFullDiskAtServer(version: RealVersion): Promise<OutlivedFullDisk> {
  await using disk = await mountSmallDisk(diskBytes);
  let toldWhileFull: Shipped['told'] = [];
  const shipped = await shipToRealServer(
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
      toldWhileFull = [...run.told];
      await disk.free();
      await influxdb.server.restart();
    },
    { version, disk },
  );
  return { ...shipped, toldWhileFull };
}
