import { type CampaignPart, type CampaignRow, formatCount } from '../campaign-part.ts';
import { runSeeds, type SeedsReport } from './run-seeds.ts';

/** About 10^8 polls that were due. */
const wholeCampaign = 4_000;

/** The whole collector in virtual time, amid faults of everything around it. */
export const virtualTime: CampaignPart = {
  name: 'virtual-time',
  summary: 'the whole collector on a simulated clock, with faults and crashes at any step; --count is in seeds',
  run: async ({ seed, count = wholeCampaign, log }) => {
    const report = await runSeeds({ from: seed, count, log });
    return [toRow(report)];
  },
};

function toRow({ seeds, due, crashes, lost, doubled, wrong, findings }: SeedsReport): CampaignRow {
  return {
    test: 'virtual time, every part of the collector',
    howMany: `${formatCount(due, 'polls due')}, ${formatCount(crashes, 'crashes')}, ${formatCount(seeds, 'seeds')}`,
    ...{ lost, doubled, wrong, findings },
  };
}
