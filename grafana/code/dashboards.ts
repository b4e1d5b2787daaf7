import { healthDashboard } from './health.ts';
import { historyDashboard } from './history.ts';
import { liveDashboard } from './live.ts';
import { receiverDashboard } from './receiver.ts';
import { roomDashboard } from './room.ts';
import type { GrafanaSettings } from './settings.ts';

const makers = [liveDashboard, roomDashboard, receiverDashboard, historyDashboard, healthDashboard];

/** The dashboards as Grafana 11 to 13 load them from files, one file each. The same settings make the same text. */
export function dashboards(settings: GrafanaSettings): readonly { readonly file: string; readonly json: string }[] {
  return makers.map((make) => {
    const dashboard = make(settings).build();
    return { file: `${dashboard.uid}.json`, json: `${JSON.stringify(dashboard, inTheBar, 2)}\n` };
  });
}

/** The SDK puts links and annotations behind a menu, unasked, where newer versions of Grafana have one; nobody finds them there. */
function inTheBar(key: string, value: unknown): unknown {
  return key === 'placement' && value === 'inControlsMenu' ? undefined : value;
}
