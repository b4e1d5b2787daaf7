import type { Totals } from '../model/sample.ts';
import { createChance, hash } from './chance.ts';
import { type Counts, createGrowth, type Growth } from './growth.ts';
import { type Life, livesInSlot } from './life.ts';
import { type WorldOptions, type WorldShape, worldShape } from './world-shape.ts';

/** What a reading is of; any `Target` of the model is one. All apps see the same rooms. */
export type WorldTarget =
  | { readonly endpoint: 'room_stats'; readonly roomId: string }
  | { readonly endpoint: 'gift_count'; readonly roomId: string; readonly userId: string };

export type Reading =
  | { readonly status: 'exists'; readonly totals: Totals }
  | { readonly status: 'gone' }
  /** The room exists, and no receiver of the world has this name. */
  | { readonly status: 'unknown_user' };

/**
 * Rooms whose shows start, spike, dip and end. A pure function of the options and the instant: readings in any order, and
 * repeated ones, are the same. Within a life no counter falls, but for the dips that are planned.
 */
export type World = {
  /** `room-0001` and on. */
  readonly roomIds: readonly string[];
  /** The receivers at home in a room, `user-0001` and on; another room's receiver has no gifts in it. */
  receiversOf(roomId: string): readonly string[];
  /** What the service answers, stale reads included. */
  read(target: WorldTarget, atMs: number): Reading;
  /** What is true at an instant; undefined where no answer could carry it. */
  totals(target: WorldTarget, atMs: number): Totals | undefined;
  /** The lives that a room has between two instants, those only touching the period included, in order. */
  truth(roomId: string, fromMs: number, untilMs: number): readonly Life[];
};

export function createWorld(options: WorldOptions): World {
  const shape = worldShape(options);
  const rooms = new Map<string, Room>();
  for (let index = 0; index < shape.rooms; index++) rooms.set(nameOf('room', index), createRoom(shape, index));
  const receivers = new Map<string, number>();
  for (let index = 0; index < shape.receivers; index++) receivers.set(nameOf('user', index), index);

  const totalsOf = (room: Room, now: Current, target: WorldTarget, atMs: number): Reading => {
    const counts = now.growth.at(atMs);
    if (target.endpoint === 'room_stats') return { status: 'exists', totals: roomTotals(room, counts) };
    const receiver = receivers.get(target.userId);
    if (receiver === undefined) return unknownUser;
    const share = receiver % shape.rooms === room.index ? now.shares[Math.floor(receiver / shape.rooms)] : 0;
    return { status: 'exists', totals: receiverTotals(room, counts, share ?? 0) };
  };

  return {
    roomIds: [...rooms.keys()],
    receiversOf(roomId) {
      const room = rooms.get(roomId);
      if (room === undefined) return [];
      return Array.from({ length: room.receivers }, (_, place) => nameOf('user', place * shape.rooms + room.index));
    },
    read(target, atMs) {
      const room = rooms.get(target.roomId);
      const now = room && lifeAt(shape, room, atMs);
      if (room === undefined || now === undefined) return gone;
      const dip = now.life.dips.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
      return totalsOf(room, now, target, dip?.asOfMs ?? atMs);
    },
    totals(target, atMs) {
      const room = rooms.get(target.roomId);
      const now = room && lifeAt(shape, room, atMs);
      if (room === undefined || now === undefined) return undefined;
      const reading = totalsOf(room, now, target, atMs);
      return reading.status === 'exists' ? reading.totals : undefined;
    },
    truth(roomId, fromMs, untilMs) {
      const room = rooms.get(roomId);
      if (room === undefined) return [];
      const lives: Life[] = [];
      for (let slot = slotAt(shape, room, fromMs); slot <= slotAt(shape, room, untilMs); slot++) {
        lives.push(...livesInSlot(shape, room.seed, slot, room.baseMs + slot * shape.slotMs));
      }
      return lives.filter(({ createdMs, destroyedMs }) => createdMs <= untilMs && destroyedMs > fromMs);
    },
  };
}

/** A room, and what was worked out for the last instant asked for. */
type Room = {
  readonly index: number;
  readonly seed: number;
  /** 1 for the many small rooms; at most 2,000. */
  readonly size: number;
  /** How many receivers are at home here. */
  readonly receivers: number;
  /** Where slot 0 begins. */
  readonly baseMs: number;
  slot: number;
  lives: readonly Life[];
  current: Current | undefined;
};

type Current = { readonly life: Life; readonly growth: Growth; readonly shares: readonly number[] };

const gone: Reading = { status: 'gone' };
const unknownUser: Reading = { status: 'unknown_user' };

function nameOf(kind: 'room' | 'user', index: number): string {
  return `${kind}-${String(index + 1).padStart(4, '0')}`;
}

function createRoom(shape: WorldShape, index: number): Room {
  const seed = hash(shape.seed, index);
  const chance = createChance(seed);
  return {
    index,
    seed,
    size: Math.min(2000, 1 / (1 - chance.uniform())),
    receivers: Math.max(0, Math.ceil((shape.receivers - index) / shape.rooms)),
    // Slots begin between noon and eleven at night, most of them in the early evening.
    baseMs: shape.epochMs + (12 + 5.5 * (chance.uniform() + chance.uniform())) * shape.hourMs,
    slot: Number.NaN,
    lives: [],
    current: undefined,
  };
}

function slotAt(shape: WorldShape, room: Room, atMs: number): number {
  return Math.floor((atMs - room.baseMs) / shape.slotMs);
}

/** Remembers the last life of each room, because readings come in the order of time; forgetting it would only cost time. */
function lifeAt(shape: WorldShape, room: Room, atMs: number): Current | undefined {
  const slot = slotAt(shape, room, atMs);
  if (slot !== room.slot) {
    room.slot = slot;
    room.lives = livesInSlot(shape, room.seed, slot, room.baseMs + slot * shape.slotMs);
    room.current = undefined;
  }
  const life = room.lives.find(({ createdMs, destroyedMs }) => createdMs <= atMs && atMs < destroyedMs);
  if (life === undefined) return undefined;
  if (room.current?.life !== life) {
    room.current = { life, growth: createGrowth(shape, room.size, life), shares: sharesOf(room, life) };
  }
  return room.current;
}

/** How the gifts of a life are dealt to the receivers at home in the room; a part goes to people whom nobody watches. */
function sharesOf(room: Room, life: Life): readonly number[] {
  const chance = createChance(hash(life.seed, room.receivers));
  const weights = Array.from({ length: room.receivers }, () => chance.between(0.2, 1));
  const sum = weights.reduce((total, weight) => total + weight, chance.between(0.05, 0.5));
  return weights.map((weight) => weight / sum);
}

/** In the order of `counters.room_stats`. */
function roomTotals(room: Room, { viewers, gifts, coins, messages }: Counts): Totals {
  const likes = Math.floor(messages * 4.3 + viewers * 0.7);
  return [viewers, gifts, coins, distinctSenders(gifts, crowdOf(room)), likes, messages];
}

/** In the order of `counters.gift_count`. Rounding down keeps the sum over the receivers within the room's own totals. */
function receiverTotals(room: Room, { gifts, coins }: Counts, share: number): Totals {
  const count = Math.floor(gifts * share);
  return [count, count === 0 ? 0 : Math.floor(coins * share), distinctSenders(count, crowdOf(room) * share)];
}

/** About how many people of a room's audience ever send a gift. */
function crowdOf({ size }: Room): number {
  return 20 * size;
}

/** Each further gift is less likely to come from somebody new: at most as many senders as gifts, and one at least. */
function distinctSenders(gifts: number, crowd: number): number {
  return gifts === 0 ? 0 : 1 + Math.floor(crowd * Math.log(1 + (gifts - 1) / crowd));
}
