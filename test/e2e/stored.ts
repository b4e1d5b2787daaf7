import { DatabaseSync } from 'node:sqlite';

export type StoredSample = {
  readonly endpoint: string;
  readonly roomId: string;
  readonly userId: string;
  readonly dueMs: number;
  readonly totals: readonly (number | null)[];
};

export type StoredRound = {
  readonly startMs: number;
  readonly due: number;
  readonly polled: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cutOff: number;
  readonly ended: boolean;
};

const totalColumns = {
  room_stats: [
    'total_viewers',
    'total_gifts_sent',
    'total_gift_coins',
    'total_unique_gift_senders',
    'total_likes_received',
    'total_msg_count',
  ],
  gift_count: ['total_count', 'total_coins', 'gift_sender_count'],
} as const;

/** What a person finds who opens the store with sqlite3. */
export function readStore(path: string): {
  readonly samples: readonly StoredSample[];
  readonly rounds: readonly StoredRound[];
} {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const samples = (['room_stats', 'gift_count'] as const).flatMap((endpoint) =>
      database
        .prepare(
          `SELECT room_id, user_id, due_ms, ${totalColumns[endpoint].join(', ')}
           FROM ${endpoint} JOIN series ON series.id = series_id JOIN target ON target.id = target_id ORDER BY ${endpoint}.id`,
        )
        .all()
        .map((row) => ({
          endpoint,
          roomId: String(row['room_id']),
          userId: String(row['user_id']),
          dueMs: Number(row['due_ms']),
          totals: totalColumns[endpoint].map((name) => (row[name] === null ? null : Number(row[name]))),
        })),
    );
    const rounds = database
      .prepare('SELECT * FROM round ORDER BY start_ms, id')
      .all()
      .map((row) => ({
        startMs: Number(row['start_ms']),
        due: Number(row['due']),
        polled: Number(row['polled']),
        failed: Number(row['failed']),
        skipped: Number(row['skipped']),
        cutOff: Number(row['cut_off']),
        ended: row['ended'] === 1,
      }));
    return { samples, rounds };
  } finally {
    database.close();
  }
}
