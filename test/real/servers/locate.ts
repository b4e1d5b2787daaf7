import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export type ServerName =
  | 'influxdb-2.9.1'
  | 'influxdb-1.8.10'
  | 'influxdb-1.6.7'
  | 'victoria-metrics'
  | 'prometheus'
  | 'promtool'
  | 'telegraf'
  | 'docker-compose'
  | 'chromium'
  | 'cc';

// install.sh puts them there: what it builds into its cache, Debian's packages where Debian puts them.
const placeOfServer: Readonly<Record<ServerName, { readonly built: string } | { readonly path: string }>> = {
  'influxdb-2.9.1': { built: 'influxd-2.9.1' },
  'influxdb-1.8.10': { built: 'influxd-1.8.10' },
  'influxdb-1.6.7': { path: '/usr/bin/influxd' },
  'victoria-metrics': { path: '/usr/bin/victoria-metrics' },
  prometheus: { path: '/usr/bin/prometheus' },
  promtool: { path: '/usr/bin/promtool' },
  telegraf: { built: 'telegraf-1.37.2' },
  'docker-compose': { built: 'docker-compose-2.40.3' },
  chromium: { path: '/usr/bin/chromium' },
  cc: { path: '/usr/bin/cc' },
};

/** The path of a program that install.sh brings, or undefined where it is not installed. */
export function locateServer(name: ServerName): string | undefined {
  const place = placeOfServer[name];
  const path = 'built' in place ? join(cacheDirectory(), 'bin', place.built) : place.path;
  return isExecutable(path) ? path : undefined;
}

export function requireServer(name: ServerName): string {
  const path = locateServer(name);
  if (path === undefined) {
    throw new Error(`${name} is not installed: run ${installCommand([name])}`);
  }
  return path;
}

/**
 * Those of the names that are not installed, for `describe.skipIf(missingServers([...]).length > 0)`. Says so on the
 * console, since a skipped suite is easily overlooked; throws where CI=true, since there nothing may be skipped.
 */
export function missingServers(names: readonly ServerName[]): ServerName[] {
  const missing = names.filter((name) => locateServer(name) === undefined);
  if (missing.length > 0) {
    const message = `${missing.join(', ')} not installed: run ${installCommand(missing)}`;
    if (process.env['CI'] === 'true') {
      throw new Error(message);
    }
    console.warn(`skipped: ${message}`);
  }
  return missing;
}

function installCommand(names: readonly ServerName[]): string {
  return `bash test/real/servers/install.sh ${names.join(' ')}`;
}

function cacheDirectory(): string {
  const { LIVETALLY_CACHE, XDG_CACHE_HOME } = process.env;
  return LIVETALLY_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'livetally');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
