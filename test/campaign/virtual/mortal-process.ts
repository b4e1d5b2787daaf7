import type { Clock } from '../../../src/model/clock.ts';
import type { VirtualClock } from '../../virtual-clock.ts';

/**
 * One life of the collector's process. Everything that it does or that reaches it is a step, and it dies at the step drawn for
 * it: that step and all later ones do not happen, whatever it had in memory.
 */
export class MortalProcess {
  readonly clock: Clock;
  readonly #diesAtStep: number;
  #steps = 0;
  #isAlive = true;

  constructor(clock: VirtualClock, diesAtStep: number) {
    this.#diesAtStep = diesAtStep;
    this.clock = {
      wallMs: clock.wallMs,
      monotonicMs: clock.monotonicMs,
      after: (delayMs, callback) =>
        clock.after(delayMs, () => {
          if (this.step()) callback();
        }),
    };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Whether the process is there to take this step. */
  step(): boolean {
    if (!this.#isAlive) return false;
    this.#steps++;
    if (this.#steps >= this.#diesAtStep) this.#isAlive = false;
    return this.#isAlive;
  }

  kill(): void {
    this.#isAlive = false;
  }
}
