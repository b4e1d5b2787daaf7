import { Worker } from 'node:worker_threads';
import { MessageClient } from '../../../src/store/message-client.ts';
import type { StoreClient } from '../../../src/store/store-client.ts';
import { systemClock } from '../../../src/system-clock.ts';

/** A store client whose store is in a thread of its own, which ends with it. */
export type StoreThread = AsyncDisposable & { readonly client: StoreClient };

export function startStoreThread(path: string): StoreThread {
  const worker = new Worker(new URL('store-worker.ts', import.meta.url), { workerData: path });
  const client = new MessageClient({
    clock: systemClock,
    send: (message) => worker.postMessage(message),
    onCommitProblem: () => {},
  });
  worker.on('message', (message) => client.receive(message));
  worker.on('error', (error) => client.fail(error instanceof Error ? error : new Error(String(error))));
  return {
    client,
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
