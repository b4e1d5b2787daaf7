import { setTimeout as delay } from 'node:timers/promises';
import { busyWorld, configText, environment } from '../../e2e/account.ts';
import { createWorkspace, startLivetally } from '../../e2e/livetally-process.ts';
import { dayMs, rollUp, startMs, TemporaryStore } from '../../integration/store/temporary-store.ts';
import { type CampaignRow, formatCount } from '../campaign-part.ts';
import { makeOldStore } from '../crash/old-store.ts';
import { residentBytes } from './usage-watch.ts';

const mebi = 1024 ** 2;
const rooms = 250;
const roundMs = 15_000;
/** Of 250,000 samples, in rounds and windows that belong to them. */
const fewRounds = 1_000;
/** Of a million samples it took 37 MiB more than of a quarter of that, of three millions 34; their rows alone are 330. */
const mostGrowthBytes = 120 * mebi;

/** `livetally verify` of a store, and of one with so many times the rounds, samples and windows: it holds no more of them. */
export async function compareVerifyMemory(times: number): Promise<CampaignRow> {
  const few = await verifyOf(fewRounds);
  const many = await verifyOf(fewRounds * times);
  const findings = [
    ...few.findings,
    ...many.findings,
    ...(many.mostBytes - few.mostBytes > mostGrowthBytes
      ? [`verify took ${few.mostBytes} bytes, and ${many.mostBytes} of ${times} times the samples`]
      : []),
  ];
  const measured = [few, many].map(({ mostBytes }) => Math.round(mostBytes / mebi)).join(' to ');
  return {
    test: `verify of ${times} times the samples`,
    howMany: `${formatCount(fewRounds * times * rooms, 'samples')}, ${measured} MiB`,
    ...{ lost: 0, doubled: 0, wrong: findings.length, findings },
  };
}

async function verifyOf(rounds: number) {
  await using folder = await createWorkspace();
  const store = folder.path('store.db');
  makeOldStore(store, { rounds, rooms });
  liftAndRollUp(store, startMs + rounds * roundMs + dayMs);
  const text = configText({ baseUrl: 'http://127.0.0.1:1', store: `${store}, keep: 3650d`, world: busyWorld(1, 1) });
  const config = await folder.write('livetally.yaml', text);
  await using livetally = startLivetally(['verify', '--store-only', '--config', config], environment);
  const mostBytes = await watchMemory(livetally.pid, livetally.ended);
  const { code, stdout, stderr } = await livetally.ended;
  const looked = new RegExp(`Everything adds up: .* ${(rounds * rooms).toLocaleString('en')} samples`);
  const findings = code === 0 && looked.test(stdout) ? [] : [`verify ended with ${code}: ${stdout}${stderr}`];
  return { mostBytes, findings: mostBytes > 0 ? findings : [...findings, 'the memory of verify was not seen'] };
}

function liftAndRollUp(path: string, nowMs: number): void {
  using elsewhere = new TemporaryStore();
  using journal = elsewhere.open({ path, keepMs: Number.MAX_SAFE_INTEGER });
  rollUp(journal, nowMs);
}

async function watchMemory(pid: number, ended: Promise<unknown>): Promise<number> {
  const isOver = ended.then(() => true);
  let mostBytes = 0;
  // A process that is about to go has none.
  do mostBytes = Math.max(mostBytes, residentBytes(pid) || 0);
  while (!(await Promise.race([isOver, delay(20, false)])));
  return mostBytes;
}
