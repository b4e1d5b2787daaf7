import type { GrafanaSettings } from '../../grafana/code/settings.ts';
import { weekLabels, weekTimezone } from './simulated-week.ts';

/** Bounds low enough for the small rooms of the simulated week to reach. */
const spikes = {
  gifts: { floor: 10, factor: 3 },
  coins: { floor: 200, factor: 4 },
  viewers: { floor: 5, factor: 1.2 },
};

/** As `setup --grafana` would draw them from a configuration with the labels and the zone of the simulated week. */
export const weekSettings: GrafanaSettings = {
  timezone: weekTimezone,
  labels: weekLabels,
  intervalMs: 30_000,
  alerts: {
    spikes,
    silence: { share: 0.5, rooms: 5 },
    nothingArrivesMs: 300_000,
    lateMs: 300_000,
    storeShare: 0.8,
    overrides: [],
    contact: {},
  },
};

/** Of one host, whose rooms are told of much sooner. */
export const weekOverride = {
  where: { 'show host': 'host 1' },
  spikes: {
    gifts: { floor: 5, factor: 1.5 },
    coins: { floor: 50, factor: 1.5 },
    viewers: { floor: 5, factor: 1.2 },
  },
  showEnd: false,
};
