import type { Point } from '../model/point.ts';

/** A point that can be told apart from others, and whether it is the same in two places. */
export type PlainPoint = {
  /** Measurement and tags. */
  readonly series: string;
  readonly timeMs: number;
  /** All fields with their values, in the order of their names. */
  readonly content: string;
};

export function plainPoint({ measurement, tags, fields, timeMs }: Point): PlainPoint {
  return { series: seriesText(measurement, tags), timeMs, content: contentText(fields) };
}

/** Tells points apart, within one place: InfluxDB has one point for each. */
export function keyOf({ series, timeMs }: PlainPoint): string {
  return `${timeMs}\n${series}`;
}

/** A tag without a value is none. */
export function seriesText(measurement: string, tags: Iterable<readonly [name: string, value: string]>): string {
  const given = [...tags].filter(([, value]) => value !== '').sort(byName);
  return [measurement, ...given.map(([name, value]) => `${name}=${value}`)].join('\n');
}

export function contentText(fields: Iterable<readonly [name: string, value: unknown]>): string {
  return [...fields]
    .sort(byName)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Sum = { count: number; low: number; high: number };

/**
 * Points by slices of time, as how many there are and a sum over them that is another one when any point is another one. The
 * order in which points are added does not matter, and neither does their number: a slice takes a few bytes.
 */
export class PointSums {
  readonly #sliceMs: number;
  readonly #sums = new Map<number, Sum>();

  constructor(sliceMs: number) {
    this.#sliceMs = sliceMs;
  }

  add({ series, timeMs, content }: PlainPoint): void {
    const slice = Math.floor(timeMs / this.#sliceMs);
    const sum = this.#sums.get(slice) ?? { count: 0, low: 0, high: 0 };
    const text = `${series}\n${timeMs}\n${content}`;
    sum.count++;
    sum.low = (sum.low + hash(text, 0x811c9dc5)) >>> 0;
    sum.high = (sum.high + hash(text, 0x01000193)) >>> 0;
    this.#sums.set(slice, sum);
  }

  count(slice: number): number {
    return this.#sums.get(slice)?.count ?? 0;
  }

  isSame(other: PointSums, slice: number): boolean {
    const [a, b] = [this.#sums.get(slice), other.#sums.get(slice)];
    return a?.count === b?.count && a?.low === b?.low && a?.high === b?.high;
  }

  slices(): readonly number[] {
    return [...this.#sums.keys()].sort((a, b) => a - b);
  }

  /** The most points that a slice has. */
  most(): number {
    let most = 0;
    for (const { count } of this.#sums.values()) most = Math.max(most, count);
    return most;
  }
}

/** FNV-1a with an avalanche behind it, so that sums of it are as good as chance. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
