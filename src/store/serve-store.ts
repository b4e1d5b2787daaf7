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
  /** Called when windows or sessions have been written. */
  onRolledUp(): void;
};

export type ServedJournal = Pick<
  Journal,
  | 'commit'
  | 'register'
  | 'rollUp'
  | 'status'
  | 'tidy'
  | 'lastDueMs'
  | 'nextRoundId'
  | 'openRounds'
  | typeof Symbol.dispose
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
/** Between two slices of retention or roll-up, for what else the thread has to do. */
const sliceGapMs = 5;
/** A look at all tables takes half a millisecond; meanwhile a megabyte comes in at the most. */
const idleMs = 15_000;

type Write = Exclude<ToStore, { readonly kind: 'status' | 'roll_up' }>;

class JournalServer implements StoreServer {
  readonly #options: ServeStoreOptions;
  /** What is not written yet, in the order of its arrival; it only grows while the disk refuses. */
  readonly #pending: Write[] = [];
  #problem: string | undefined;
  #status: ReturnType<ServedJournal['status']>;
  #retryMs = firstRetryMs;
  #cancelTidy = () => {};
  #rollUpUntilMs = Number.NEGATIVE_INFINITY;
  /** While the roll-up has more to do. */
  #cancelRollUp: (() => void) | undefined;
  #isClosed = false;

  constructor(options: ServeStoreOptions) {
    this.#options = options;
    const { journal } = options;
    this.#status = journal.status();
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
      // Where the disk refuses to be read, what it said last is still the best answer.
      this.#status = this.#unlessPassing(() => this.#options.journal.status()) ?? this.#status;
      this.#options.send({ kind: 'status', status: { ...this.#status, commitProblem: this.#problem } });
      return;
    }
    if (message.kind === 'roll_up') {
      this.#rollUpUntilMs = Math.max(this.#rollUpUntilMs, message.untilMs);
      if (!this.#isClosed) this.#cancelRollUp ??= this.#rollUpIn(0);
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
        this.#isClosed = true;
        this.#cancelTidy();
        this.#cancelRollUp?.();
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

  #rollUpIn(delayMs: number): () => void {
    return this.#options.clock.after(delayMs, () => {
      this.#cancelRollUp = this.#rollUp() ? this.#rollUpIn(sliceGapMs) : undefined;
    });
  }

  /** Whether there is more to do at once. While commits fail there is nothing; it goes on when it is next asked for. */
  #rollUp(): boolean {
    if (this.#problem !== undefined) return false;
    const slice = this.#unlessPassing(() => this.#options.journal.rollUp(this.#rollUpUntilMs));
    if (slice?.hasWritten === true) this.#options.onRolledUp();
    return slice?.hasMore === true;
  }

  #tidyIn(delayMs: number): void {
    this.#cancelTidy = this.#options.clock.after(delayMs, () => this.#tidyIn(this.#tidy() ? sliceGapMs : idleMs));
  }

  #tidy(): boolean {
    return this.#unlessPassing(() => this.#options.journal.tidy()) === true;
  }

  /** Undefined when the disk refuses: deleting needs free space too. Commits report it. */
  #unlessPassing<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      return undefined;
    }
  }
}

function isPassing(error: unknown): error is Error {
  const kind = classifyError(error);
  return kind === 'busy' || kind === 'passing';
}
