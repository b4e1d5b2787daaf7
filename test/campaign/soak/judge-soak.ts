import { endpoints } from '../../../src/model/target.ts';
import { logLimitBytes } from '../../../src/store/open-file.ts';
import { type Episode, recoverySeconds, warmUpSeconds } from './fault-plan.ts';
import { limits, requestTimeoutSeconds, type SoakRun } from './soak-run.ts';
import type { Glance } from './soak-watch.ts';

const mebi = 1024 ** 2;
/** Of the limit; what is polled are 95 % of it. */
const leastUse = 0.94;
/** Targets are called out in half seconds: so much of a time looked at may be made up for behind its end. */
const edgeSeconds = 0.5;
/** Another program that takes its share of the limit makes livetally pause for some seconds. */
const longestStandstillSeconds = 10;
const longestLagSeconds = 1;
/** A checkpoint puts it back at a quarter of the limit; a transaction of the roll-up may come in between. */
const mostLogBytes = 2 * logLimitBytes;
/** A connection for each request that can be in flight, and what is always there. */
const mostDescriptors = (limits.room_stats + limits.gift_count) * requestTimeoutSeconds + 100;
/** Below, the program is still growing into its work. */
const leastSecondsForSlopes = 10 * 60;

/** What is not as it must be, beside what `verify` finds. */
export function findingsOf(run: SoakRun): readonly string[] {
  return [
    ...overLimit(run),
    ...underUse(run),
    ...standstills(run.glances),
    ...beyondBounds(run.glances),
    ...slopes(run.glances),
    ...ofTheEnd(run),
  ];
}

function overLimit({ traffic, allowed }: SoakRun): readonly string[] {
  return endpoints.flatMap((endpoint) => {
    const { worstSlidingSecond } = traffic[endpoint];
    return worstSlidingSecond > allowed[endpoint]
      ? [`${endpoint}: ${worstSlidingSecond} requests in a second, and ${allowed[endpoint]} are allowed`]
      : [];
  });
}

/** While Tencent is well, everything is polled and answered, whether InfluxDB is well or not. */
function underUse({ plan, glances }: SoakRun): readonly string[] {
  const steps = glances.slice(1).map((to, index) => ({ from: glances[index] ?? to, to }));
  const isWell = ({ from, to }: (typeof steps)[number]) =>
    from.atSecond >= warmUpSeconds && !touches(plan.upstream, from.atSecond - recoverySeconds, to.atSecond);
  const isSinkWell = ({ from, to }: (typeof steps)[number]) => !touches(plan.sink, from.atSecond, to.atSecond);
  const wellSteps = steps.filter(isWell);
  return [
    ...useIn(wellSteps.filter(isSinkWell), 'while all is well'),
    ...useIn(
      wellSteps.filter((step) => !isSinkWell(step)),
      'while InfluxDB has troubles',
    ),
  ];
}

function useIn(steps: readonly { readonly from: Glance; readonly to: Glance }[], when: string): readonly string[] {
  const stretches = steps.filter(({ from }, index) => steps[index - 1]?.to !== from).length;
  const seconds = sum(steps.map(({ from, to }) => to.atSecond - from.atSecond)) - stretches * edgeSeconds;
  if (seconds <= 0) return [`there was no time ${when}: nothing can be said of the use of the limits in it`];
  return endpoints.flatMap((endpoint) =>
    (['requests', 'answered'] as const).flatMap((what) => {
      const perSecond = sum(steps.map(({ from, to }) => to[what][endpoint] - from[what][endpoint])) / seconds;
      return perSecond >= leastUse * limits[endpoint]
        ? []
        : [`${endpoint}: only ${perSecond.toFixed(1)} ${what} a second ${when}, of ${limits[endpoint]} allowed`];
    }),
  );
}

function touches(episodes: readonly Episode<unknown>[], fromSecond: number, toSecond: number): boolean {
  return episodes.some((episode) => episode.fromSecond < toSecond && episode.toSecond > fromSecond);
}

function standstills(glances: readonly Glance[]): readonly string[] {
  return endpoints.flatMap((endpoint) => {
    let [movedSecond, longest] = [0, { seconds: 0, atSecond: 0 }];
    for (const [index, { atSecond, requests }] of glances.entries()) {
      if (requests[endpoint] > (glances[index - 1]?.requests[endpoint] ?? 0)) movedSecond = atSecond;
      const seconds = atSecond - movedSecond;
      if (seconds > longest.seconds) longest = { seconds, atSecond: movedSecond };
    }
    return longest.seconds > longestStandstillSeconds
      ? [`${endpoint}: no request for ${longest.seconds.toFixed(0)} s from second ${longest.atSecond.toFixed(0)} on`]
      : [];
  });
}

function beyondBounds(glances: readonly Glance[]): readonly string[] {
  const late = glances.filter(({ lagSeconds }) => !(lagSeconds <= longestLagSeconds));
  const longLog = glances.filter(({ logBytes }) => !(logBytes <= mostLogBytes));
  const crowded = glances.filter(({ descriptors }) => !(descriptors <= mostDescriptors));
  return [
    ...late.map(({ atSecond, lagSeconds }) => `the event loop was ${lagSeconds} s late at second ${atSecond}`),
    ...longLog.map(({ atSecond, logBytes }) => `the WAL had ${logBytes} bytes at second ${atSecond}`),
    ...crowded.map(({ atSecond, descriptors }) => `${descriptors} descriptors were open at second ${atSecond}`),
  ];
}

export type Growth = { readonly what: string; readonly before: number; readonly after: number; readonly most: number };

/** The last quarter of the run against the second, so that what a fault takes for a time does not count. */
export function growthOf(glances: readonly Glance[]): readonly Growth[] {
  const endSecond = glances.at(-1)?.atSecond ?? 0;
  if (endSecond < leastSecondsForSlopes) return [];
  const quarter = (index: number) =>
    glances.filter(({ atSecond }) => Math.floor((4 * atSecond) / (endSecond + 1)) === index);
  const [early, late] = [quarter(1), quarter(3)];
  return growing.map(({ what, of, typical, most }) => {
    const before = typical(early.map(of));
    return { what, before, after: typical(late.map(of)), most: most(before) };
  });
}

function slopes(glances: readonly Glance[]): readonly string[] {
  return growthOf(glances).flatMap(({ what, before, after, most }) =>
    after <= most ? [] : [`${what} grew from ${before} in the second quarter to ${after} in the last`],
  );
}

const growing = [
  {
    what: 'memory',
    of: (glance: Glance) => glance.residentBytes,
    typical: median,
    most: (before: number) => Math.max(1.1 * before, before + 8 * mebi),
  },
  {
    // How many connections the pool has open follows from how many answers were slow within two minutes. The service closes one
    // that is not used for as long: where it is lost, it is open on this side only, at the quietest moment too.
    what: 'descriptors beside connections in use',
    of: (glance: Glance) => glance.descriptors - glance.connections,
    typical: (values: readonly number[]) => Math.min(...values),
    most: (before: number) => before + 10,
  },
  {
    what: 'WAL',
    of: (glance: Glance) => glance.logBytes,
    typical: median,
    most: (before: number) => Math.max(1.1 * before, before + mebi),
  },
] as const;

function ofTheEnd({ glances, ended, waiting, failedPolls, verified }: SoakRun): readonly string[] {
  const { samples, points } = verified.looked;
  return [
    ...(ended.code === 0 ? [] : [`it ended with ${ended.code ?? ended.signal}`]),
    ...(ended.stderr === '' ? [] : [`it wrote to stderr: ${ended.stderr}`]),
    ...(waiting === 0 ? [] : [`${waiting} rows still waited a while after the last fault`]),
    ...(samples > 0 && points >= samples ? [] : [`of ${samples} samples only ${points} are in InfluxDB`]),
    // Otherwise nothing was tried.
    ...(glances.some(({ isSinkUp }) => !isSinkUp) ? [] : ['no trouble of InfluxDB was felt']),
    ...(failedPolls > 0 ? [] : ['no trouble of Tencent was felt']),
  ];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
