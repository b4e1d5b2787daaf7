import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verify as verifyCommand } from '../../../src/commands/verify.ts';
import { salvage } from '../../../src/store/salvage.ts';
import type { PointReader } from '../../../src/verify/influxql.ts';
import type { Verified } from '../../../src/verify/verify.ts';
import { environment } from '../../e2e/account.ts';
import { createContext } from '../commands/context.ts';
import { damageRow } from '../store/damage-row.ts';
import { startMs } from '../store/temporary-store.ts';
import { inShort } from './in-short.ts';
import { Copy, destinations, hourMs, LivedStore, verifyStore } from './lived-store.ts';

let lived: LivedStore;
let sound: Verified;

beforeAll(async () => {
  lived = new LivedStore();
  lived.live(4 * hourMs);
  lived.ship();
  sound = await lived.verify();
}, 60_000);

afterAll(() => lived[Symbol.dispose]());

function damagedRows({ findings }: Verified): readonly string[] {
  return findings
    .filter(({ kind }) => kind === 'damaged_row')
    .flatMap(({ place, examples }) => examples.map((words) => `${place}: ${words}`));
}

describe('a damaged row', () => {
  const noSeries = 'is of series -5, which is not there';
  test.each([
    ['room_stats', 700, 'series_id = -5', noSeries],
    ['room_stats_5m', 20, 'series_id = -5', noSeries],
    ['gift_count_session', 2, 'series_id = -5', noSeries],
    ['room_stats', 700, "series_id = 'x'", 'holds text as series_id'],
    ['gift_count', 500, "due_ms = 'x'", 'holds text as due_ms'],
    ['gift_count', 1, 'due_ms = NULL', 'holds nothing as due_ms'],
    ['room_stats', 701, 'total_viewers = 1.5', 'holds 1.5 as total_viewers'],
    ['room_stats', 702, "viewers_delta = x'00'", 'holds bytes as viewers_delta'],
    ['room_stats', 703, `msg_count_delta = ${2n ** 62n}`, `holds ${2n ** 62n} as msg_count_delta`],
    ['room_stats', 704, 'due_ms = 9000000000000000', 'holds 9000000000000000 as due_ms'],
    ['room_stats', 705, 'session_ms = -1', 'holds -1 as session_ms'],
    ['room_stats_5m', 21, "end_ms = 'x'", 'holds text as end_ms'],
    ['gift_count_1h', 3, 'samples = 0.5', 'holds 0.5 as samples'],
    ['room_stats_session', 2, "viewers_peak = 'x'", 'holds text as viewers_peak'],
    ['room_stats_session', 1, 'start_ms = 8999999999999999', 'holds 8999999999999999 as start_ms'],
  ] as const)('of %s, %i with %s, is told, and the others are looked at.', async (table, id, change, fault) => {
    using copy = new Copy(lived);
    damageRow(copy.path, table, `${change} WHERE id = ${id}`);

    const verified = await copy.verify();

    expect(damagedRows(verified)).toEqual([`${table}: row ${id} ${fault}`]);
    expect(verified.findings.filter(({ kind }) => kind === 'row')).toEqual([]);
    expect(sound.samples - verified.samples).toBe(table === 'room_stats' || table === 'gift_count' ? 1 : 0);
    expect(sound.points - verified.points).toBeLessThanOrEqual(1);
  });

  test.each(["polled = 'x'", `due = ${2n ** 62n}`, 'start_ms = 9000000000000000', 'schedule_id = -5'])(
    'of the rounds with %s is told, and the others are looked at.',
    async (change) => {
      using copy = new Copy(lived);
      damageRow(copy.path, 'round', `${change} WHERE id = 41`);
      const verified = await copy.verify();
      expect(damagedRows(verified)).toEqual([
        'round: row 41 holds what is no round, or is of a schedule that is not there',
      ]);
      expect(verified.rounds).toBe(sound.rounds - 1);
    },
  );

  test('is each one of a series whose own row is damaged.', async () => {
    using copy = new Copy(lived);
    copy.change("UPDATE series SET labels = '{\"team' WHERE id = 2");
    const { findings } = await copy.verify();
    const [samples] = findings.filter(({ kind, place }) => kind === 'damaged_row' && place === 'room_stats');
    expect(samples?.count).toBe((4 * hourMs) / 15_000);
    expect(samples?.examples[0]).toBe(
      'row 2 is of series 2, which cannot be read: the store holds labels that are no text: {"team',
    );
  });

  test.each([-30, 30])('that lies %i years away is told, and not all the time between is asked for.', async (years) => {
    using copy = new Copy(lived);
    copy.change(`UPDATE room_stats SET due_ms = due_ms + ${years * 365 * 24 * hourMs} WHERE id = 700`);
    let asked = 0;
    const counting = (reader: PointReader): PointReader => ({
      ...reader,
      readPoints: (...question) => {
        asked++;
        return reader.readPoints(...question);
      },
    });
    const { findings } = await copy.verify({
      destinations: destinations.map(({ name: sink, tables }) => {
        return { sink, tables, reader: counting(copy.database.reader(sink)) };
      }),
    });
    expect(findings.map(({ kind, place }) => `${kind} ${place}`)).toContain('unknown_point room_stats in influxdb');
    expect(asked).toBeLessThan(100);
  });

  test('is left out by salvage, and what is left adds up.', async () => {
    using copy = new Copy(lived);
    damageRow(copy.path, 'room_stats', "viewers_delta = 'x' WHERE id = 700");
    damageRow(copy.path, 'room_stats', 'total_viewers = 1.5 WHERE id = 720');
    damageRow(copy.path, 'gift_count', 'due_ms = 9000000000000000 WHERE id = 500');
    damageRow(copy.path, 'gift_count', `coins_delta = ${2n ** 62n} WHERE id = 520`);
    damageRow(copy.path, 'room_stats_5m', 'series_id = -5 WHERE id = 20');
    salvage(copy.path, `${copy.path}.new`, startMs);
    const verified = await verifyStore(`${copy.path}.new`, copy.database, { nowMs: lived.nowMs });
    expect(inShort(verified)).toEqual([]);
  });
});

test('Where the books of the store are damaged, the words say where, and how to go on.', async () => {
  using copy = new Copy(lived);
  damageRow(copy.path, 'sink_count', "delivered = 'x'");
  await expect(copy.verify()).rejects.toThrow(
    /store.db is damaged; put a backup in its place, or save what can be read with livetally salvage, .*the store holds text where an integer belongs; non-INTEGER value in sink_count.delivered/,
  );
});

test('The command tells of damaged rows with their table, number and series, and ends with 1.', async () => {
  using copy = new Copy(lived);
  for (const [table, id] of [
    ['gift_count', 600],
    ['gift_count_5m', 30],
    ['gift_count_session', 1],
  ] as const) {
    copy.change(`UPDATE ${table} SET series_id = -5 WHERE id = ${id}`);
  }
  const config = join(copy.path, '../livetally.yaml');
  writeFileSync(config, configText(copy.path));
  const runWith = async (...options: readonly string[]) => {
    const context = createContext({ environment, arguments: ['--config', config, '--store-only', ...options] });
    expect(await verifyCommand.run(context)).toBe(1);
    return context.written().stdout;
  };

  const words = await runWith();
  const json: unknown = JSON.parse(await runWith('--json'));

  for (const [place, id] of [
    ['gift_count', 600],
    ['gift_count_5m', 30],
    ['gift_count_session', 1],
  ] as const) {
    const example = `row ${id} is of series -5, which is not there`;
    expect(words).toContain(`${place}: 1 rows that are damaged`);
    expect(words).toContain(example);
    expect(json).toMatchObject({
      findings: expect.arrayContaining([{ kind: 'damaged_row', place, count: 1, examples: [example], hours: [] }]),
    });
  }
});

function configText(store: string): string {
  return `
apps: { main: { sdk_app_id: 1400000000, identifier: administrator, secret_key: "\${LIVETALLY_SECRET_KEY}", region: singapore } }
schedule: { rooms: "*/15 * * * * *", gifts: "*/15 * * * * *", timezone: Etc/UTC }
watchlist: [{ room: room-1, receivers: [anchor-1] }]
store: { path: ${store} }
`;
}
