import type { Labels } from '../model/target.ts';
import type { AlertSettings } from './alerts-schema.ts';
import type { WatchedTarget } from './config.ts';
import type { Findings } from './problem.ts';
import type { Place } from './source.ts';

/** Rules for labels that no room has would never fire, without a word: mostly a slip of the pen. */
export function checkOverrides(
  { overrides }: AlertSettings,
  watchlist: readonly WatchedTarget[],
  { source, path }: Place,
  findings: Findings,
): void {
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
