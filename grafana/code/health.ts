import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboardOf } from './dashboard-frame.ts';
import { pollingPanels } from './health-polling.ts';
import { processPanels } from './health-process.ts';
import { rollUpPanels } from './health-roll-up.ts';
import { shippingPanels } from './health-shipping.ts';
import { panelIds } from './panel-ids.ts';
import { stat } from './panels.ts';
import { expr, metric, ofApp } from './prometheus-queries.ts';
import { appVariable } from './selection.ts';
import type { GrafanaSettings } from './settings.ts';
import { offerApps } from './variables.ts';

const ids = panelIds.health;

/** livetally's own health, from the metrics that Prometheus scrapes. */
export function healthDashboard(settings: GrafanaSettings): DashboardBuilder {
  return dashboardOf(
    {
      name: 'health',
      title: 'livetally: Health',
      description: "livetally's own health: what it polls, what waits, what is refused. From Prometheus.",
      from: 'now-3h',
      refresh: '30s',
      variables: [offerApps(appVariable)],
      rows: [
        { title: 'State', panels: state() },
        { title: 'Polling', panels: pollingPanels() },
        { title: 'Store and shipping', panels: shippingPanels() },
        { title: 'Windows and sessions', panels: rollUpPanels() },
        { title: 'Process', panels: processPanels() },
      ],
    },
    settings,
  );
}

function state() {
  const content = { width: 6, height: 5 } as const;
  return [
    stat({
      ...content,
      id: ids.sinkUp,
      title: 'InfluxDB takes samples',
      description:
        '1 while it takes what is shipped; 0 while it is down, refuses the token or lacks the bucket: samples then wait in the store, nothing is lost.',
      unit: 'none',
      queries: [expr(`min by (sink) (${metric('livetally_sink_up')})`, '{{sink}}')],
    }),
    stat({
      ...content,
      id: ids.storeState,
      title: 'The store cannot commit',
      description: '0 is well. 1 while the store cannot commit (disk full, I/O error): samples wait in memory.',
      unit: 'none',
      queries: [expr(`max(${metric('livetally_store_commit_failing')})`, 'cannot commit')],
    }),
    stat({
      ...content,
      id: ids.signature,
      title: 'Signature expires in',
      description:
        'The signature is renewed at 80 % of its life, and at once when Tencent refuses it: this should never come near 0.',
      unit: 's',
      queries: [expr(`min by (app) (${ofApp('livetally_usersig_expiry_timestamp_seconds')}) - time()`, '{{app}}')],
    }),
    stat({
      ...content,
      id: ids.waitingAge,
      title: 'Oldest sample that waits',
      description: 'Age of the oldest sample that was committed and not yet shipped; 0 when none waits.',
      unit: 's',
      queries: [expr(`max by (sink) (${metric('livetally_samples_waiting_age_seconds')})`, '{{sink}}')],
    }),
  ];
}
