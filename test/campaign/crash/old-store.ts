import { openFile } from '../../../src/store/open-file.ts';
import { migrations } from '../../../src/store/schema.ts';
import { startMs } from '../../integration/store/temporary-store.ts';

export const oldSamples = 200;
const roundMs = 15_000;

/** A store of the first version, as the livetally that made it would have left it: one room, polled every 15 seconds. */
export function makeOldStore(path: string): void {
  using database = openFile(path, migrations.slice(0, 1));
  const rows = Array.from({ length: oldSamples }, (_, index) => ({
    dueMs: startMs + index * roundMs,
    gapMs: index === 0 ? 'NULL' : roundMs,
    total: 100 + 3 * index,
    delta: index === 0 ? 'NULL' : 3,
  }));
  database.exec(`
    BEGIN;
    INSERT INTO run (started_ms, last_due_ms) VALUES (${startMs}, ${startMs + (oldSamples - 1) * roundMs});
    INSERT INTO target VALUES (1, 'room_stats', 'main', 'old-room', '');
    INSERT INTO series VALUES (1, 1, '{}', 1);
    INSERT INTO tally VALUES (1, 'known');
    INSERT INTO schedule VALUES (1, 'main', 'room_stats', '*/15 * * * * *', 'Etc/UTC');
    INSERT INTO sink_count VALUES ('influxdb', 'room_stats', 50, 0), ('influxdb', 'gift_count', 0, 0);
    INSERT INTO settled VALUES ('influxdb', 'room_stats', 0, 50);
    ${rows
      .map(
        ({ dueMs, gapMs, total, delta }) => `
    INSERT INTO room_stats (series_id, due_ms, delay_ms, gap_ms, session_ms, total_viewers, viewers_delta)
      VALUES (1, ${dueMs}, 40, ${gapMs}, ${startMs}, ${total}, ${delta});
    INSERT INTO round (schedule_id, start_ms, due, polled, ended) VALUES (1, ${dueMs}, 1, 1, 1);`,
      )
      .join('')}
    COMMIT;
  `);
}
