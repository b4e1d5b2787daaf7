import type { Clock } from '../model/clock.ts';
import type { OutageEvents, ShipProblem } from './outage.ts';

export type SharedOutageEvents = {
  /** Once for an outage that several sinks meet, under the name of the first. */
  down(sink: string, problem: ShipProblem): void;
  /** When the last of them is out of it. */
  up(sink: string, afterMs: number): void;
  /** Of each sink, whenever it changes. */
  changed(sink: string, isUp: boolean): void;
};

type Told = { readonly sink: string; readonly beganMs: number };

/** Tells of several sinks on one server what concerns the server once, and of each what concerns its own place. */
export class SharedOutage {
  readonly #clock: Clock;
  readonly #events: SharedOutageEvents;
  /** What each sink that is down suffers from. */
  readonly #ailments = new Map<string, string>();
  readonly #told = new Map<string, Told>();

  constructor(clock: Clock, events: SharedOutageEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  eventsOf(sink: string): OutageEvents {
    return {
      problemBegan: (problem) => {
        this.#leave(sink);
        const ailment = problem.status === 'missing' ? `${problem.status} ${sink}` : problem.status;
        this.#ailments.set(sink, ailment);
        if (problem.status !== 'failed') this.#events.changed(sink, false);
        if (this.#told.has(ailment)) return;
        this.#told.set(ailment, { sink, beganMs: this.#clock.monotonicMs() });
        this.#events.down(sink, problem);
      },
      problemEnded: () => {
        const over = this.#leave(sink);
        this.#events.changed(sink, true);
        if (over === undefined) return;
        // The first to be told of may have got another ailment since.
        const name = this.#ailments.has(over.sink) ? sink : over.sink;
        this.#events.up(name, this.#clock.monotonicMs() - over.beganMs);
      },
    };
  }

  /** Returns what was told of the ailment when nobody suffers from it any more. */
  #leave(sink: string): Told | undefined {
    const ailment = this.#ailments.get(sink);
    if (ailment === undefined) return undefined;
    this.#ailments.delete(sink);
    if ([...this.#ailments.values()].includes(ailment)) return undefined;
    const told = this.#told.get(ailment);
    this.#told.delete(ailment);
    return told;
  }
}
