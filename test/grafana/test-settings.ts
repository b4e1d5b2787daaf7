import type { GrafanaSettings } from '../../grafana/code/settings.ts';
import { weekLabels, weekTimezone } from './simulated-week.ts';

/** Bounds low enough for the small rooms of the simulated week to reach. */
const spikes = {
  gifts: { floor: 10, factor: 3 },
  coins: { floor: 200, factor: 4 },
  viewers: { floor: 10, factor: 1.5 },
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
