import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createBoardMemory, type FuzzBoard, openBoard } from './fuzz-board.ts';
import type { FuzzFailure, FuzzWork } from './fuzz-worker.ts';

export type FuzzPool = {
  readonly first: number;
  readonly count: number;
  readonly workers: number;
  /** Longer than any configuration takes, also beside others on a busy machine. */
  readonly hangMs: number;
  /** Where workers may write. */
  readonly folder: string;
  /** The entry of a worker. */
  readonly entry: URL;
  /** Told of each configuration that was neither accepted nor refused, that ended its worker or that took too long. */
  readonly failed: (failure: FuzzFailure) => void;
};

/** So much that a configuration without bound ends its worker and not the machine. */
const resourceLimits = { maxOldGenerationSizeMb: 1_500 };

/** Resolves when all seeds have been looked at, each once. */
export async function runFuzzPool(pool: FuzzPool, watched: (board: FuzzBoard) => void): Promise<FuzzBoard> {
  const memory = createBoardMemory(pool.workers);
  const board = openBoard(memory);
  watched(board);
  await Promise.all(Array.from({ length: pool.workers }, (_, worker) => keepWorking(pool, board, memory, worker)));
  return board;
}

/** A worker that hangs or dies is replaced; the next goes on behind what it was at. */
async function keepWorking(pool: FuzzPool, board: FuzzBoard, memory: SharedArrayBuffer, worker: number): Promise<void> {
  for (let last = board.at(worker); ; last = board.at(worker)) {
    const reason = await runWorker(pool, board, { ...workOf(pool), memory, worker });
    if (reason === undefined) return;
    if (board.at(worker) === last) throw new Error(`a worker could not begin: ${reason}`);
    board.count('failed');
    pool.failed({ seed: pool.first + board.at(worker), reason });
  }
}

function workOf({ first, count, folder }: FuzzPool): Pick<FuzzWork, 'first' | 'count' | 'folder'> {
  return { first, count, folder };
}

/** Why it did not do all its work; undefined when it did. */
async function runWorker(pool: FuzzPool, board: FuzzBoard, work: FuzzWork): Promise<string | undefined> {
  const thread = new Worker(pool.entry, { workerData: work, resourceLimits });
  thread.on('message', pool.failed);
  const over = new AbortController();
  const died = new Promise<string | undefined>((resolve) => {
    thread.on('error', (error: Error) => resolve(`ends its thread: ${error.stack ?? error.message}`));
    thread.on('exit', () => resolve(undefined));
  });
  try {
    return await Promise.race([died, watch(pool, board, work.worker, over.signal)]);
  } finally {
    over.abort();
    await thread.terminate();
  }
}

/** Resolves when the worker is at the same for too long. */
async function watch({ hangMs }: FuzzPool, board: FuzzBoard, worker: number, over: AbortSignal): Promise<string> {
  for (let last = -2; ; last = board.at(worker)) {
    await delay(hangMs, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return 'is over';
    if (board.at(worker) === last) return `not read within ${hangMs / 1000} s`;
  }
}
