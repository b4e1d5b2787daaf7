import type { Clock } from '../model/clock.ts';
import { MessageClient } from './message-client.ts';
import type { FromStore, ToStore } from './protocol.ts';
import { type ServedJournal, serveStore } from './serve-store.ts';
import type { StoreClient, StoreClientOptions } from './store-client.ts';

export type StoreInProcessOptions = {
  readonly journal: ServedJournal;
  readonly clock: Clock;
  readonly onCommitProblem: StoreClientOptions['onCommitProblem'];
  onCommitted(): void;
  onRolledUp(): void;
};

/** A store client without a thread: commits block the caller's event loop, and virtual time works. */
export function createStoreInProcess({
  journal,
  clock,
  onCommitProblem,
  onCommitted,
  onRolledUp,
}: StoreInProcessOptions): StoreClient {
  // A message arrives in a turn of its own, as it would from a thread: no call comes back into its caller.
  const client: StoreClient = new MessageClient({
    clock,
    onCommitProblem,
    send: (message: ToStore) => queueMicrotask(() => server.receive(message)),
  });
  const server = serveStore({
    journal,
    clock,
    onCommitted,
    onRolledUp,
    send: (message: FromStore) => queueMicrotask(() => client.receive(message)),
  });
  return client;
}
