import type { Labels } from '../model/target.ts';
import type { AlertSettings } from './alerts-schema.ts';
import type { WatchedTarget } from './config.ts';
import type { Findings } from './problem.ts';
import type { Place } from './source.ts';

/** Rules that no room can fall under would never fire, without a word: mostly a slip of the pen. */
export function checkOverrides(
  { overrides }: AlertSettings,
  watchlist: readonly WatchedTarget[],
  { source, path }: Place,
  findings: Findings,
): void {
  for (const [index, { where }] of overrides.entries()) {
    const earlier = overrides.slice(0, index).findIndex((other) => hasAll(where, other.where));
    if (earlier < 0) continue;
    findings.report(
      { source, path: [...path, 'overrides', index, 'where'] },
      `matches only rooms that overrides[${earlier}] matches too, and the first that matches counts`,
      'put the narrower entry first, or leave one out',
    );
  }
  if (overrides.length === 0 || watchlist.length === 0) return;
  const sets = new Set(watchlist.map(({ series }) => series.labels));
  for (const [index, { where }] of overrides.entries()) {
    if ([...sets].some((labels) => hasAll(labels, where))) continue;
    findings.report(
      { source, path: [...path, 'overrides', index, 'where'] },
      'matches no room of the watchlist',
      'write labels as the watchlist has them',
    );
  }
}

function hasAll(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, text]) => labels[name] === text);
}
