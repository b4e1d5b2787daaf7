import type { VirtualClock } from '../../virtual-clock.ts';
import { createDraws, type Draws } from './draws.ts';
import type { Scenario } from './scenario.ts';

/** How a life of the process ends, unless the run is over before. */
export type End = {
  readonly afterMs: number;
  /** It is killed at this step, if it comes so far. */
  readonly atStep: number;
  /** `stop_cut_short`: killed while it stops. */
  readonly kind: 'stop' | 'stop_cut_short' | 'kill';
};

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const never = Number.POSITIVE_INFINITY;

/** What befalls the machine and the process, as the seed has it. */
export class Mishaps {
  readonly #means: Scenario['mishaps'];
  readonly #clock: VirtualClock;
  readonly #draws: Draws;
  readonly #tell: (line: string) => void;
  #jumpAtMs: number;
  #stallAtMs: number;

  constructor({ seed, mishaps }: Scenario, clock: VirtualClock, tell: (line: string) => void) {
    this.#means = mishaps;
    this.#clock = clock;
    this.#draws = createDraws(seed, 'mishaps');
    this.#tell = tell;
    this.#jumpAtMs = this.#after(mishaps.jumpsMs);
    this.#stallAtMs = this.#after(mishaps.stallsMs);
  }

  drawEnd(): End {
    const afterMs = this.#wait(this.#means.endsMs);
    if (afterMs === never) return { afterMs, atStep: never, kind: 'stop' };
    const drawn = this.#draws.pick(['stop', 'stop_cut_short', 'kill', 'at_step', 'at_step', 'at_step']);
    if (drawn !== 'at_step') return { afterMs, atStep: never, kind: drawn };
    return { afterMs, atStep: Math.round(this.#draws.logBetween(1, 20_000)), kind: 'kill' };
  }

  /** From the beginning of a stop to the kill that cuts it short. */
  drawPatienceMs(): number {
    return this.#draws.logBetween(1, 10 * secondMs);
  }

  /** From the end of a life to the next start. */
  drawDownMs(): number {
    return this.#draws.pick([0, 0, 5, secondMs, 30 * secondMs, 5 * minuteMs, 40 * minuteMs, 3 * hourMs]);
  }

  /** When something befalls next. */
  get nextMs(): number {
    return Math.min(this.#jumpAtMs, this.#stallAtMs);
  }

  /** Lets happen what is to happen by now; a stall ends with `untilMs`. */
  befall(untilMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#jumpAtMs) this.#jump();
    if (nowMs >= this.#stallAtMs) this.#stall(untilMs - nowMs);
  }

  #jump(): void {
    const longestMs = this.#draws.oneIn(5) ? 40 * hourMs : 3 * hourMs;
    const byMs = Math.round(this.#draws.pick([-1, 1]) * this.#draws.logBetween(100, longestMs));
    this.#tell(`the wall clock jumps by ${byMs / secondMs} s`);
    this.#clock.setWall(this.#clock.wallMs() + byMs);
    this.#jumpAtMs = this.#after(this.#means.jumpsMs);
  }

  #stall(longestMs: number): void {
    const forMs = Math.max(0, Math.min(this.#draws.logBetween(50, 10 * minuteMs), longestMs));
    this.#tell(`the process stands still for ${Math.round(forMs)} ms`);
    this.#clock.stall(forMs);
    this.#stallAtMs = this.#after(this.#means.stallsMs);
  }

  #after(meanMs: number): number {
    return this.#clock.monotonicMs() + this.#wait(meanMs);
  }

  /** Until the next event of a kind that comes so often in the mean. */
  #wait(meanMs: number): number {
    return meanMs === never ? never : -Math.log(1 - this.#draws.uniform()) * meanMs;
  }
}
