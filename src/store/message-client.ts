import type { Round } from '../model/round.ts';
import type { Sample } from '../model/sample.ts';
import type { StoreStatus } from '../model/store-status.ts';
import type { Series } from '../model/target.ts';
import { GroupCommit } from './group-commit.ts';
import type { FromStore, OpenedStore, ToStore } from './protocol.ts';
import type { Registration } from './series-table.ts';
import type { StoreClient, StoreClientOptions } from './store-client.ts';

/** Keeps messages small: 90,000 series pass without a pause or a peak of memory. */
const seriesPerMessage = 1_000;

/** A store client that reaches the store by messages, in another thread or in this one. */
export class MessageClient implements StoreClient {
  readonly #options: StoreClientOptions;
  readonly #commits: GroupCommit;
  readonly #opening = Promise.withResolvers<OpenedStore>();
  readonly #registrations: PromiseWithResolvers<readonly Registration[]>[] = [];
  readonly #statuses: PromiseWithResolvers<StoreStatus>[] = [];
  readonly #closings: PromiseWithResolvers<void>[] = [];
  #failure: Error | undefined;
  #firstRoundId = 0;
  #nextRoundId = 0;

  constructor(options: StoreClientOptions) {
    this.#options = options;
    this.#commits = new GroupCommit(options.clock, (batch) => options.send({ kind: 'commit', batch }));
  }

  get opened(): Promise<OpenedStore> {
    return this.#opening.promise;
  }

  get unacknowledged(): number {
    return this.#commits.unacknowledgedRows;
  }

  async register(series: readonly Series[]): Promise<readonly Registration[]> {
    const registrations: Registration[] = [];
    for (let start = 0; start < series.length; start += seriesPerMessage) {
      const part = series.slice(start, start + seriesPerMessage);
      registrations.push(...(await this.#ask(this.#registrations, { kind: 'register', series: part })));
    }
    return registrations;
  }

  beginRound(round: Round, due: number): number {
    const id = this.#nextRoundId++;
    this.#commits.collect().begin(id, round, due);
    return id;
  }

  endRound(roundId: number): void {
    this.#commits.collect().end(roundId);
  }

  endEarlierRounds(): void {
    this.#commits.collect().endBefore(this.#firstRoundId);
  }

  append({ endpoint, seriesId, targetId }: Registration, roundId: number, sample: Sample, state: string): void {
    const buffer = this.#commits.collect();
    buffer.append({ endpoint, seriesId, roundId, sample });
    buffer.setState(targetId, state);
    this.#commits.sendIfFull();
  }

  countFailed(roundId: number, dueMs: number): void {
    this.#commits.collect().count(roundId, 'failed', 1, dueMs);
  }

  countSkipped(roundId: number, polls: number, lastDueMs: number): void {
    this.#commits.collect().count(roundId, 'skipped', polls, lastDueMs);
  }

  saveState({ targetId }: Registration, state: string): void {
    this.#commits.collect().setState(targetId, state);
  }

  flush(): Promise<void> {
    return this.#commits.flush();
  }

  rollUp(untilMs: number): void {
    const send = () => this.#options.send({ kind: 'roll_up', untilMs });
    // Whoever has lost the store is told elsewhere.
    this.flush().then(send, () => {});
  }

  status(): Promise<StoreStatus> {
    return this.#ask(this.#statuses, { kind: 'status' });
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#ask(this.#closings, { kind: 'close' });
  }

  #ask<Answer>(waiting: PromiseWithResolvers<Answer>[], question: ToStore): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const answer = Promise.withResolvers<Answer>();
    waiting.push(answer);
    this.#options.send(question);
    return answer.promise;
  }

  receive(message: FromStore): void {
    switch (message.kind) {
      case 'opened':
        this.#firstRoundId = message.opened.nextRoundId;
        this.#nextRoundId = message.opened.nextRoundId;
        this.#opening.resolve(message.opened);
        break;
      case 'committed':
        this.#commits.committed();
        break;
      case 'registered':
        this.#registrations.shift()?.resolve(message.registrations);
        break;
      case 'status':
        this.#statuses.shift()?.resolve(message.status);
        break;
      case 'closed':
        this.#closings.shift()?.resolve();
        break;
      case 'commit_problem':
        this.#options.onCommitProblem(message.problem);
        break;
      default:
        message satisfies never;
    }
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#commits.fail(error);
    const asked = [this.#opening, ...this.#registrations, ...this.#statuses, ...this.#closings];
    for (const { reject } of asked) reject(error);
  }
}
