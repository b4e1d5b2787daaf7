import type { Point } from '../../src/model/point.ts';
import { samplePoint } from '../../src/model/point.ts';
import type { Totals } from '../../src/model/sample.ts';
import type { TallyState } from '../../src/model/tally-state.ts';
import { type Chance, createChance, hash } from '../../src/simulator/chance.ts';
import type { World } from '../../src/simulator/world.ts';
import { tally, tallyGone } from '../../src/tally/tally.ts';

export const intervalMs = 15_000;
const delayMs = 60;
/** livetally asks a room that is gone about once a minute. */
const askGoneEveryMs = 60_000;

/** How often, for each hour that a room is asked, the trouble comes that is no spike. */
const perHour = { burst: 0.1, glitch: 0.05, missed: 1.2 };

/** Growth of one instant: a whale's gift, a raid. It stays in the counters until the room is destroyed. */
type Burst = { readonly atMs: number; readonly untilMs: number; readonly counter: number; readonly amount: number };

/** A room of the simulated world as livetally would have it: its answers with what goes wrong, through the real tally. */
export class CorpusRoom {
  readonly roomId: string;
  readonly #world: World;
  readonly #chance: Chance;
  readonly #bursts: readonly Burst[];
  readonly #phaseMs: number;
  #state: TallyState | undefined;
  #notBeforeMs = 0;

  constructor(world: World, roomId: string, seed: number, span: { readonly fromMs: number; readonly untilMs: number }) {
    this.#world = world;
    this.roomId = roomId;
    this.#chance = createChance(seed);
    this.#phaseMs = hash(seed, 1) % intervalMs;
    this.#bursts = planBursts(world, roomId, createChance(hash(seed, 2)), span);
  }

  /** The instants after one and up to another at which this room is due. */
  *dues(afterMs: number, untilMs: number): Generator<number> {
    let dueMs = Math.floor((afterMs - this.#phaseMs) / intervalMs) * intervalMs + this.#phaseMs;
    while (dueMs <= afterMs) dueMs += intervalMs;
    for (; dueMs <= untilMs; dueMs += intervalMs) yield dueMs;
  }

  /** The point of a poll, if it gave one. */
  poll(dueMs: number, team: string): Point | undefined {
    if (dueMs < this.#notBeforeMs || this.#happens(perHour.missed)) return undefined;
    const reading = this.#world.read({ endpoint: 'room_stats', roomId: this.roomId }, dueMs + delayMs);
    if (reading.status !== 'exists') {
      this.#state = tallyGone(this.#state, dueMs);
      this.#notBeforeMs = dueMs + askGoneEveryMs;
      return undefined;
    }
    let totals = withBursts(reading.totals, this.#bursts, dueMs);
    if (this.#happens(perHour.glitch)) totals = tooHigh(totals, this.#chance.logBetween(1.05, 20));
    const { sample, state } = tally(this.#state, { dueMs, delayMs, totals, intervalMs });
    this.#state = state;
    return samplePoint(
      { target: { endpoint: 'room_stats', app: 'main', roomId: this.roomId }, labels: { team } },
      sample,
    );
  }

  #happens(timesPerHour: number): boolean {
    return this.#chance.uniform() < (timesPerHour * intervalMs) / 3_600_000;
  }
}

/** What the counters of a room would show without bursts; undefined while it does not exist. */
export function trueTotals(world: World, roomId: string, atMs: number): Totals | undefined {
  return world.totals({ endpoint: 'room_stats', roomId }, atMs);
}

/** A single wrong answer, far above the truth. */
function tooHigh(totals: Totals, factor: number): Totals {
  return totals.map((total) => total && Math.round(total * factor));
}

function withBursts(totals: Totals, bursts: readonly Burst[], atMs: number): Totals {
  const past = bursts.filter((burst) => burst.atMs <= atMs && atMs < burst.untilMs);
  if (past.length === 0) return totals;
  return totals.map((total, index) =>
    past.reduce((sum, { counter, amount }) => (counter === index ? (sum ?? 0) + amount : sum), total),
  );
}

/** Ten to fifty times what grows in an interval, in viewers, gifts or coins. */
function planBursts(
  world: World,
  roomId: string,
  chance: Chance,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): readonly Burst[] {
  return world.truth(roomId, fromMs, untilMs).flatMap(({ createdMs, onAirUntilMs, destroyedMs }) => {
    const hours = (onAirUntilMs - createdMs) / 3_600_000;
    return Array.from({ length: chance.poisson(perHour.burst * hours) }, (): Burst => {
      const atMs = chance.between(createdMs + 0.2 * (onAirUntilMs - createdMs), onAirUntilMs);
      const counter = Math.floor(chance.between(0, 3));
      const [after, before] = [atMs, atMs - intervalMs].map((ms) => trueTotals(world, roomId, ms)?.[counter] ?? 0);
      const growth = Math.max(1, (after ?? 0) - (before ?? 0));
      return { atMs, untilMs: destroyedMs, counter, amount: Math.round(growth * chance.logBetween(10, 50)) };
    });
  });
}
