/** What the metrics of a running livetally say of its store. */
export type Scraped = {
  readonly committed: number;
  readonly uncommitted: number;
  readonly skipped: number;
  readonly memoryBytes: number;
  readonly isFailing: boolean;
};

/** Undefined where nobody answers any more, which the end of the process will explain. */
export async function scrape(url: string): Promise<Scraped | undefined> {
  const response = await fetch(url).catch(() => undefined);
  if (response === undefined) return undefined;
  const text = await response.text();
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? ([\\d.e+]+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );
  return {
    committed: sum('livetally_samples_committed_total'),
    uncommitted: sum('livetally_store_uncommitted_samples'),
    skipped: sum('livetally_polls_skipped_total'),
    memoryBytes: sum('process_resident_memory_bytes'),
    isFailing: sum('livetally_store_commit_failing') === 1,
  };
}
