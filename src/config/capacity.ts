import { type Endpoint, endpoints } from '../model/target.ts';
import type { Apps } from './apps.ts';
import type { UsedSchedule } from './cadence.ts';
import type { ReadCron } from './config.ts';
import type { Findings } from './problem.ts';

/** The part of a limit that polls may use; the rest absorbs what the network bunches together. */
export const usableShare = 0.95;

/** Refuses what the limits cannot carry, with the sum that shows it. Apps of one SDKAppID are added up: they share its limits. */
export function checkCapacity(used: readonly UsedSchedule[], apps: Apps, readCron: ReadCron, findings: Findings): void {
  for (const endpoint of endpoints) {
    const groups = Map.groupBy(
      used.filter(({ schedule }) => schedule.endpoint === endpoint),
      ({ schedule }) => apps.get(schedule.app)?.sdkAppId,
    );
    for (const schedules of groups.values()) {
      const limit = apps.get(schedules[0]?.schedule.app ?? '')?.limits[endpoint];
      if (limit !== undefined) checkGroup(endpoint, schedules, limit, readCron, findings);
    }
  }
}

export function requestsPerSecond({ targets, intervalMs }: Pick<UsedSchedule, 'targets' | 'intervalMs'>): number {
  return (targets * 1000) / intervalMs;
}

function checkGroup(
  endpoint: Endpoint,
  schedules: readonly UsedSchedule[],
  limit: number,
  readCron: ReadCron,
  findings: Findings,
): void {
  const needed = sum(schedules.map(requestsPerSecond));
  const usable = limit * usableShare;
  if (needed <= usable * (1 + 1e-9)) return;
  const largest = schedules.reduce((one, other) => (requestsPerSecond(other) > requestsPerSecond(one) ? other : one));
  const noun = endpoint === 'room_stats' ? 'room' : 'receiver';
  const parts = schedules.map(
    ({ targets, intervalMs, schedule }) =>
      `${format(targets)} ${noun}${targets === 1 ? '' : 's'} of app ${schedule.app} every ${formatInterval(intervalMs)}`,
  );
  const fitting = fittingCron(sum(schedules.map(({ targets }) => targets)) / usable, largest, readCron);
  findings.report(
    largest.place,
    `${parts.join(' + ')} need ${format(Math.ceil(needed * 100) / 100)} requests/s; ` +
      `the limit gives ${format(limit)} x ${usableShare} = ${format(usable)}`,
    fitting && `${schedules.length > 1 ? 'all of them ' : ''}every ${fitting.interval} would fit: "${fitting.cron}"`,
  );
}

/** Steps that divide a minute or an hour: only these are evenly spaced in cron. */
const evenSteps = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];

/** The expression with the shortest interval that is long enough, in the hours and days that the given one names. */
function fittingCron(
  seconds: number,
  { schedule }: UsedSchedule,
  readCron: ReadCron,
): { readonly cron: string; readonly interval: string } | undefined {
  const days = schedule.cron.trim().split(/\s+/).slice(-4).join(' ');
  const step = (size: number) => (size === 1 ? '*' : `*/${size}`);
  const candidates = [
    ...evenSteps.map((size) => ({ intervalMs: size * 1000, cron: `${step(size)} * ${days}` })),
    ...evenSteps.map((size) => ({ intervalMs: size * 60_000, cron: `0 ${step(size)} ${days}` })),
    { intervalMs: 3_600_000, cron: `0 0 ${days}` },
  ];
  for (const { cron, intervalMs } of candidates) {
    if (intervalMs < seconds * 1000 * (1 - 1e-9)) continue;
    const reading = readCron(cron, schedule.timezone);
    if (reading.status === 'read' && reading.intervalMs >= seconds * 1000 * (1 - 1e-9))
      return { cron, interval: formatInterval(intervalMs) };
  }
  return undefined;
}

function formatInterval(ms: number): string {
  if (ms % 3_600_000 === 0) return `${format(ms / 3_600_000)} h`;
  return ms % 60_000 === 0 ? `${format(ms / 60_000)} min` : `${format(ms / 1000)} s`;
}

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const format = (value: number) => numbers.format(value);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
