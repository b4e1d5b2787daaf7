import type { Round } from '../model/round.ts';
import type { Batch, NewSample } from './batch.ts';

/** A batch in the making. */
export class BatchBuffer {
  readonly #begun: { id: number; round: Round; due: number }[] = [];
  readonly #samples: NewSample[] = [];
  readonly #states = new Map<number, string>();
  readonly #unanswered = new Map<number, { failed: number; skipped: number }>();
  readonly #ended: number[] = [];
  #unansweredMs = 0;
  #endBefore = 0;

  get rows(): number {
    return this.#samples.length;
  }

  begin(id: number, round: Round, due: number): void {
    this.#begun.push({ id, round, due });
  }

  append(sample: NewSample): void {
    this.#samples.push(sample);
  }

  /** Of several states of a target the last one counts. */
  setState(targetId: number, state: string): void {
    this.#states.set(targetId, state);
  }

  count(roundId: number, status: 'failed' | 'skipped', polls: number, lastDueMs: number): void {
    const counts = this.#unanswered.get(roundId) ?? { failed: 0, skipped: 0 };
    counts[status] += polls;
    this.#unanswered.set(roundId, counts);
    this.#unansweredMs = Math.max(this.#unansweredMs, lastDueMs);
  }

  end(roundId: number): void {
    this.#ended.push(roundId);
  }

  endBefore(roundId: number): void {
    this.#endBefore = roundId;
  }

  /** The buffer is not used afterwards. */
  toBatch(): Batch {
    return {
      begun: this.#begun,
      samples: this.#samples,
      states: this.#states,
      unanswered: this.#unanswered,
      unansweredMs: this.#unansweredMs,
      ended: this.#ended,
      endBefore: this.#endBefore,
    };
  }
}
