import { checkOverrides } from './alerts.ts';
import { readApps } from './apps.ts';
import { createSchedules, defaultCadence } from './cadence.ts';
import { checkCapacity } from './capacity.ts';
import { checkValue, readUsableParts, reportUnknownKey } from './check-value.ts';
import type { Config, ReadCron } from './config.ts';
import { readInfluxdb } from './influxdb.ts';
import { createFindings, type Findings, type Problem } from './problem.ts';
import { readMainSource } from './read-source.ts';
import { readWatchlist } from './read-watchlist.ts';
import { configSchema, sections } from './schema.ts';
import { hideSecrets, withoutInfluxdbSecret } from './secrets.ts';
import { isMap, type Source } from './source.ts';
import { type Environment, substitute } from './substitute.ts';
import { scheduleParts } from './watchlist-schema.ts';

export type LoadedConfig =
  | { readonly status: 'loaded'; readonly config: Config }
  /** Everything that is wrong, at least one thing, in the order of the files and lines. */
  | { readonly status: 'refused'; readonly problems: readonly Problem[] };

export type LoadOptions = {
  readonly file: string;
  /** What `${NAME}` refers to. */
  readonly environment: Environment;
  readonly readCron: ReadCron;
  /** For `setup`, which makes them: InfluxDB's token or password may be missing, and is then empty. */
  readonly mayLackInfluxdbSecret?: boolean;
};

/** Reads and checks the configuration and all files it names. Whatever an operator can get wrong is a problem, never an exception. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { file } = options;
  const findings = createFindings();
  const source = readMainSource(file, findings);
  const config = source && (await readConfig(source, options, findings));
  const problems = findings.list(file);
  if (config !== undefined && problems.length === 0) return { status: 'loaded', config };
  if (problems.length === 0) throw new Error(`${file} was refused without a problem`);
  return { status: 'refused', problems };
}

async function readConfig(
  source: Source,
  { environment, readCron, mayLackInfluxdbSecret = false }: LoadOptions,
  findings: Findings,
): Promise<Config | undefined> {
  const secretFindings = mayLackInfluxdbSecret ? withoutInfluxdbSecret(findings) : findings;
  const root = substitute(source, environment, secretFindings);
  if (!isMap(root)) {
    const message = root === null ? 'is empty' : 'must be a map of keys such as apps and watchlist';
    findings.report({ source, path: [] }, message, 'start from config/livetally.example.yaml');
    return undefined;
  }
  hideSecrets(root, findings);
  reportUnknownSections(root, source, findings);
  const at = (key: string) => ({ source, path: [key] });
  const schedule =
    checkValue(sections.schedule, root['schedule'], at('schedule'), findings) ??
    readUsableParts(scheduleParts, root['schedule']) ??
    scheduleParts.parse({});
  const store = checkValue(sections.store, root['store'], at('store'), findings);
  const influxdbSection = checkValue(sections.influxdb, root['influxdb'], at('influxdb'), findings);
  const sessions = checkValue(sections.sessions, root['sessions'], at('sessions'), findings);
  const reporting = checkValue(sections.reporting, root['reporting'], at('reporting'), findings);
  const alerts = checkValue(sections.alerts, root['alerts'], at('alerts'), findings);
  const heartbeat = checkValue(sections.heartbeat, root['heartbeat'], at('heartbeat'), findings);
  const server = checkValue(sections.server, root['server'], at('server'), findings);
  const log = checkValue(sections.log, root['log'], at('log'), findings);

  const influxdb = readInfluxdb(influxdbSection, source, secretFindings, mayLackInfluxdbSecret);
  const apps = readApps(root['apps'], source, findings);
  const schedules = createSchedules(readCron, findings);
  const cadence = defaultCadence(schedule, root['schedule'], at('schedule'));
  schedules.check(cadence);
  const watchlist = await readWatchlist(root['watchlist'], cadence, { source, environment, apps, schedules, findings });
  if (!store || !sessions || !reporting || !alerts || !server || !log) return undefined;
  checkOverrides(alerts, watchlist, at('alerts'), findings);

  checkCapacity(schedules.used(), apps, readCron, findings);
  return {
    file: source.file,
    apps: [...apps.values()].filter((app) => app !== undefined),
    watchlist,
    schedules: schedules.used().map(({ place: _, ...planned }) => planned),
    store,
    ...(influxdb !== undefined && { influxdb }),
    sessions,
    reporting,
    alerts,
    ...(heartbeat !== undefined && { heartbeat }),
    server,
    log,
  };
}

function reportUnknownSections(root: Readonly<Record<string, unknown>>, source: Source, findings: Findings): void {
  const known = Object.keys(configSchema.shape);
  for (const key of Object.keys(root)) {
    if (!known.includes(key)) reportUnknownKey({ source, path: [key] }, known, findings);
  }
}
