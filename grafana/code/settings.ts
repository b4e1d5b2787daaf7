import type { AlertSettings } from '../../src/config/alerts-schema.ts';

/** What of the configuration dashboards and alert rules are made from. */
export type GrafanaSettings = {
  /** Whose days and months the tiers are cut by. */
  readonly timezone: string;
  /** Names of the labels on the watchlist, in alphabetical order. */
  readonly labels: readonly string[];
  /** Shortest distance between two rounds of any schedule. */
  readonly intervalMs: number;
  readonly alerts: AlertSettings;
};
