import type { Series } from '../model/target.ts';

/**
 * The series read last, in bounded memory: when the young half is full, it becomes the old half and what nobody asked for since is forgotten.
 * A series never changes and its id is never used again, so nothing here can be out of date.
 */
export class SeriesCache<Found extends Series | undefined> {
  readonly #read: (seriesId: number) => Found;
  readonly #halfSize: number;
  #young = new Map<number, Found>();
  #old = new Map<number, Found>();

  constructor(read: (seriesId: number) => Found, size: number) {
    this.#read = read;
    this.#halfSize = Math.ceil(size / 2);
  }

  get(seriesId: number): Found {
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
