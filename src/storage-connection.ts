import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from './model/clock.ts';
import type { FromStorage, StorageEvent, StorageOptions, ToStorage } from './storage.ts';
import { createStoreClient, type StoreClient } from './store/store-client.ts';

/** The collector's end of the storage thread. */
export type StorageConnection = {
  readonly store: StoreClient;
  /** Ships what can be shipped within the time, commits and closes the store, and ends the thread. */
  close(options: { readonly shipWithinMs: number }): Promise<void>;
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
    // Keeps the heap from growing for the sake of speed; what the thread holds at a time is far below.
    resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 2 },
  });
  const post = (message: ToStorage) => worker.postMessage(message);
  const store = createStoreClient({
    clock,
    send: (message) => post({ kind: 'store', message }),
    onCommitProblem: events.commitProblem,
  });
  const drained = Promise.withResolvers<void>();
  let isOpen = false;
  let isClosing = false;

  function lose(error: Error): void {
    store.fail(error);
    drained.resolve();
    if (isOpen && !isClosing) events.lost(error);
  }
  worker.on('message', (message: FromStorage) => {
    if (message.kind === 'store') store.receive(message.message);
    else if (message.kind === 'drained') drained.resolve();
    else events.told(message);
  });
  worker.on('error', (cause) => lose(cause instanceof Error ? cause : new Error(String(cause))));
  worker.on('exit', () => lose(new Error('The storage thread has ended.')));
  await store.opened;
  isOpen = true;

  return {
    store,
    close: async ({ shipWithinMs }) => {
      await within(clock, commitWithinMs, store.flush(), () => {
        const samples = store.unacknowledged;
        return `${samples} samples could not be committed in ${commitWithinMs / 1000} s and are lost: the disk refuses them`;
      });
      post({ kind: 'drain', withinMs: shipWithinMs });
      await drained.promise;
      isClosing = true;
      await store.close();
      await worker.terminate();
    },
  };
}

/** A disk that refuses to write must not keep the process from ending. */
const commitWithinMs = 10_000;

/** Rejects with these words when the work takes longer. */
async function within(clock: Clock, limitMs: number, work: Promise<void>, words: () => string): Promise<void> {
  const over = Promise.withResolvers<void>();
  const cancel = clock.after(limitMs, () => over.reject(new Error(words())));
  try {
    await Promise.race([work, over.promise]);
  } finally {
    cancel();
  }
}
