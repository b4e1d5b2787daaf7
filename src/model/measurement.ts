import type { Endpoint } from './target.ts';

/** One cumulative counter: its name in the API's answer, and the names of its total and its growth wherever they are written. */
export type Counter = {
  readonly apiField: string;
  readonly total: string;
  readonly delta: string;
};

/**
 * The counters of each measurement, in the order that every `Totals` array, table and point keeps.
 * Source of the API names: the reference pages of `get_room_stats` and `get_gift_count`.
 */
export const counters: Readonly<Record<Endpoint, readonly Counter[]>> = {
  room_stats: [
    { apiField: 'TotalViewers', total: 'total_viewers', delta: 'viewers_delta' },
    { apiField: 'TotalGiftsSent', total: 'total_gifts_sent', delta: 'gifts_sent_delta' },
    { apiField: 'TotalGiftCoins', total: 'total_gift_coins', delta: 'gift_coins_delta' },
    { apiField: 'TotalUniqueGiftSenders', total: 'total_unique_gift_senders', delta: 'unique_gift_senders_delta' },
    { apiField: 'TotalLikesReceived', total: 'total_likes_received', delta: 'likes_received_delta' },
    { apiField: 'TotalMsgCount', total: 'total_msg_count', delta: 'msg_count_delta' },
  ],
  gift_count: [
    { apiField: 'TotalCount', total: 'total_count', delta: 'count_delta' },
    { apiField: 'TotalCoins', total: 'total_coins', delta: 'coins_delta' },
    { apiField: 'GiftSenderCount', total: 'gift_sender_count', delta: 'gift_sender_count_delta' },
  ],
};

/** Tags that livetally writes itself; a label may not take these names. */
export const tagNames = ['app', 'room_id', 'user_id'] as const;

/** Fields beside the totals and deltas, in both measurements. */
export const sampleFieldNames = ['session', 'gap_ms', 'delay_ms'] as const;
