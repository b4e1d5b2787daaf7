import { parentPort, workerData } from 'node:worker_threads';
import { createDice } from '../dice.ts';
import { ConfigFolder } from './config-folder.ts';
import { examine } from './examine.ts';
import { mutateConfig } from './mutate.ts';

/** What the worker is given: seeds from `from` up to, not including, `to`; `progress` is where it says which one it is at. */
export type FuzzWork = { readonly from: number; readonly to: number; readonly progress: SharedArrayBuffer };

export type FuzzReport =
  | { readonly kind: 'failed'; readonly seed: number; readonly reason: string }
  | { readonly kind: 'done'; readonly accepted: number; readonly refused: number };

/** The entry of a thread: whoever started it ends it when it hangs. */
async function work({ from, to, progress }: FuzzWork): Promise<FuzzReport> {
  const at = new Int32Array(progress);
  using folder = new ConfigFolder();
  const counts = { accepted: 0, refused: 0 };
  for (let seed = from; seed < to; seed++) {
    Atomics.store(at, 0, seed);
    const examined = await examine(mutateConfig(createDice(seed)), folder);
    if (examined.status === 'failed') report({ kind: 'failed', seed, reason: examined.reason });
    else counts[examined.status]++;
  }
  return { kind: 'done', ...counts };
}

function report(message: FuzzReport): void {
  parentPort?.postMessage(message);
}

report(await work(workerData));
