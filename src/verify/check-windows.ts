import type { Stock } from '../model/stock.ts';
import { tableOf } from '../model/stored-table.ts';
import type { Endpoint } from '../model/target.ts';
import { type Tier, tiers } from '../model/window.ts';
import type { Findings } from './findings.ts';
import { KnownTime } from './known-time.ts';
import type { Calendar, RollUp } from './roll-up.ts';
import { slackMs, slices, type TimeRange, upTo, type VerifiedStore } from './verified-store.ts';
import { WindowMatch } from './window-match.ts';
import { WindowsOfWindows } from './windows-of-windows.ts';

export type WindowsOptions = {
  readonly store: VerifiedStore;
  readonly endpoint: Endpoint;
  readonly stock: Stock;
  readonly time: TimeRange;
  readonly rollUp: RollUp;
  readonly calendar: Calendar;
  readonly findings: Findings;
  readonly pause: () => Promise<void>;
};

const rowsPerSlice = 5_000;
const hourMs = 60 * 60 * 1_000;
const halfYearMs = 183 * 24 * hourMs;

/** Each window of more than 5 minutes is the sum of those that it consists of. Returns how many were looked at. */
export async function checkWindows(options: WindowsOptions): Promise<number> {
  const { store, calendar, endpoint } = options;
  // No day may have ended yet, and the finer windows before the last day may be deleted.
  const lastMs = Math.max(
    ...tiers.map((tier) => tableOf(endpoint, tier)).map((table) => store.writtenMs(table, store.lastId(table)) ?? 0),
  );
  let matched = await checkTier('5m', '1h', options);
  matched += await checkTier(isMadeOfHours(calendar, lastMs) ? '1h' : '5m', '1d', options);
  return matched + (await checkTier('1d', '1mo', options));
}

/** Days of a zone that is not whole hours off UTC do not consist of hours, be it in half of the year. */
function isMadeOfHours(calendar: Calendar, lastMs: number): boolean {
  return [lastMs, lastMs - halfYearMs].every((dayMs) => calendar('1d', dayMs).startMs % hourMs === 0);
}

async function checkTier(from: Tier, to: Tier, options: WindowsOptions): Promise<number> {
  const { store, endpoint, stock, time, rollUp, calendar, findings, pause } = options;
  const table = tableOf(endpoint, from);
  const match = new WindowMatch({
    store,
    endpoint,
    tier: to,
    rollUp,
    calendar,
    time,
    runEnds: stock.runEnds,
    findings,
  });
  const windows = new WindowsOfWindows(calendar, to, match);
  const lastId = stock.lastIds.get(table) ?? 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const range of slices(upTo(store.stored(table), lastId), rowsPerSlice)) {
    const rows = store.readWindows(endpoint, from, range);
    windows.add(rows);
    for (const { content } of rows) lastMs = Math.max(lastMs, content.endMs);
    await pause();
  }
  const isAll = store.lastId(table) === lastId && time.toMs === Number.POSITIVE_INFINITY;
  windows.finish((endMs) => isAll || endMs <= lastMs - slackMs);
  match.finish(new KnownTime(store, table));
  return match.matched;
}
