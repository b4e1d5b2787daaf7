import { frameBytes, logHeadBytes, type OriginalStore, pageBytes } from './original-store.ts';
import type { Harm } from './spoil.ts';

/** What a harm to the database, or to the log before its last commit, can cost at the most. */
export type Stake = {
  /** On the pages that are harmed, and on those that are found by them alone. */
  readonly rows: number;
  /** Whether values can be others: no page of a database has a checksum, each of the log has. */
  readonly canChange: boolean;
};

export function atStake(harm: Harm, original: OriginalStore): Stake {
  const harmed = [...new Set(harmedPages(harm, original))].flatMap((number) => original.pages.get(number) ?? []);
  const canChange = harm.file === 'database';
  // Whose series or target is lost is nobody's any more.
  if (harmed.some(({ tree }) => tree === 'series' || tree === 'target'))
    return { rows: original.truth.size, canChange };
  const below = [...original.pages.values()].filter((page) =>
    harmed.some(({ tree, path }) => tree === page.tree && page.path.startsWith(path)),
  );
  return { rows: below.reduce((sum, { rows }) => sum + rows, 0), canChange };
}

function harmedPages({ file, kind, at, bytes }: Harm, { sizes, frames }: OriginalStore): readonly number[] {
  const end = kind !== 'flip' ? sizes[file] : Math.min(sizes[file], at + bytes);
  if (file === 'database') {
    const first = Math.floor(at / pageBytes);
    return Array.from({ length: Math.ceil(end / pageBytes) - first }, (_, index) => first + index + 1);
  }
  // What a frame is told to be sound by is in the one before it.
  const first = Math.floor((at - logHeadBytes) / frameBytes);
  const last = Math.floor((end - 1 - logHeadBytes) / frameBytes) + 1;
  return frames.slice(Math.max(0, first), last + 1).map(({ page }) => page);
}

/**
 * What is left of a log of which each commit before the harm counts and none behind it, in bytes; undefined where a commit
 * that cannot be used has something whole behind it, which tells that it is missing.
 */
export function wholeLogBytes({ kind, at, bytes }: Harm, { frames }: OriginalStore): number | undefined {
  const ends = [0, ...frames.filter(({ isCommit }) => isCommit).map((frame) => frame.at + frameBytes)];
  const wholeEnd = ends.findLast((end) => end <= at) ?? 0;
  const isUpToLastHead = at + bytes >= (frames.at(-1)?.at ?? 0) + 16;
  const isToTheEnd = wholeEnd === ends.at(-2) || isUpToLastHead;
  return kind !== 'flip' || (isToTheEnd && at >= logHeadBytes) ? wholeEnd : undefined;
}
