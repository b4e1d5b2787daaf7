import type { Clock } from '../model/clock.ts';
import { classifyError } from './database.ts';
import type { Journal } from './journal.ts';
import type { FromStore, ToStore } from './protocol.ts';

export type ServeStoreOptions = {
  readonly journal: ServedJournal;
  readonly clock: Clock;
  send(message: FromStore): void;
  /** Called after each commit, for whoever ships the rows. */
  onCommitted(): void;
};

export type ServedJournal = Pick<
  Journal,
  'commit' | 'register' | 'status' | 'tidy' | 'lastDueMs' | 'nextRoundId' | 'openRounds' | typeof Symbol.dispose
>;

export interface StoreServer {
  /** Takes a message of a store client. Throws where the store cannot go on: damage, or a bug. */
  receive(message: ToStore): void;
}

/** Answers a store client on the thread of the journal, and keeps the store tidy in between. */
export function serveStore(options: ServeStoreOptions): StoreServer {
  return new JournalServer(options);
}

const firstRetryMs = 100;
const longestRetryMs = 5_000;
/** Between two slices of retention, for what else the thread has to do. */
const sliceGapMs = 5;
const idleMs = 1_000;

type Write = Exclude<ToStore, { readonly kind: 'status' }>;

class JournalServer implements StoreServer {
  readonly #options: ServeStoreOptions;
  /** What is not written yet, in the order of its arrival; it only grows while the disk refuses. */
  readonly #pending: Write[] = [];
  #problem: string | undefined;
  #retryMs = firstRetryMs;
  #cancelTidy = () => {};

  constructor(options: ServeStoreOptions) {
    this.#options = options;
    const { journal } = options;
    const opened = {
      lastDueMs: journal.lastDueMs(),
      nextRoundId: journal.nextRoundId(),
      openRounds: journal.openRounds(),
    };
    options.send({ kind: 'opened', opened });
    this.#tidyIn(idleMs);
  }

  receive(message: ToStore): void {
    if (message.kind === 'status') {
      const status = { ...this.#options.journal.status(), commitProblem: this.#problem };
      this.#options.send({ kind: 'status', status });
      return;
    }
    this.#pending.push(message);
    if (this.#problem === undefined) this.#writePending();
  }

  #writePending(): void {
    for (let message = this.#pending[0]; message !== undefined; message = this.#pending[0]) {
      const answer = this.#tryTo(message);
      if (answer === undefined) return;
      this.#pending.shift();
      this.#options.send(answer);
      if (answer.kind === 'committed') this.#options.onCommitted();
    }
  }

  /** Undefined when it failed and is to be tried again: a transaction that fails has changed nothing. */
  #tryTo(message: Write): FromStore | undefined {
    try {
      const answer = this.#write(message);
      this.#report(undefined);
      this.#retryMs = firstRetryMs;
      return answer;
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.#report(error.message);
      this.#options.clock.after(this.#retryMs, () => this.#writePending());
      this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
      return undefined;
    }
  }

  #write(message: Write): FromStore {
    const { journal } = this.#options;
    switch (message.kind) {
      case 'commit':
        journal.commit(message.batch);
        return { kind: 'committed' };
      case 'register':
        return { kind: 'registered', registrations: journal.register(message.series) };
      case 'close':
        this.#cancelTidy();
        journal[Symbol.dispose]();
        return { kind: 'closed' };
      default:
        return message satisfies never;
    }
  }

  #report(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#options.send({ kind: 'commit_problem', problem });
  }

  #tidyIn(delayMs: number): void {
    this.#cancelTidy = this.#options.clock.after(delayMs, () => this.#tidyIn(this.#tidy() ? sliceGapMs : idleMs));
  }

  #tidy(): boolean {
    try {
      return this.#options.journal.tidy();
    } catch (error) {
      // Deleting needs free space too; commits report that there is none.
      if (!isPassing(error)) throw error;
      return false;
    }
  }
}

function isPassing(error: unknown): error is Error {
  const kind = classifyError(error);
  return kind === 'busy' || kind === 'passing';
}
