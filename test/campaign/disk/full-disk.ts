import { setTimeout as delay } from 'node:timers/promises';
import type { GivenAnswer } from '../../../src/simulator/service.ts';
import { createWorld } from '../../../src/simulator/world.ts';
import { account, configText, environment, startTencent } from '../../e2e/account.ts';
import { createWorkspace, startLivetally } from '../../e2e/livetally-process.ts';
import { readStore } from '../../e2e/stored.ts';
import { type CampaignOptions, type CampaignRow, formatCount } from '../campaign-part.ts';
import { verifyRun } from '../verified-run.ts';
import { compareAnswers } from './compare.ts';
import { buildDiskFaults, createFaultyDisk } from './faulty-disk.ts';
import { type Scraped, scrape } from './scrape.ts';

/** `pace` is in full rates of an account: more fill the memory sooner. */
export type FullDiskSize = { readonly pace: number; readonly watchedMs: number };

const wholeSize: FullDiskSize = { pace: 1, watchedMs: 20_000 };
const [roomsAtFullRate, receiversAtFullRate] = [90, 180];
/** As src/stages.ts has it: beyond it polls are skipped. */
const mostUncommitted = 20_000;
const fillsWithinMs = 180_000;
/** What was under way when it became too much: polls in flight, and what the garbage collector has not had yet. */
const slack = { samples: 1_000, bytes: 32 * 1024 ** 2 };

/** The real program at nearly the full rate on a disk that is full for longer than memory can hold, and is freed at last. */
export async function outliveFullDisk(
  { seed, log }: CampaignOptions,
  { pace, watchedMs }: FullDiskSize = wholeSize,
): Promise<CampaignRow> {
  const findings: string[] = [];
  const [rooms, receivers] = [pace * roomsAtFullRate, pace * receiversAtFullRate];
  const limits = { rooms: pace * 100, gifts: pace * 200 };
  const world = createWorld({ seed, rooms, receivers, pace: 60, showsPerDay: 22, showHours: { min: 1.1, max: 1.2 } });
  const answers: GivenAnswer[] = [];
  await using folder = await createWorkspace();
  using disk = createFaultyDisk(folder, await buildDiskFaults(folder), seed);
  await using tencent = await startTencent(world, {
    apps: [
      {
        ...{ ...account, identifiers: [account.identifier] },
        limits: { room_stats: limits.rooms, gift_count: limits.gifts },
      },
    ],
    onAnswer: (answer) => answers.push(answer),
  });
  const store = `${disk.folder}/store.db`;
  const config = await folder.write(
    'livetally.yaml',
    configText({ baseUrl: tencent.url, store, world, limits: JSON.stringify(limits) }),
  );
  await using livetally = startLivetally(['run', '--config', config], { ...environment, ...disk.environment });
  const [, url = ''] = await livetally.says(/"metrics":"([^"]+)"/);
  await delay(2_000);
  disk.become({ kind: 'full' });
  const full = await until(url, ({ uncommitted }) => uncommitted > mostUncommitted);
  await delay(watchedMs);
  const later = await scrape(url);
  if (full === undefined || later === undefined) throw new Error('memory was not filled in time');
  log(`${later.uncommitted} samples held, ${later.skipped} polls skipped, ${Math.round(later.memoryBytes / 1e6)} MB`);
  if (later.uncommitted > mostUncommitted + slack.samples) findings.push(`${later.uncommitted} samples are held`);
  if (later.memoryBytes > full.memoryBytes + slack.bytes) {
    findings.push(`memory grew from ${full.memoryBytes} to ${later.memoryBytes} bytes in ${watchedMs} ms`);
  }
  disk.become({ kind: 'well' });
  const well = await until(url, ({ uncommitted, isFailing }) => uncommitted < slack.samples && !isFailing);
  livetally.kill('SIGTERM');
  const { code, stdout, stderr } = await livetally.ended;
  if (code !== 0 || well === undefined) findings.push(`ended with ${code}: ${stderr}`);
  if (!/polls are skipped and counted/.test(stdout)) findings.push('the log does not tell that polls are skipped');
  const { samples, rounds } = readStore(store);
  const skipped = rounds.reduce((sum, round) => sum + round.skipped, 0);
  if (skipped < later.skipped) findings.push(`${later.skipped} polls were skipped, the rounds tell of ${skipped}`);
  const { missing, strange } = compareAnswers(answers, samples);
  const verified = await verifyRun(config, environment);
  return {
    test: 'a disk that stays full for longer than memory can hold',
    howMany: formatCount(samples.length, 'samples'),
    lost: missing.length + verified.lost,
    doubled: strange.length + verified.doubled,
    wrong: findings.length + verified.wrong,
    findings: [...findings, ...missing.slice(0, 3), ...strange.slice(0, 3), ...verified.findings],
  };
}

/** The first scrape of which something is true; undefined where none is in time. */
async function until(url: string, isTrue: (scraped: Scraped) => boolean): Promise<Scraped | undefined> {
  for (let waitedMs = 0; waitedMs < fillsWithinMs; waitedMs += 1_000) {
    const scraped = await scrape(url);
    if (scraped !== undefined && isTrue(scraped)) return scraped;
    await delay(1_000);
  }
  return undefined;
}
