import type { Sample } from '../model/sample.ts';
import type { Stock } from '../model/stock.ts';
import type { Endpoint } from '../model/target.ts';
import { checkPresence, DueOrder } from './check-rows.ts';
import type { Findings } from './findings.ts';
import { KnownTime } from './known-time.ts';
import type { PolledRows } from './polled-rows.ts';
import type { Calendar, RollUp } from './roll-up.ts';
import { SessionsOfSamples } from './sessions-of-samples.ts';
import { type Row, slackMs, slices, type TimeRange, upTo, type VerifiedStore } from './verified-store.ts';
import { WindowMatch } from './window-match.ts';
import { WindowsOfSamples } from './windows-of-samples.ts';

export type SamplesOptions = {
  readonly store: VerifiedStore;
  readonly endpoint: Endpoint;
  readonly stock: Stock;
  readonly time: TimeRange;
  readonly rollUp: RollUp;
  readonly calendar: Calendar;
  readonly polled: PolledRows;
  readonly findings: Findings;
  /** Lets others have their turn. */
  readonly pause: () => Promise<void>;
};

const rowsPerSlice = 10_000;

/** Each committed sample is there once, and is in its window of 5 minutes and its session. */
export async function checkSamples(options: SamplesOptions) {
  const { store, endpoint, stock, time, rollUp, calendar, polled, findings, pause } = options;
  const match = new WindowMatch({
    store,
    endpoint,
    tier: '5m',
    rollUp,
    calendar,
    time,
    runEnds: stock.runEnds,
    findings,
  });
  const windows = new WindowsOfSamples(rollUp, match);
  const sessions = new SessionsOfSamples({ store, endpoint, rollUp, time, findings });
  const order = new DueOrder(store, endpoint, findings);
  const rolledUpTo = stock.rolledUp[endpoint].at(-1)?.toId ?? 0;
  const committed = upTo(store.stored(endpoint), stock.lastIds.get(endpoint) ?? 0);
  let count = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const range of slices(store.answeredWithin(endpoint, committed, time, slackMs), rowsPerSlice)) {
    const rows = store.readSamples(endpoint, range);
    checkPresence(store, endpoint, range, rows, findings);
    for (const row of rows) {
      order.add(row);
      polled.addRow(endpoint, store.seriesOf(row.seriesId).target.app, row.content.dueMs);
      lastMs = Math.max(lastMs, row.content.dueMs);
    }
    const rolledUp = rows.filter(({ id }) => id <= rolledUpTo);
    windows.add(rolledUp);
    for (const [targetId, own] of Map.groupBy(rolledUp, (row: Row<Sample>) => order.targetOf(row.seriesId))) {
      sessions.add(targetId, own);
    }
    count += rows.length;
    await pause();
  }
  const isStill = (store.rolledUp(endpoint).at(-1)?.toId ?? 0) === rolledUpTo;
  const isAll = isStill && time.toMs === Number.POSITIVE_INFINITY;
  windows.finish((endMs) => isAll || endMs <= lastMs - slackMs);
  const known = new KnownTime(store, endpoint);
  match.finish(known);
  sessions.finish();
  return { samples: count, windows: match.matched, sessions: sessions.looked, unfinished: sessions.open };
}
