import { describe, expect, test } from 'vitest';
import { killAtWrites } from '../campaign/disk/killed-at-writes.ts';
import { liveInTrouble } from '../campaign/disk/troubled-lives.ts';
import { missingServers } from './servers/locate.ts';

const clean = { lost: 0, doubled: 0, wrong: 0, findings: [] };
const options = { seed: 1, count: undefined, log: () => {} };

// A file that is compiled and put before the C library makes the trouble; that needs no rights.
describe.skipIf(process.platform !== 'linux' || missingServers(['cc']).length > 0)('a disk in trouble', () => {
  test('Full, read-only or failing now and then: polling goes on or ends with a plain message, and nothing is lost or doubled.', async () => {
    expect(await liveInTrouble(options, 4)).toMatchObject(clean);
  });

  test('A store that is killed at a write while it is made, lifted, used or closed, also on a failing disk, opens again and has what was committed.', async () => {
    expect(await killAtWrites(options, 45)).toMatchObject(clean);
  });
});
