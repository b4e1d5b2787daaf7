import { TemporaryStore } from '../../integration/store/temporary-store.ts';
import { type CampaignPart, type CampaignRow, formatCount } from '../campaign-part.ts';
import { createDice } from '../dice.ts';
import type { DamagedCase } from './damaged-case.ts';
import { judgeOpening } from './judge-opening.ts';
import { judgeSalvage } from './judge-salvage.ts';
import { createOriginalStore, type OriginalStore } from './original-store.ts';
import { describeHarm, type Harm, harmOf, spoil, wholeFiles } from './spoil.ts';

const defaultCount = 5_000;

export const damage: CampaignPart = {
  name: 'damage',
  summary:
    'every byte range of a store and its log flipped or cut: it opens with all its rows, or says what to do, and salvage gets out the rest',
  async run({ seed, count = defaultCount, log }) {
    using original = createOriginalStore();
    const findings: string[] = [];
    const totals: Record<string, number> = {};
    const counted = (what: string, by = 1) => {
      totals[what] = (totals[what] ?? 0) + by;
    };
    for (let number = 0; number < count; number++) {
      findings.push(...(await judgeCase({ seed, number, count }, original, counted)));
      if (number % 500 === 499) log(`${number + 1} cases, ${JSON.stringify(totals)}`);
    }
    for (const harm of wholeFiles) findings.push(...(await judgeHarm(harm, describeHarm(harm), original, counted)));
    log(JSON.stringify(totals));
    return [row(count + wholeFiles.length, findings)];
  },
};

/** Which harm is done. */
export type DamageCase = { readonly seed: number; readonly number: number; readonly count: number };

/** What is wrong with what becomes of a store that was damaged so. */
export async function judgeCase(
  { seed, number, count }: DamageCase,
  original: OriginalStore,
  counted: DamagedCase['counted'],
): Promise<readonly string[]> {
  const harm = harmOf(number, count, original.sizes, createDice(seed, number));
  const name = `seed ${seed}, case ${number} of ${count}, ${describeHarm(harm)}`;
  return await judgeHarm(harm, name, original, counted);
}

async function judgeHarm(
  harm: Harm,
  name: string,
  original: OriginalStore,
  counted: DamagedCase['counted'],
): Promise<readonly string[]> {
  const findings: string[] = [];
  using place = new TemporaryStore();
  const add = (words: string) => findings.push(`${name}: ${words}`);
  original.copyTo(place.path);
  spoil(harm.file === 'database' ? place.path : `${place.path}-wal`, harm);
  const one = { harm, place, original, add, counted };
  judgeSalvage(one);
  await judgeOpening(one);
  return findings;
}

function row(count: number, findings: readonly string[]): CampaignRow {
  return {
    test: 'damaged store: rows gone or changed without a word, something deleted, or too little salvaged',
    howMany: formatCount(count, 'damaged files'),
    ...{ lost: 0, doubled: 0, wrong: findings.length, findings },
  };
}
