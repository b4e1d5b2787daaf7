import type { Series } from '../model/target.ts';

/**
 * The series read last, in bounded memory: when the young half is full, it becomes the old half and what nobody asked for since is forgotten.
 * A series never changes and its id is never used again, so nothing here can be out of date.
 */
export class SeriesCache {
  readonly #read: (seriesId: number) => Series;
  readonly #halfSize: number;
  #young = new Map<number, Series>();
  #old = new Map<number, Series>();

  constructor(read: (seriesId: number) => Series, size: number) {
    this.#read = read;
    this.#halfSize = Math.ceil(size / 2);
  }

  get(seriesId: number): Series {
    const found = this.#young.get(seriesId);
    if (found !== undefined) return found;
    const series = this.#old.get(seriesId) ?? this.#read(seriesId);
    if (this.#young.size >= this.#halfSize) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(seriesId, series);
    return series;
  }
}
