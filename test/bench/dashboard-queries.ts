import { dashboards } from '../../grafana/code/dashboards.ts';
import { dashboardUids } from '../../grafana/code/panel-ids.ts';
import { type Dashboard, readDashboard } from '../grafana/dashboard-file.ts';
import type { Place } from '../grafana/past.ts';
import { weekSettings } from '../grafana/test-settings.ts';

/** A dashboard as it is for rooms polled every 15 s, whose days are those of UTC. */
export function benchDashboard(name: keyof typeof dashboardUids, labels: readonly string[] = []): Dashboard {
  const settings = { ...weekSettings, timezone: 'Etc/UTC', labels, intervalMs: 15_000 };
  const file = dashboards(settings).find((one) => one.file === `${dashboardUids[name]}.json`);
  if (file === undefined) throw new Error(`no dashboard ${name}`);
  return readDashboard(file.json);
}

export function placeOf(uid: string): Place {
  const place = uid.replace(/^livetally-/, '');
  if (place === 'raw' || place === '5m' || place === '1h' || place === '1d' || place === '1mo') return place;
  throw new Error(`no data source of InfluxDB: ${uid}`);
}

/** Of three, after one that fills the caches. */
export async function medianMs(run: () => Promise<unknown>): Promise<number> {
  await run();
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const startMs = performance.now();
    await run();
    times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b)[1] ?? Number.NaN;
}
