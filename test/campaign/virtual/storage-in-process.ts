import type { Random } from '../../../src/model/random.ts';
import type { StoreStatus } from '../../../src/model/store-status.ts';
import {
  type FromStorage,
  openStorage,
  type StorageOptions,
  type StorageSurroundings,
  type ToStorage,
} from '../../../src/storage.ts';
import type { StorageConnection, StorageEvents } from '../../../src/storage-connection.ts';
import type { Batch } from '../../../src/store/batch.ts';
import { MessageClient } from '../../../src/store/message-client.ts';
import type { Disk } from './disk.ts';
import type { MortalProcess } from './mortal-process.ts';

export type StorageInProcessOptions = {
  readonly storage: StorageOptions;
  readonly process: MortalProcess;
  readonly random: Random;
  readonly disk: Disk;
  readonly createSink: NonNullable<StorageSurroundings['createSink']>;
  /** How long the next message is under way; undefined for one that arrives in the same turn. */
  readonly delayMs: () => number | undefined;
  readonly events: StorageEvents;
  /** The collector has been told that the batch is on the disk. */
  readonly onCommitted: (batch: Batch) => void;
};

export type StorageInProcess = StorageConnection & {
  /** Lets go of the files, as the end of the process does, without a word to anybody. */
  abandon(): void;
  /** From shortly before the store was closed. */
  lastStatus(): StoreStatus | undefined;
  /** Something that was sent a while ago is not on the disk, or something that was collected meanwhile. */
  isBehind(): boolean;
};

type Sent = { readonly batch: Batch; readonly atMs: number };

/** A commit in calm weather, with its message and the answer, takes less. */
const promptMs = 500;

/** The storage behind messages, as on its thread, but in virtual time. A message is a step of the process, on either way. */
export function openStorageInProcess(options: StorageInProcessOptions): StorageInProcess {
  const { process, events, disk, delayMs } = options;
  const { clock } = process;
  const sent: Sent[] = [];
  let isBehind = false;
  let status: StoreStatus | undefined;
  let closeFiles = () => {};
  const drained = Promise.withResolvers<void>();
  const toStorage = createLane(options, () => {
    const stallMs = disk.stallMs();
    return stallMs > 0 ? stallMs : delayMs();
  });
  const fromStorage = createLane(options, delayMs);

  const storage = openStorage(options.storage, {
    clock,
    random: options.random,
    createSink: options.createSink,
    openJournal: (journalOptions) => {
      const journal = disk.openJournal(journalOptions);
      closeFiles = () => journal[Symbol.dispose]();
      return journal;
    },
    send: (message) => fromStorage(() => take(message)),
  });
  const post = (message: ToStorage) => toStorage(() => storage.receive(message));
  const store = new MessageClient({
    clock,
    send: (message) => {
      if (message.kind === 'commit') sent.push({ batch: message.batch, atMs: clock.monotonicMs() });
      post({ kind: 'store', message });
    },
    onCommitProblem: events.commitProblem,
  });

  function take(message: FromStorage): void {
    if (message.kind === 'drained') drained.resolve();
    else if (message.kind !== 'store') events.told(message);
    else {
      lookBehind();
      store.receive(message.message);
      const committed = message.message.kind === 'committed' ? sent.shift() : undefined;
      if (committed !== undefined) options.onCommitted(committed.batch);
      // What waited for its turn has been sent by now, if there was anything.
      if (sent.length === 0) isBehind = false;
    }
  }

  function lookBehind(): void {
    const oldest = sent[0];
    if (oldest !== undefined && clock.monotonicMs() - oldest.atMs > promptMs) isBehind = true;
  }

  return {
    store,
    close: async ({ shipWithinMs }) => {
      await store.flush();
      post({ kind: 'drain', withinMs: shipWithinMs });
      await drained.promise;
      status = await store.status();
      await store.close();
    },
    abandon: () => closeFiles(),
    lastStatus: () => status,
    isBehind: () => {
      lookBehind();
      return isBehind;
    },
  };
}

/** Messages of one direction arrive in the order in which they were sent. */
function createLane(
  { process, events }: StorageInProcessOptions,
  delayMs: () => number | undefined,
): (message: () => void) => void {
  const underWay: (() => void)[] = [];
  const arrive = () => {
    try {
      underWay.shift()?.();
    } catch (error) {
      events.lost(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return (message) => {
    underWay.push(message);
    const wayMs = delayMs();
    if (wayMs !== undefined) process.clock.after(wayMs, arrive);
    else
      queueMicrotask(() => {
        if (process.step()) arrive();
      });
  };
}
