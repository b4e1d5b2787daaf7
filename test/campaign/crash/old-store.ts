import { openFile } from '../../../src/store/open-file.ts';
import { migrations } from '../../../src/store/schema.ts';
import { startMs } from '../../integration/store/temporary-store.ts';

export const oldSamples = 200;
const roundMs = 15_000;

export type OldStoreSize = { readonly rounds: number; readonly rooms: number };

/** A store of the first version, as the livetally that made it would have left it: rooms that were polled every 15 seconds. */
export function makeOldStore(path: string, { rounds, rooms }: OldStoreSize = { rounds: oldSamples, rooms: 1 }): void {
  using database = openFile(path, migrations.slice(0, 1));
  const numbers = (count: number) =>
    `WITH RECURSIVE numbers(number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${count - 1})`;
  database.exec(`
    BEGIN;
    INSERT INTO run (started_ms, last_due_ms) VALUES (${startMs}, ${startMs + (rounds - 1) * roundMs});
    INSERT INTO target ${numbers(rooms)} SELECT number + 1, 'room_stats', 'main', 'old-room-' || number, '' FROM numbers;
    INSERT INTO series SELECT id, id, '{}', 1 FROM target;
    INSERT INTO tally SELECT id, 'known' FROM target;
    INSERT INTO schedule VALUES (1, 'main', 'room_stats', '*/15 * * * * *', 'Etc/UTC');
    INSERT INTO sink_count VALUES ('influxdb', 'room_stats', 50, 0), ('influxdb', 'gift_count', 0, 0);
    INSERT INTO settled VALUES ('influxdb', 'room_stats', 0, 50);
    INSERT INTO round (id, schedule_id, start_ms, due, polled, ended)
      ${numbers(rounds)} SELECT number + 1, 1, ${startMs} + number * ${roundMs}, ${rooms}, ${rooms}, 1 FROM numbers;
    INSERT INTO room_stats (series_id, due_ms, delay_ms, gap_ms, session_ms, total_viewers, viewers_delta)
      SELECT series.id, start_ms, 40, iif(round.id = 1, NULL, ${roundMs}), ${startMs}, 97 + 3 * round.id, iif(round.id = 1, NULL, 3)
      FROM round JOIN series ORDER BY round.id, series.id;
    COMMIT;
  `);
}

/** The sum of their totals, which tells one row that is missing, or that is another, from all being there. */
export function sumOfOldTotals({ rounds, rooms }: OldStoreSize): number {
  return rooms * (97 * rounds + (3 * rounds * (rounds + 1)) / 2);
}
