import type { Endpoint } from './target.ts';

/** One cumulative counter: its name in the API's answer, and the names of what is derived from it wherever that is written. */
export type Counter = {
  readonly apiField: string;
  readonly total: string;
  readonly delta: string;
  /** In a window: the part of its growth that nobody watched. */
  readonly gapDelta: string;
  /** In a window or session: the most it grew by in one minute, gaps left out. */
  readonly peak: string;
  /** In a session: what was there before its first sample. */
  readonly opening: string;
};

/**
 * The counters of each measurement, in the order that every `Totals` array, table and point keeps.
 * Source of the API names: the reference pages of `get_room_stats` and `get_gift_count`.
 */
export const counters: Readonly<Record<Endpoint, readonly Counter[]>> = {
  room_stats: [
    counter('TotalViewers', 'total_viewers'),
    counter('TotalGiftsSent', 'total_gifts_sent'),
    counter('TotalGiftCoins', 'total_gift_coins'),
    counter('TotalUniqueGiftSenders', 'total_unique_gift_senders'),
    counter('TotalLikesReceived', 'total_likes_received'),
    counter('TotalMsgCount', 'total_msg_count'),
  ],
  gift_count: [
    counter('TotalCount', 'total_count'),
    counter('TotalCoins', 'total_coins'),
    counter('GiftSenderCount', 'gift_sender_count'),
  ],
};

function counter(apiField: string, total: string): Counter {
  const name = total.replace(/^total_/, '');
  return {
    apiField,
    total,
    delta: `${name}_delta`,
    gapDelta: `${name}_gap_delta`,
    peak: `${name}_peak`,
    opening: `${name}_opening`,
  };
}

/** Tags that livetally writes itself; a label may not take these names. */
export const tagNames = ['app', 'room_id', 'user_id'] as const;

/** Of closed sessions, beside the two that are named like their endpoints. */
export const sessionMeasurement = 'session';

/** Fields beside those of the counters: of a sample, of a window, of a session. */
export const sampleFieldNames = ['session', 'gap_ms', 'in_gap', 'delay_ms'] as const;
export const windowFieldNames = ['samples', 'covered_ms'] as const;
export const sessionFieldNames = ['end', 'duration_ms', 'samples', 'covered_ms', 'confirmed'] as const;
