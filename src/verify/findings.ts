/** What is not as it must be. */
export type FindingKind =
  /** due = polled + failed + skipped + cut off, or polled = samples, does not hold. */
  | 'round'
  /** committed = delivered + waiting + rejected + dropped does not hold. */
  | 'ledger'
  /** A committed row is not there. */
  | 'row'
  /** A row is there, and holds what cannot be, or is of a series that is not there. */
  | 'damaged_row'
  /** A row is there twice, or where none was committed. */
  | 'doubled_row'
  | 'window'
  | 'session'
  /** Delivered, and not in the database. */
  | 'missing_point'
  | 'changed_point'
  /** In the database, and never committed. */
  | 'unknown_point';

/** Findings of one kind at one place, such as a table or a bucket. */
export type FindingGroup = {
  readonly kind: FindingKind;
  readonly place: string;
  readonly count: number;
  /** The first of them, in words. */
  readonly examples: readonly string[];
  /** The hours of UTC that they lie in, neighbours put together; empty where they lie in no time. */
  readonly hours: readonly { readonly fromMs: number; readonly toMs: number; readonly count: number }[];
};

type OpenGroup = { kind: FindingKind; place: string; count: number; examples: string[]; byHour: Map<number, number> };

const hourMs = 60 * 60 * 1_000;

/** Counts what differs, and keeps some of it: a database that was emptied differs in every point. */
export class Findings {
  readonly #mostExamples: number;
  readonly #groups = new Map<string, OpenGroup>();

  constructor(mostExamples: number) {
    this.#mostExamples = mostExamples;
  }

  add(kind: FindingKind, place: string, words: string, atMs?: number): void {
    const key = `${kind} ${place}`;
    const group: OpenGroup = this.#groups.get(key) ?? { kind, place, count: 0, examples: [], byHour: new Map() };
    this.#groups.set(key, group);
    group.count++;
    if (group.examples.length < this.#mostExamples) group.examples.push(words);
    if (atMs === undefined) return;
    const hour = Math.floor(atMs / hourMs);
    group.byHour.set(hour, (group.byHour.get(hour) ?? 0) + 1);
  }

  count(kind: FindingKind, place: string): number {
    return this.#groups.get(`${kind} ${place}`)?.count ?? 0;
  }

  addAll(others: Findings): void {
    for (const [key, other] of others.#groups) {
      const group = this.#groups.get(key);
      if (group === undefined) {
        this.#groups.set(key, other);
        continue;
      }
      group.count += other.count;
      group.examples = [...group.examples, ...other.examples].slice(0, this.#mostExamples);
      for (const [hour, count] of other.byHour) group.byHour.set(hour, (group.byHour.get(hour) ?? 0) + count);
    }
  }

  groups(): readonly FindingGroup[] {
    return [...this.#groups.values()].map(({ byHour, ...group }) => ({ ...group, hours: joinHours(byHour) }));
  }
}

function joinHours(byHour: ReadonlyMap<number, number>): FindingGroup['hours'] {
  const joined: { fromMs: number; toMs: number; count: number }[] = [];
  for (const [hour, count] of [...byHour].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last?.toMs === hour * hourMs) {
      last.toMs += hourMs;
      last.count += count;
    } else {
      joined.push({ fromMs: hour * hourMs, toMs: (hour + 1) * hourMs, count });
    }
  }
  return joined;
}

/** `2026-01-01T00:00:15.000Z`, as an example names an instant. */
export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
