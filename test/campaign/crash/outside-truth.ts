import type { GivenAnswer } from '../../../src/simulator/service.ts';
import { readStore, type StoredSample } from '../../e2e/stored.ts';
import { compareAnswers, KnownRows } from '../disk/compare.ts';

/** How a life of the program has ended. */
export type EndedLife = {
  readonly name: string;
  readonly store: string;
  /** What its metrics called committed shortly before. */
  readonly committed: number;
  /** It ended by itself, in order. */
  readonly isClean: boolean;
  readonly stdout: string;
};

/**
 * What the store must hold, known without it: what Tencent has answered, and what the program has called committed. A commit that
 * is lost whole, with its round and its cursors, agrees with itself, and `verify` cannot miss it.
 */
export class OutsideTruth {
  readonly findings: string[] = [];
  lost = 0;
  doubled = 0;
  wrong = 0;
  /** Starts that were told of a torn commit. */
  torn = 0;
  #answers: GivenAnswer[] = [];
  readonly #rows = new KnownRows();
  #held = 0;
  #wasClean = true;

  /** How many samples were in the store at the last look. */
  get held(): number {
    return this.#held;
  }

  answered(answer: GivenAnswer): void {
    this.#answers.push(answer);
  }

  /** To be told of every life, when its process is gone and before the next begins. */
  lived({ name, store, committed, isClean, stdout }: EndedLife): void {
    const wrong = (words: string) => {
      this.wrong++;
      this.findings.push(`${name}: ${words}`);
    };
    if (/is not whole and is left out/.test(stdout)) {
      this.torn++;
      if (this.#wasClean) wrong('a torn commit is told of after a clean stop');
    }
    this.#wasClean = isClean;
    const { fresh, doubled, total } = this.#rows.since(this.#read(store, committed));
    const { missing, strange } = compareAnswers(this.#answers, fresh);
    this.#answers = [];
    this.doubled += doubled.length;
    for (const key of doubled.slice(0, 3)) this.findings.push(`${name}: stored twice: ${key}`);
    if (strange.length > 0)
      wrong(`${strange.length} samples are stored that were never answered, such as ${strange[0]}`);
    const gone = Math.max(this.#held, committed) - total;
    const lost = Math.max(0, gone, isClean ? missing.length : 0);
    this.lost += lost;
    if (lost > 0) this.findings.push(`${name}: ${lost} samples that were committed or answered are not there`);
    this.#held = total;
  }

  /** Before the first commit there may be no store, or none that can be read. */
  #read(store: string, committed: number): readonly StoredSample[] {
    try {
      return readStore(store).samples;
    } catch (error) {
      if (committed > 0 || this.#held > 0) throw error;
      return [];
    }
  }
}
