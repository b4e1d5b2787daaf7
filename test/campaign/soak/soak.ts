import { type CampaignPart, formatCount } from '../campaign-part.ts';
import { findingsOf, growthOf } from './judge-soak.ts';
import { soak as runSoak } from './soak-run.ts';

const defaultMinutes = 60;

/** A count, or bytes, which are never few. */
const inShort = (value: number) => (value < 10_000 ? String(value) : `${(value / 1024 ** 2).toFixed(1)} MiB`);

/** The real program in real time, for long enough that what grows is seen to grow. */
export const soak: CampaignPart = {
  name: 'soak',
  summary: 'the real program at the full rate, with troubles on both sides; --count is minutes (60)',
  async run({ seed, count: minutes = defaultMinutes, log }) {
    const run = await runSoak({ seed, seconds: minutes * 60, log });
    const { plan, verified, failedPolls, glances, traffic } = run;
    const { residentBytes, descriptors, connections, logBytes } = glances.at(-1) ?? {};
    const atEnd = { residentBytes, descriptors, connections, logBytes, failedPolls, ...verified.looked };
    log(`at the end: ${JSON.stringify(atEnd)}`);
    const own = findingsOf(run).map((finding) => `soak with --seed ${seed} --count ${minutes}: ${finding}`);
    const requests = traffic.room_stats.requests + traffic.gift_count.requests;
    return [
      {
        test: 'soak: the real program at the full rate, with troubles on both sides',
        howMany: [
          formatCount(minutes, 'min'),
          formatCount(requests, 'requests'),
          formatCount(plan.sink.length + plan.upstream.length, 'troubles'),
          ...growthOf(glances).map(({ what, before, after }) => `${what} ${inShort(before)} to ${inShort(after)}`),
        ].join(', '),
        lost: verified.lost,
        doubled: verified.doubled,
        wrong: verified.wrong + own.length,
        findings: [...verified.findings, ...own],
      },
    ];
  },
};
