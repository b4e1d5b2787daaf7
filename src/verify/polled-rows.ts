import type { Schedule } from '../model/round.ts';
import type { StoredRound } from '../model/stock.ts';
import { type Endpoint, endpoints } from '../model/target.ts';
import { roundPlace } from './check-ledger.ts';
import { type Findings, instant } from './findings.ts';
import type { KnownTime } from './known-time.ts';
import { RoundBlocks } from './round-blocks.ts';
import type { TimeRange } from './verified-store.ts';

/** Holds what the rounds say was polled against the samples that are there, by when they were due. */
export class PolledRows {
  readonly #intervalOf: (schedule: Schedule) => number;
  readonly #blocks = new Map<string, RoundBlocks>();
  readonly #strays = new Map<string, { count: number; readonly firstMs: number }>();

  /** `intervalOf`: how long the targets of a round are due after its start, at most. */
  constructor(intervalOf: (schedule: Schedule) => number) {
    this.#intervalOf = intervalOf;
  }

  /** In the order of their starts, and before any sample. */
  addRound({ schedule, startMs, polled }: StoredRound): void {
    const place = roundPlace(schedule);
    const blocks = this.#blocks.get(place) ?? new RoundBlocks();
    this.#blocks.set(place, blocks);
    blocks.add({ startMs, endMs: startMs + this.#intervalOf(schedule), polled });
  }

  addRow(endpoint: Endpoint, app: string, dueMs: number): void {
    const place = roundPlace({ app, endpoint });
    if (this.#blocks.get(place)?.countRow(dueMs) === true) return;
    const stray = this.#strays.get(place) ?? { count: 0, firstMs: dueMs };
    stray.count++;
    this.#strays.set(place, stray);
  }

  finish(time: TimeRange, known: Readonly<Record<Endpoint, KnownTime>>, findings: Findings): void {
    for (const [place, blocks] of this.#blocks) {
      const endpoint = endpoints.find((name) => place.startsWith(name));
      if (endpoint === undefined) continue;
      for (const { startMs, endMs, rounds, polled, rows } of blocks.differing()) {
        if (startMs < time.fromMs || endMs > time.toMs) continue;
        if (!known[endpoint].covers({ fromMs: startMs, toMs: endMs })) continue;
        const which =
          rounds === 1
            ? `the round of ${instant(startMs)} has`
            : `the ${rounds} rounds of ${instant(startMs)} to ${instant(endMs)} have`;
        findings.add('round', place, `${which} polled ${polled}, and there are ${rows} samples`, startMs);
      }
    }
    for (const [place, { count, firstMs }] of this.#strays) {
      if (firstMs < time.fromMs || firstMs >= time.toMs) continue;
      findings.add('round', place, `${count} samples from ${instant(firstMs)} on were due in no round`, firstMs);
    }
  }
}
