import type { Examined } from './examine.ts';

/** What workers and whoever watches them share, so that nothing is forgotten when one of them is ended. */
export type FuzzBoard = {
  /** The next of the count that nobody has taken; remembers that this worker is at it. */
  take(worker: number): number;
  /** What the worker is at; -1 before the first. */
  at(worker: number): number;
  count(status: Examined['status']): void;
  counted(status: Examined['status']): number;
};

const slots = { accepted: 1, refused: 2, failed: 3 } as const;
const firstWorker = 4;

export function createBoardMemory(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer((firstWorker + workers) * Int32Array.BYTES_PER_ELEMENT);
}

export function openBoard(memory: SharedArrayBuffer): FuzzBoard {
  const numbers = new Int32Array(memory);
  return {
    take(worker) {
      const taken = Atomics.add(numbers, 0, 1);
      Atomics.store(numbers, firstWorker + worker, taken + 1);
      return taken;
    },
    at: (worker) => Atomics.load(numbers, firstWorker + worker) - 1,
    count: (status) => void Atomics.add(numbers, slots[status], 1),
    counted: (status) => Atomics.load(numbers, slots[status]),
  };
}
