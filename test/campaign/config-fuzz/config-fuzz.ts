import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type CampaignPart, formatCount } from '../campaign-part.ts';
import { createDice } from '../dice.ts';
import { ConfigFolder } from './config-folder.ts';
import type { ConfigFiles } from './corpus.ts';
import { examine } from './examine.ts';
import type { FuzzReport } from './fuzz-worker.ts';
import { minimise } from './minimise.ts';
import { mutateConfig } from './mutate.ts';

/** Longer than any configuration of these sizes takes, also beside others on a busy machine. */
const hangMs = 10_000;
const defaultCount = 1_000_000;
const logEvery = 50_000;
/** Found failures become files there, which `npm test` reads from then on. */
const fixtures = join(import.meta.dirname, '../../fixtures/config/fuzz');

export const configFuzz: CampaignPart = {
  name: 'config-fuzz',
  summary: 'mutated configurations and watchlists: each refused with words, or accepted and runnable',
  async run({ seed: first, count = defaultCount, log }) {
    const findings: string[] = [];
    const totals = { accepted: 0, refused: 0, hung: 0 };
    const reasons = new Set<string>();
    const began = performance.now();
    let next = first;
    while (next < first + count) {
      const ended = await fuzz(next, first + count, async ({ seed, reason }) => {
        if (reasons.has(kindOf(reason))) return;
        reasons.add(kindOf(reason));
        findings.push(`seed ${seed}: ${reason}`);
        log(`seed ${seed}: ${reason}`);
        log(`seed ${seed}: kept as ${await keepSmallest(seed, kindOf(reason))}`);
      });
      totals.accepted += ended.accepted;
      totals.refused += ended.refused;
      if (Math.floor(ended.next / logEvery) > Math.floor(next / logEvery)) log(`${ended.next - first} of ${count}`);
      next = ended.next;
      if (ended.hungAt !== undefined) {
        totals.hung++;
        findings.push(`seed ${ended.hungAt}: not read within ${hangMs / 1000} s`);
      }
    }
    const seconds = (performance.now() - began) / 1000;
    log(`${totals.accepted} accepted, ${totals.refused} refused, ${Math.round(count / seconds)} a second`);
    const wrong = count - totals.accepted - totals.refused;
    return [
      {
        test: 'configuration fuzz: crash, hang, no words, or accepted and not runnable',
        howMany: formatCount(count, 'configurations'),
        ...{ lost: 0, doubled: 0, wrong, findings },
      },
    ];
  },
};

type Ended = { readonly next: number; readonly accepted: number; readonly refused: number; readonly hungAt?: number };

/** In slices, so that a hang costs the counts of one slice at most. */
const sliceSize = 2_000;

async function fuzz(
  from: number,
  end: number,
  failed: (failure: { readonly seed: number; readonly reason: string }) => Promise<void>,
): Promise<Ended> {
  const to = Math.min(end, from + sliceSize);
  const progress = new SharedArrayBuffer(4);
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), { workerData: { from, to, progress } });
  const failures: Promise<void>[] = [];
  const done = new Promise<Ended>((resolve, reject) => {
    worker.on('message', (report: FuzzReport) => {
      if (report.kind === 'failed') failures.push(failed(report));
      else resolve({ next: to, accepted: report.accepted, refused: report.refused });
    });
    worker.on('error', reject);
  });
  const watched = new AbortController();
  try {
    const ended = await Promise.race([done, watch(new Int32Array(progress), from, watched.signal)]);
    await Promise.all(failures);
    return ended;
  } finally {
    watched.abort();
    await worker.terminate();
  }
}

/** Resolves when one seed takes too long; what the slice had before it is counted again by nobody. */
async function watch(at: Int32Array, from: number, signal: AbortSignal): Promise<Ended> {
  for (let last = -1; ; ) {
    await delay(hangMs, undefined, { signal }).catch(() => new Promise(() => {}));
    const seed = Atomics.load(at, 0);
    if (seed === last) return { next: seed + 1, accepted: 0, refused: seed - from, hungAt: seed };
    last = seed;
  }
}

/** The same failure at other places of a text, or with other numbers, is one. */
function kindOf(reason: string): string {
  const [words = '', ...stack] = reason.replace(/\d+/g, '#').split('\n');
  return [words.slice(0, 40), ...stack.slice(0, 2)].join('\n');
}

async function keepSmallest(seed: number, kind: string): Promise<string> {
  using folder = new ConfigFolder();
  const fails = async (files: ConfigFiles) => {
    const examined = await examine(files, folder);
    return examined.status === 'failed' && kindOf(examined.reason) === kind;
  };
  const files = await minimise(mutateConfig(createDice(seed)), fails);
  const place = join(fixtures, `seed-${seed}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), content);
  }
  return place;
}
