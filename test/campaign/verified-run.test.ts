import { expect, test } from 'vitest';
import { toJson } from '../../src/commands/verify-report.ts';
import { Copy, LivedStore, minuteMs, verifyStore } from '../integration/verify/lived-store.ts';
import { readVerified } from './verified-run.ts';

test.each([
  ['A row that is gone is lost', 'DELETE FROM gift_count WHERE id = 77', { lost: 1, doubled: 0 }],
  [
    'A row that is there twice is doubled, and not lost',
    `INSERT INTO gift_count (series_id, due_ms, delay_ms, session_ms)
       SELECT series_id, due_ms, delay_ms, session_ms FROM gift_count ORDER BY id DESC LIMIT 1`,
    { lost: 0, doubled: 1 },
  ],
] as const)("%s, in the campaign's table.", async (_, sql, expected) => {
  using lived = new LivedStore();
  lived.live(20 * minuteMs);
  using copy = new Copy(lived);
  copy.change(sql);
  const verified = await verifyStore(copy.path, undefined);
  expect(readVerified(JSON.stringify(toJson(verified)))).toMatchObject(expected);
});
