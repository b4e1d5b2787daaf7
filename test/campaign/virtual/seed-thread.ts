import { Worker } from 'node:worker_threads';
import type { SeedSummary } from './seed-worker.ts';

/**
 * A thread that runs one seed after the other. It is listened to from before it begins until it has ended, so that nothing it
 * says is missed, and an end between two seeds is known when the next is asked for.
 */
export class SeedThread {
  readonly #worker: Worker;
  #asked: PromiseWithResolvers<SeedSummary> | undefined;
  #end: Error | undefined;

  constructor(program = new URL('./seed-worker.ts', import.meta.url)) {
    // With room for what a second of work throws away, little of it is carried on.
    this.#worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: 96 } });
    this.#worker.on('message', (summary: SeedSummary) => this.#asked?.resolve(summary));
    this.#worker.on('error', (error) => this.#ended(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', (code) => this.#ended(new Error(`its thread has ended with code ${code}`)));
  }

  /** Of an error and the exit that follows it, the first says more. */
  #ended(error: Error): void {
    this.#end ??= error;
    this.#asked?.reject(this.#end);
  }

  /** Rejects when the thread has ended, or when it has not answered in the time; then no more is to be asked of it. */
  async run(seed: number, withinMs: number): Promise<SeedSummary> {
    if (this.#end !== undefined) throw this.#end;
    const asked = Promise.withResolvers<SeedSummary>();
    this.#asked = asked;
    const timer = setTimeout(() => {
      asked.reject(new Error(`no answer within ${withinMs / 1_000} s of real time`));
    }, withinMs);
    this.#worker.postMessage(seed);
    try {
      return await asked.promise;
    } finally {
      clearTimeout(timer);
      this.#asked = undefined;
    }
  }

  /** Wherever it is. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
