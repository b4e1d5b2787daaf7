import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { type CampaignPart, formatCount } from '../campaign-part.ts';
import { createDice } from '../dice.ts';
import { ConfigFolder } from './config-folder.ts';
import type { ConfigFiles } from './corpus.ts';
import { examine } from './examine.ts';
import { runFuzzPool } from './fuzz-pool.ts';
import type { FuzzFailure } from './fuzz-worker.ts';
import { minimise } from './minimise.ts';
import { mutateConfig } from './mutate.ts';

/** Tens of thousands of entries take two seconds of a processor, which a busy machine may give in ten. */
const hangMs = 20_000;
const defaultCount = 1_000_000;
const logEveryMs = 60_000;
/** Found failures become files there, which `npm test` reads from then on. */
const fixtures = join(import.meta.dirname, '../../fixtures/config/fuzz');

export const configFuzz: CampaignPart = {
  name: 'config-fuzz',
  summary: 'mutated configurations and watchlists: each refused with words, or accepted and runnable',
  async run({ seed: first, count = defaultCount, log }) {
    const findings: string[] = [];
    const kinds = new Set<string>();
    const kept: Promise<void>[] = [];
    const failed = ({ seed, reason }: FuzzFailure) => {
      if (kinds.has(kindOf(reason))) return;
      kinds.add(kindOf(reason));
      findings.push(`seed ${seed}: ${reason}`);
      log(`seed ${seed}: ${reason}`);
      if (isRepeatable(reason))
        kept.push(keepSmallest(seed, reason).then((place) => log(`seed ${seed}: kept as ${place}`)));
    };
    const beganMs = performance.now();
    let progress: NodeJS.Timeout | undefined;
    const entry = new URL('./fuzz-worker.ts', import.meta.url);
    const workers = availableParallelism();
    using written = new ConfigFolder();
    const pool = { first, count, workers, hangMs, entry, failed, folder: written.path('.') };
    const board = await runFuzzPool(pool, ({ counted }) => {
      progress = setInterval(() => log(`${counted('accepted') + counted('refused')} of ${count}`), logEveryMs);
    }).finally(() => clearInterval(progress));
    await Promise.all(kept);
    const [accepted, refused] = [board.counted('accepted'), board.counted('refused')];
    const perSecond = Math.round((1_000 * count) / (performance.now() - beganMs));
    log(`${accepted} accepted, ${refused} refused, ${perSecond} a second with ${workers} workers`);
    return [
      {
        test: 'configuration fuzz: crash, hang, no words, or accepted and not runnable',
        howMany: formatCount(count, 'configurations'),
        ...{ lost: 0, doubled: 0, wrong: count - accepted - refused, findings },
      },
    ];
  },
};

/** The same failure at other places of a text, or with other numbers, is one. */
function kindOf(reason: string): string {
  const [words = '', ...stack] = reason.replace(/\d+/g, '#').split('\n');
  return [words.slice(0, 40), ...stack.slice(0, 2)].join('\n');
}

/** What hangs or ends a thread would do so here. */
function isRepeatable(reason: string): boolean {
  return !/^(?:not read within|ends its thread)/.test(reason);
}

async function keepSmallest(seed: number, reason: string): Promise<string> {
  using folder = new ConfigFolder();
  const fails = async (files: ConfigFiles) => {
    const examined = await examine(files, folder);
    return examined.status === 'failed' && kindOf(examined.reason) === kindOf(reason);
  };
  const files = await minimise(mutateConfig(createDice(seed)), fails);
  const place = join(fixtures, `seed-${seed}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), content);
  }
  return place;
}
