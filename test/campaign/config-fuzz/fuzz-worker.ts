import { parentPort, workerData } from 'node:worker_threads';
import { createDice } from '../dice.ts';
import { ConfigFolder } from './config-folder.ts';
import { examine } from './examine.ts';
import { type FuzzBoard, openBoard } from './fuzz-board.ts';
import { mutateConfig } from './mutate.ts';

/** What a worker is given: seeds from `first` on, `count` of them, which it shares with the others over the board. */
export type FuzzWork = {
  readonly first: number;
  readonly count: number;
  readonly memory: SharedArrayBuffer;
  readonly worker: number;
  /** Whatever the worker writes belongs below it: a worker that is ended removes nothing. */
  readonly folder: string;
};

export type FuzzFailure = { readonly seed: number; readonly reason: string };

/** The entry of a thread: whoever started it ends it when it hangs. */
async function work({ first, count, memory, worker, folder: parent }: FuzzWork): Promise<void> {
  const board: FuzzBoard = openBoard(memory);
  using folder = new ConfigFolder(parent);
  for (let taken = board.take(worker); taken < count; taken = board.take(worker)) {
    const examined = await examine(mutateConfig(createDice(first + taken)), folder);
    board.count(examined.status);
    if (examined.status === 'failed') tell({ seed: first + taken, reason: examined.reason });
  }
}

function tell(failure: FuzzFailure): void {
  parentPort?.postMessage(failure);
}

await work(workerData);
