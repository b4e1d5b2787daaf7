const idsPerPage = 32_768;

/** Ids of rows, a bit for each: a million of them take 125 kB. */
export class RowMarks {
  readonly #pages = new Map<number, Uint8Array>();

  add(id: number): void {
    const at = Math.floor(id / idsPerPage);
    const page = this.#pages.get(at) ?? new Uint8Array(idsPerPage / 8);
    this.#pages.set(at, page);
    const bit = id % idsPerPage;
    page[bit >> 3] = (page[bit >> 3] ?? 0) | (1 << (bit & 7));
  }

  has(id: number): boolean {
    const bit = id % idsPerPage;
    const byte = this.#pages.get(Math.floor(id / idsPerPage))?.[bit >> 3] ?? 0;
    return (byte & (1 << (bit & 7))) !== 0;
  }
}
