import { glob } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatNumber } from '../model/figures.ts';
import type { Apps } from './apps.ts';
import { type Cadence, ownCadence, type Schedules } from './cadence.ts';
import { checkValue } from './check-value.ts';
import type { WatchedTarget } from './config.ts';
import type { Findings } from './problem.ts';
import { readWatchFile } from './read-source.ts';
import { configSchema } from './schema.ts';
import { besideFile } from './secrets.ts';
import { isMap, type Place, type Source } from './source.ts';
import { type Environment, substitute } from './substitute.ts';
import { chooseApp, createWatchlist, type Surroundings, type Watchlist } from './watchlist.ts';
import { filesEntry } from './watchlist-schema.ts';

type Context = {
  readonly source: Source;
  readonly environment: Environment;
  readonly apps: Apps;
  readonly schedules: Schedules;
  readonly findings: Findings;
};

/** All targets, of the configuration itself and of the files that it names. */
export async function readWatchlist(
  written: unknown,
  cadence: Cadence,
  context: Context,
): Promise<readonly WatchedTarget[]> {
  const { source, apps, schedules, findings } = context;
  const watchlist = createWatchlist(apps, schedules, findings);
  const place = { source, path: ['watchlist'] };
  if (!Array.isArray(written)) {
    checkValue(configSchema.shape.watchlist, written, place, findings);
    return [];
  }
  if (written.length === 0) findings.report(place, 'is empty: there is nothing to poll');
  const surroundings = { chooseApp: (at: Place) => chooseApp(apps, undefined, at, findings), labels: {}, cadence };
  const seen = new Set<string>();
  for (const [index, entry] of written.entries()) {
    const isFiles = isMap(entry) && 'file' in entry && !('room' in entry);
    if (isFiles) await addFiles(entry, index, surroundings, seen, watchlist, context);
    else watchlist.add(entry, { source, path: ['watchlist', index] }, surroundings);
  }
  return watchlist.targets();
}

async function addFiles(
  written: Readonly<Record<string, unknown>>,
  index: number,
  outer: Surroundings,
  seen: Set<string>,
  watchlist: Watchlist,
  { source, environment, apps, schedules, findings }: Context,
): Promise<void> {
  const path = ['watchlist', index];
  const entry = checkValue(filesEntry, written, { source, path }, findings);
  if (entry === undefined) return;
  const at = (key: string) => ({ source, path: [...path, key] });
  const app = entry.app === undefined ? undefined : chooseApp(apps, entry.app, at('app'), findings);
  const cadence = ownCadence(outer.cadence, entry.schedule, written['schedule'], at('schedule'));
  schedules.check(cadence);
  const surroundings = {
    chooseApp: entry.app === undefined ? outer.chooseApp : () => app,
    labels: entry.labels ?? outer.labels,
    cadence,
  };

  const files = await findFiles(entry.file, source.file);
  if (files.length > mostFiles) {
    findings.report(at('file'), `more than ${formatNumber(mostFiles)} files match "${entry.file}"`);
    return;
  }
  if (files.length === 0) findings.report(at('file'), `no file matches "${entry.file}"`);
  for (const file of files) {
    if (seen.has(file)) {
      findings.report(at('file'), `${file} is included already`);
      continue;
    }
    seen.add(file);
    const found = readWatchFile(file, findings);
    if (found !== undefined) addEntries(found, environment, surroundings, watchlist, findings);
  }
}

function addEntries(
  source: Source,
  environment: Environment,
  surroundings: Surroundings,
  watchlist: Watchlist,
  findings: Findings,
): void {
  const entries = substitute(source, environment, findings);
  const place = { source, path: [] };
  if (!Array.isArray(entries)) findings.report(place, 'must hold a list of entries, each with a room');
  else if (entries.length === 0) findings.report(place, 'holds no entries');
  else for (const [index, entry] of entries.entries()) watchlist.add(entry, { source, path: [index] }, surroundings);
}

/** Many more than anybody writes: the pattern is too wide, and every file would be read. */
const mostFiles = 10_000;

/** At most one more than `mostFiles`. The folder of the configuration is not part of the pattern: its name may hold a bracket. */
async function findFiles(pattern: string, configFile: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: dirname(configFile) })) {
    if (files.push(besideFile(configFile, file)) > mostFiles) break;
  }
  return files.sort();
}
