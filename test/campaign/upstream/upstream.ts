import { type CampaignPart, formatCount } from '../campaign-part.ts';
import {
  calmDisturbed,
  floodsAndStalls,
  goodOnesDisturbed,
  ledgerErrors,
  mixedUp,
  stuckAfterwards,
  troublesWithoutOutcome,
} from './judge-run.ts';
import { sumOf } from './metrics-text.ts';
import { runTroubled } from './troubled-run.ts';

export const upstream: CampaignPart = {
  name: 'upstream',
  summary: 'every code, broken answer and broken connection at once, an app each; the rest goes on at its pace',
  /** `count` is seconds of trouble. */
  async run({ count: seconds = 300 }) {
    const run = await runTroubled(seconds * 1000, 40_000);
    const mixed = mixedUp(run);
    const ledger = ledgerErrors(run);
    const findings = [
      ...troublesWithoutOutcome(run).map((app) => `${app}: no outcome`),
      ...floodsAndStalls(run),
      ...calmDisturbed(run),
      ...goodOnesDisturbed(run),
      ...stuckAfterwards(run).map((app) => `${app}: not answered afterwards`),
      ...(mixed.samples === 0 || mixed.lateAnswers === 0
        ? ['no sample could have had the totals of another room']
        : []),
      ...(mixed.wrong > 0 ? [`${mixed.wrong} samples have the totals of another room`] : []),
      ...(ledger.rounds > 0 ? [`${ledger.rounds} rounds do not add up`] : []),
      ...(run.ended.code === 0 ? [] : [`it ended with ${run.ended.code}: ${run.ended.stderr}`]),
    ];
    return [
      {
        test: `upstream faults, ${run.troubles.length} kinds at once`,
        howMany: formatCount(sumOf(run.healed, 'livetally_polls_total'), 'polls'),
        ...{
          lost: Math.max(0, ledger.samples),
          doubled: Math.max(0, -ledger.samples),
          wrong: findings.length,
          findings,
        },
      },
    ];
  },
};
