import type { GivenAnswer } from '../../../src/simulator/service.ts';
import type { ParsedLine } from '../../contract/sink-line-protocol.ts';
import type { StoredSample } from '../../e2e/stored.ts';

/** What is in one list and not in the other, each as often as it is missing. */
export type Difference = { readonly missing: readonly string[]; readonly strange: readonly string[] };

/** Whether every answer with counters has become a sample, and no sample came of anything else. */
export function compareAnswers(answers: readonly GivenAnswer[], samples: readonly StoredSample[]): Difference {
  const answered = answers.filter(({ code }) => code === 0);
  return difference(
    answered.map(({ endpoint, roomId, userId, totals }) => JSON.stringify([endpoint, roomId, userId ?? '', totals])),
    samples.map(({ endpoint, roomId, userId, totals }) => JSON.stringify([endpoint, roomId, userId, totals])),
  );
}

/** Whether a sink has every sample, with its first total, and nothing else. */
export function comparePoints(samples: readonly StoredSample[], points: readonly ParsedLine[]): Difference {
  return difference(
    samples.map(({ endpoint, roomId, userId, dueMs, totals: [first] }) =>
      JSON.stringify([endpoint, roomId, userId, dueMs, first === null ? '' : String(first)]),
    ),
    points.map(({ measurement, tags, timeMs, fields }) => {
      const first = fields.get(measurement === 'room_stats' ? 'total_viewers' : 'total_count') ?? '';
      return JSON.stringify([measurement, tags.get('room_id'), tags.get('user_id') ?? '', timeMs, String(first)]);
    }),
  );
}

function difference(wanted: readonly string[], found: readonly string[]): Difference {
  const counts = new Map<string, number>();
  for (const key of wanted) counts.set(key, (counts.get(key) ?? 0) + 1);
  const strange = found.filter((key) => {
    const left = counts.get(key) ?? 0;
    counts.set(key, left - 1);
    return left <= 0;
  });
  const missing = [...counts].flatMap(([key, left]) => Array.from({ length: Math.max(0, left) }, () => key));
  return { missing, strange };
}

/** The samples that were seen in a store, by target and due instant. */
export class KnownRows {
  readonly #keys = new Set<string>();

  /** What has come since the last look, and what is there twice. */
  since(samples: readonly StoredSample[]) {
    const seenNow = new Set<string>();
    const doubled: string[] = [];
    const fresh: StoredSample[] = [];
    for (const sample of samples) {
      const key = `${sample.endpoint} ${sample.roomId} ${sample.userId} ${sample.dueMs}`;
      if (seenNow.has(key)) doubled.push(key);
      else if (!this.#keys.has(key)) fresh.push(sample);
      seenNow.add(key);
    }
    // What is gone is found as a total that is too low.
    for (const key of seenNow) this.#keys.add(key);
    return { fresh, doubled, total: seenNow.size };
  }
}
