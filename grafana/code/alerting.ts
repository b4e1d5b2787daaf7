import { stringify } from 'yaml';
import { contactPoint, contactPoints } from './alerts/contact-points.ts';
import { deliveryRules } from './alerts/delivery.ts';
import { roomsOf, unusedSuffixes } from './alerts/rooms.ts';
import { type AlertRule, fileRule } from './alerts/rule.ts';
import { showEndRule, showEndUid, silenceRules } from './alerts/silence.ts';
import { spikeRules, spikeUids } from './alerts/spikes.ts';
import type { GrafanaSettings } from './settings.ts';

export type AlertingFile = {
  /** In Grafana's folder `provisioning/alerting`. */
  readonly file: string;
  readonly text: string;
};

/** Alert rules, and contact points where they are asked for. The user's notification policies stay as they are. */
export function alerting(settings: GrafanaSettings): readonly AlertingFile[] {
  const { alerts } = settings;
  const points = contactPoints(alerts.contact);
  const receiver = points && contactPoint;
  const group = (name: string, rules: readonly AlertRule[]) => ({
    orgId: 1,
    name,
    folder: 'livetally',
    interval: '1m',
    rules: rules.map((rule) => fileRule(rule, receiver)),
  });
  const groups = [
    group('rooms', [...roomRules(settings), ...silenceRules(alerts)]),
    group('delivery', deliveryRules(alerts)),
  ];
  // The rules of overrides that an earlier configuration may have had stay in Grafana until it is told.
  const deleteRules = unusedUids(settings).map((uid) => ({ orgId: 1, uid }));
  return [
    yamlFile('livetally-rules.yaml', { apiVersion: 1, groups, deleteRules }),
    ...(points === undefined
      ? []
      : [yamlFile('livetally-contact-points.yaml', { apiVersion: 1, contactPoints: points })]),
  ];
}

function roomRules({ alerts, intervalMs }: GrafanaSettings): readonly AlertRule[] {
  const { others, overridden } = roomsOf(alerts.overrides);
  return [
    ...spikeRules(alerts.spikes, others, intervalMs),
    ...overridden.flatMap(({ rooms, override }) => [
      ...spikeRules(override.spikes, rooms, intervalMs),
      ...(override.showEnd ? [showEndRule(rooms)] : []),
    ]),
  ];
}

function unusedUids({ alerts }: GrafanaSettings): readonly string[] {
  const withoutShowEnd = roomsOf(alerts.overrides)
    .overridden.filter(({ override }) => !override.showEnd)
    .map(({ rooms }) => `${showEndUid}${rooms.suffix}`);
  const ofOverrides = [...spikeUids, showEndUid];
  return [
    ...withoutShowEnd,
    ...unusedSuffixes(alerts.overrides).flatMap((suffix) => ofOverrides.map((uid) => `${uid}${suffix}`)),
  ];
}

function yamlFile(file: string, content: object): AlertingFile {
  const heading = '# Written by `livetally setup --grafana`. Change `alerts` in its configuration, not this file.\n';
  return { file, text: heading + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false }) };
}
