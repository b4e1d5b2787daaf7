import { counters } from '../../../src/model/measurement.ts';
import { tiers } from '../../../src/model/window.ts';
import type { Journal } from '../../../src/store/journal.ts';
import { dayMs, rollUp, startMs, type TemporaryStore } from '../../integration/store/temporary-store.ts';
import { inShort } from '../../integration/verify/in-short.ts';
import { verifyStore } from '../../integration/verify/lived-store.ts';
import { type Step, sinkName, windowsOf } from './store-life.ts';

export type Examined = { readonly lost: number; readonly doubled: number; readonly wrong: readonly string[] };

const farMs = startMs + 400 * dayMs;

export function openLived(store: TemporaryStore, path = store.path): Journal {
  return store.open({ path, keepMs: dayMs / 8, sinks: [{ name: sinkName, tables: ['room_stats', 'gift_count'] }] });
}

export type ExamineOptions = {
  /** Samples in the store that are not of these steps. */
  readonly otherSamples?: number;
  /** What may have been committed as well, since nobody was told whether it was. */
  readonly orLived?: readonly Step[];
};

/**
 * Opens a store after a crash: what these steps have committed is there once, `verify` finds nothing, neither at once nor
 * after the roll-up has gone on, and that leaves what it would have without the crash.
 */
export async function examineStore(
  store: TemporaryStore,
  lived: readonly Step[],
  { otherSamples = 0, orLived = lived }: ExamineOptions = {},
): Promise<Examined> {
  using journal = openLived(store);
  const found = journal.status().committed.room_stats - otherSamples;
  const steps = samplesOf(orLived) === found ? orLived : lived;
  const missing = samplesOf(steps) - found;
  const wrong = [...(await differences(store))];
  rollUp(journal, farMs);
  const [windows, expected] = [windowsIn(store), windowsOf(steps, farMs)];
  if (windows.join('\n') !== expected.join('\n')) {
    wrong.push(`${windows.length} windows, of ${expected.length} expected, or others`);
  }
  wrong.push(...(await differences(store)));
  return { lost: Math.max(0, missing), doubled: Math.max(0, -missing), wrong };
}

function samplesOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { samples }) => sum + samples.length, 0);
}

/** What `verify` finds in the store alone. A commit of `store-life.ts` is a round that goes on until the next of its room. */
async function differences({ path }: TemporaryStore): Promise<readonly string[]> {
  const verified = await verifyStore(path, undefined, { intervalOf: () => farMs - startMs });
  return inShort(verified).map((finding) => `verify: ${finding}`);
}

function windowsIn(store: TemporaryStore): readonly string[] {
  const columns = ['start_ms', 'samples', ...counters.room_stats.map(({ delta }) => delta)];
  const lines = tiers.flatMap((tier) =>
    store
      .query(
        `SELECT room_id, '${tier}' AS tier, ${columns.map((column) => `w.${column}`).join(', ')}
         FROM room_stats_${tier} w JOIN series s ON s.id = w.series_id JOIN target t ON t.id = s.target_id
         WHERE room_id LIKE 'room-%'`,
      )
      .map((row) => Object.values(row).join(' ')),
  );
  return lines.sort();
}
