import { describe, expect, test } from 'vitest';
import { Present } from '../../../src/store/present.ts';

const hourMs = 60 * 60 * 1_000;
const dayMs = 24 * hourMs;

/** Hours by table, in the order of the ids; `deleted` of the oldest are gone. */
type Stored = Readonly<Record<string, { readonly hours: readonly number[]; readonly deleted?: number }>>;

function presentOf(lastDueHour: number | undefined, stored: Stored, keepMs = 14 * dayMs): number {
  const tables = {
    runs: { lastDueMs: () => (lastDueHour === undefined ? undefined : lastDueHour * hourMs) },
    rowsOf: (table: string) => ({
      firstMs: ({ fromId }: { readonly fromId: number }) => {
        const hour = stored[table]?.hours[fromId];
        return hour === undefined ? undefined : hour * hourMs;
      },
    }),
    ledger: {
      stored: (table: string) => {
        const { hours = [], deleted = 0 } = stored[table] ?? {};
        return hours.length > deleted ? [{ fromId: deleted, toId: hours.length }] : [];
      },
    },
  };
  return new Present(tables, keepMs).nowMs() / hourMs;
}

const upTo = (count: number, fromHour = 0) => Array.from({ length: count }, (_, hour) => fromHour + hour);

describe('the present of a store', () => {
  test('is the last due instant, where a day stands behind it', () => {
    expect(presentOf(99, { room_stats: { hours: upTo(100) } })).toBe(99);
    expect(presentOf(99, { gift_count: { hours: upTo(100), deleted: 70 } })).toBe(99);
    expect(presentOf(99, { room_stats: { hours: upTo(10) }, gift_count: { hours: upTo(100) } })).toBe(99);
  });

  test('is a day behind what was before a leap, until a day has passed', () => {
    const leaptTo = (count: number) => ({ room_stats: { hours: [...upTo(100), ...upTo(count, 9_000)] } });
    expect(presentOf(9_000, leaptTo(1))).toBe(99 + 24);
    expect(presentOf(9_023, leaptTo(24))).toBe(99 + 24);
    expect(presentOf(9_024, leaptTo(25))).toBe(9_024);
  });

  test('is that of the windows, where the store is too small for a day of samples', () => {
    const samples = { hours: upTo(100), deleted: 90 };
    expect(presentOf(99, { room_stats: samples })).toBe(Number.NEGATIVE_INFINITY);
    expect(presentOf(99, { room_stats: samples, room_stats_1h: { hours: upTo(100) } })).toBe(99);
  });

  test('takes a quarter of the age of samples for the day, where they are kept for less than four', () => {
    const hours = [...upTo(8), ...upTo(3, 9_000)];
    expect(presentOf(9_001, { room_stats: { hours } }, 8 * hourMs)).toBe(7 + 2);
    expect(presentOf(9_002, { room_stats: { hours } }, 8 * hourMs)).toBe(9_002);
  });

  test('is not yet, where there is nothing', () => {
    expect(presentOf(undefined, {})).toBe(Number.NEGATIVE_INFINITY);
    expect(presentOf(5, { room_stats: { hours: upTo(5) } })).toBe(Number.NEGATIVE_INFINITY);
  });
});
