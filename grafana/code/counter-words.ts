import { type Counter, counters } from '../../src/model/measurement.ts';
import type { Endpoint } from '../../src/model/target.ts';

/** A counter as panels speak of it. */
export type CounterWords = Counter & {
  /** Key of its panels in `panel-ids.ts`: the name of the total without `total_`, in camel case. */
  readonly key: string;
  readonly title: string;
  /** What one of them is. */
  readonly meaning: string;
};

const words: Readonly<Record<string, readonly [title: string, meaning: string]>> = {
  total_viewers: [
    'Viewer entries',
    'Entries into the room: one person who enters twice counts twice. Never how many are watching at once, which Tencent does not tell.',
  ],
  total_gifts_sent: ['Gifts', 'Gifts sent in the room.'],
  total_gift_coins: ['Gift coins', 'Coins of the gifts sent in the room.'],
  total_unique_gift_senders: [
    'New gift senders',
    'People who sent their first gift of the session. The same person counts again in every room and session, so these are never added up over them.',
  ],
  total_likes_received: ['Likes', 'Likes received by the room.'],
  total_msg_count: ['Messages', 'Messages sent in the room.'],
  total_count: ['Gifts', 'Gifts that the receiver got.'],
  total_coins: ['Coins', 'Coins of the gifts that the receiver got.'],
  gift_sender_count: [
    'New senders',
    'People who sent the receiver their first gift of the session. The same person counts again in every room and session.',
  ],
};

export function wordsOf(endpoint: Endpoint, total: string): CounterWords {
  const counter = counters[endpoint].find((one) => one.total === total);
  const known = words[total];
  if (counter === undefined || known === undefined) throw new RangeError(`${endpoint} has no counter ${total}`);
  const key = total.replace(/^total_/, '').replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return { ...counter, key, title: known[0], meaning: known[1] };
}

export const giftCoins = wordsOf('room_stats', 'total_gift_coins');
export const giftsSent = wordsOf('room_stats', 'total_gifts_sent');
export const viewers = wordsOf('room_stats', 'total_viewers');
export const likes = wordsOf('room_stats', 'total_likes_received');
export const messages = wordsOf('room_stats', 'total_msg_count');
export const senders = wordsOf('room_stats', 'total_unique_gift_senders');

export const received = {
  coins: wordsOf('gift_count', 'total_coins'),
  gifts: wordsOf('gift_count', 'total_count'),
  senders: wordsOf('gift_count', 'gift_sender_count'),
} as const;
