import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from './model/clock.ts';
import { counted } from './model/figures.ts';
import type { StoreStatus } from './model/store-status.ts';
import type { FromStorage, StorageEvent, StorageOptions, ToStorage } from './storage.ts';
import { MessageClient } from './store/message-client.ts';
import { explain } from './store/open-file.ts';
import type { StoreClient } from './store/store-client.ts';

/** The collector's end of the storage thread. */
export type StorageConnection = {
  readonly store: StoreClient;
  /**
   * Commits, ships what can be shipped within the time, closes the store, and ends the thread, whatever the disk and the sink do.
   * Rejects when samples could not be committed. Resolves with what the store holds in the end; after the loss of the thread
   * there is nothing left to do, and nothing known.
   */
  close(options: { readonly shipWithinMs: number }): Promise<StoreStatus | undefined>;
};

export type StorageEvents = {
  commitProblem(problem: string | undefined): void;
  told(event: StorageEvent): void;
  /** The thread has died: nothing can be committed any more. */
  lost(error: Error): void;
};

/** Rejects with words for the operator when the store cannot be opened. */
export async function connectStorage(
  options: StorageOptions,
  { clock, events }: { readonly clock: Clock; readonly events: StorageEvents },
): Promise<StorageConnection> {
  // The image runs compiled JavaScript, the clone the sources.
  const worker = new Worker(new URL(`./storage-thread${extname(import.meta.url)}`, import.meta.url), {
    name: 'storage',
    workerData: options,
    // Keeps the heap from growing for the sake of speed; what the thread holds at a time is below.
    resourceLimits: { maxOldGenerationSizeMb: heapMb(options), maxYoungGenerationSizeMb: 16 },
  });
  const post = (message: ToStorage) => worker.postMessage(message);
  const store = new MessageClient({
    clock,
    send: (message) => post({ kind: 'store', message }),
    onCommitProblem: events.commitProblem,
  });
  const drained = Promise.withResolvers<void>();
  // Nobody may be waiting when the thread dies.
  drained.promise.catch(() => {});
  let state: 'opening' | 'open' | 'ended' = 'opening';

  /** Of an error and the exit that follows it, the first says more. */
  function lose(error: Error): void {
    if (state === 'ended') return;
    if (state === 'open') events.lost(withUncommitted(error, store.unacknowledged));
    state = 'ended';
    store.fail(error);
    drained.reject(error);
  }
  worker.on('message', (message: FromStorage) => {
    if (message.kind === 'store') store.receive(message.message);
    else if (message.kind === 'drained') drained.resolve();
    else events.told(message);
  });
  worker.on('error', (cause) => {
    const error = explain(cause, options.store.path);
    lose(error instanceof Error ? error : new Error(String(error)));
  });
  worker.on('exit', () => lose(new Error('the storage thread has ended')));
  await store.opened;
  state = 'open';

  async function commitAndShip(shipWithinMs: number): Promise<StoreStatus> {
    const startedMs = clock.monotonicMs();
    await store.flush();
    const leftMs = closeWithinMs - breakOffMs - (clock.monotonicMs() - startedMs);
    post({ kind: 'drain', withinMs: Math.max(0, Math.min(shipWithinMs, leftMs)) });
    await drained.promise;
    const status = await store.status();
    await store.close();
    return status;
  }

  return {
    store,
    close: async ({ shipWithinMs }) => {
      if (state === 'ended') return undefined;
      try {
        return await within(clock, closeWithinMs, commitAndShip(shipWithinMs), () => {
          const seconds = closeWithinMs / 1000;
          const samples = store.unacknowledged;
          return samples === 0
            ? `the store could not be closed in ${seconds} s; all samples are committed`
            : `${counted(samples, 'sample')} could not be committed in ${seconds} s and are lost: the disk refuses them`;
        });
      } finally {
        state = 'ended';
        await worker.terminate();
      }
    },
  };
}

/** What was handed over and not confirmed is gone with the thread; its rounds stay open, so the next run counts the polls as cut off. */
function withUncommitted({ message, cause }: Error, samples: number): Error {
  if (samples === 0) return new Error(message, { cause });
  return new Error(`${message}; ${counted(samples, 'sample')} had not been committed and will count as cut off`, {
    cause,
  });
}

/** A thread that runs out of it takes the collector down: larger batches than usual need more. */
function heapMb({ influxdb }: StorageOptions): number {
  const mbPerThousandPoints = 8;
  return Math.max(128, Math.ceil(((influxdb?.batchSize ?? 0) * mbPerThousandPoints) / 1000));
}

/** A disk that refuses to write must not keep the process from ending. */
const closeWithinMs = 13_000;
/** Of it, what breaking off the last batches and closing the file may take. */
const breakOffMs = 1_000;

/** Rejects with these words when the work takes longer. */
async function within<Result>(
  clock: Clock,
  limitMs: number,
  work: Promise<Result>,
  words: () => string,
): Promise<Result> {
  const over = Promise.withResolvers<never>();
  const cancel = clock.after(limitMs, () => over.reject(new Error(words())));
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    cancel();
  }
}
