import { counters } from '../../src/model/measurement.ts';
import type { Tier } from '../../src/model/window.ts';
import type { Past } from './past.ts';
import type { TruthRow } from './truth.ts';

/** What the truth rows of one series come to in a window or a session. `values` has the names of the points. */
export type TruthSum = Pick<TruthRow, 'endpoint' | 'tags' | 'timeMs' | 'values'>;

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Windows that have ended. `offsetMs` is that of a reporting zone which is always the same. */
export function windowsOf(rows: readonly TruthRow[], tier: Tier, past: Past, offsetMs: number): readonly TruthSum[] {
  const bySeriesAndWindow = Map.groupBy(rows, ({ tags, timeMs }) =>
    JSON.stringify([tags, windowAt(tier, timeMs, offsetMs).startMs]),
  );
  return [...bySeriesAndWindow.values()].flatMap((inWindow): TruthSum[] => {
    const [first] = inWindow;
    if (first === undefined) return [];
    const { startMs, endMs } = windowAt(tier, first.timeMs, offsetMs);
    return endMs > past.untilMs
      ? []
      : [{ ...first, timeMs: startMs, values: { ...sumUp(inWindow), ...lastTotals(inWindow) } }];
  });
}

function windowAt(tier: Tier, atMs: number, offsetMs: number): { startMs: number; endMs: number } {
  if (tier !== '1mo') {
    const lengthMs = { '5m': 5 * minuteMs, '1h': 60 * minuteMs, '1d': dayMs }[tier];
    const shiftMs = tier === '1d' ? offsetMs : 0;
    const startMs = Math.floor((atMs + shiftMs) / lengthMs) * lengthMs - shiftMs;
    return { startMs, endMs: startMs + lengthMs };
  }
  const local = new Date(atMs + offsetMs);
  const [year, month] = [local.getUTCFullYear(), local.getUTCMonth()];
  return { startMs: Date.UTC(year, month, 1) - offsetMs, endMs: Date.UTC(year, month + 1, 1) - offsetMs };
}

/** Sessions that have closed: a later life of the target, or half an hour without a sample. They keep the labels of their first sample. */
export function closedSessionsOf(rows: readonly TruthRow[], past: Past): readonly TruthSum[] {
  const byTarget = Map.groupBy(rows, ({ tags }) => JSON.stringify([tags['app'], tags['room_id'], tags['user_id']]));
  return [...byTarget.values()].flatMap((ofTarget) => {
    const sessions = [...Map.groupBy(ofTarget, ({ sessionMs }) => sessionMs).values()];
    return sessions.flatMap((inSession, index): TruthSum[] => {
      const [first] = inSession;
      const last = inSession.at(-1);
      if (first === undefined || last === undefined) return [];
      const isOpen = index === sessions.length - 1 && past.untilMs - last.timeMs <= past.closeAfterMs;
      if (isOpen) return [];
      const grewInGap = inSession.slice(1).some((row) => row.inGap && grown(row).some((delta) => delta > 0));
      const { samples = 0, covered_ms = 0, ...summed } = sumUp(inSession);
      const firstCovered = first.inGap ? 0 : (first.gapMs ?? 0);
      return [
        {
          ...first,
          values: {
            ...summed,
            ...lastTotals(inSession),
            samples,
            covered_ms: covered_ms - firstCovered,
            end: last.timeMs,
            duration_ms: last.timeMs - first.timeMs,
            confirmed: grewInGap ? 0 : 1,
          },
        },
      ];
    });
  });
}

function grown({ endpoint, values }: TruthRow): readonly number[] {
  return counters[endpoint].map(({ delta }) => values[delta] ?? 0);
}

function sumUp(rows: readonly TruthRow[]): Record<string, number> {
  const values: Record<string, number> = { samples: rows.length, covered_ms: 0 };
  const [first] = rows;
  if (first === undefined) return values;
  for (const { gapMs, inGap } of rows) if (!inGap) values['covered_ms'] = (values['covered_ms'] ?? 0) + (gapMs ?? 0);
  for (const { delta, gapDelta, peak } of counters[first.endpoint]) {
    const known = rows.filter((row) => row.values[delta] !== undefined);
    if (known.length === 0) continue;
    const add = (some: readonly TruthRow[]) => some.reduce((sum, row) => sum + (row.values[delta] ?? 0), 0);
    values[delta] = add(known);
    values[gapDelta] = add(known.filter(({ inGap }) => inGap));
    const minutes = Map.groupBy(
      known.filter(({ inGap }) => !inGap),
      ({ timeMs }) => Math.floor(timeMs / minuteMs),
    );
    const inOneMinute = (some: readonly TruthRow[]) => some.reduce((sum, row) => sum + growthOfMinute(row, delta), 0);
    values[peak] = Math.max(0, ...[...minutes.values()].map(inOneMinute));
  }
  return values;
}

/** What was seen over more than a minute is taken as even. */
function growthOfMinute({ gapMs = 0, values }: TruthRow, delta: string): number {
  const grown = values[delta] ?? 0;
  return gapMs > minuteMs ? Math.floor((grown * minuteMs) / gapMs) : grown;
}

function lastTotals(rows: readonly TruthRow[]): Record<string, number> {
  const last = rows.at(-1);
  if (last === undefined) return {};
  return Object.fromEntries(counters[last.endpoint].map(({ total }) => [total, last.values[total] ?? 0]));
}
