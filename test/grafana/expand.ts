import type { DashboardPanel } from './dashboard-file.ts';

/** What a dashboard shows: a range in epoch milliseconds, and the values chosen for each variable. */
export type View = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly variables: Readonly<Record<string, VariableValue>>;
};

/** `all` stands for what the dashboard gives as the value of All, which Grafana puts in as it is. */
export type VariableValue = { readonly all: string } | { readonly values: readonly string[] };

/**
 * The query that Grafana's InfluxQL data source would send. First the browser puts in variables, then the server its macros, by
 * plain replacement. Throws where a variable is unknown, or is given without a format: versions differ in what they make of that.
 */
export function expandInfluxql(query: string, view: View, intervalMs: number): string {
  const { fromMs, toMs } = view;
  const withVariables = query.replaceAll(/\$\{(\w+)(?::(\w+))?\}/g, (expression, name: string, format?: string) => {
    if (name === '__from' && format === undefined) return String(fromMs);
    if (name === '__to' && format === undefined) return String(toMs);
    const value = view.variables[name];
    if (value === undefined || format !== 'regex') throw new Error(`cannot expand ${expression} in: ${query}`);
    return asRegex(value);
  });
  return withVariables
    .replaceAll('$timeFilter', `time >= ${fromMs}ms and time <= ${toMs}ms`)
    .replaceAll('$__interval_ms', String(intervalMs))
    .replaceAll('$__interval', formatDuration(intervalMs));
}

/** Grafana's format `regex`: values escaped, several of them as alternatives. */
function asRegex(value: VariableValue): string {
  if ('all' in value) return value.all;
  const escaped = value.values.map((one) => one.replaceAll(/[\\^$*+?.()|[\]{}/]/g, '\\$&'));
  return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
}

/** How many points Grafana asks of a panel that does not say: about one for each pixel of its width. */
const pointsAcross = 1000;

/** `$__interval` of a panel: the range over its points, rounded, and not below what the panel says. */
export function intervalOf(
  { fromMs, toMs }: View,
  { interval: finest, maxDataPoints = pointsAcross }: Pick<DashboardPanel, 'interval' | 'maxDataPoints'> = {},
): number {
  const wantedMs = (toMs - fromMs) / maxDataPoints;
  const rounded = roundIntervals.find(([belowMs]) => wantedMs < belowMs)?.[1] ?? durations.d;
  return Math.max(rounded, finest === undefined ? 0 : parseDuration(finest));
}

const durations = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const { s, m, h, d } = durations;

/** Up to which interval Grafana rounds to which; the finer ones are below any that livetally's panels ask for. */
const roundIntervals: readonly (readonly [belowMs: number, intervalMs: number])[] = [
  [1500, s],
  [3500, 2 * s],
  [7500, 5 * s],
  [12_500, 10 * s],
  [17_500, 15 * s],
  [25_000, 20 * s],
  [45_000, 30 * s],
  [90_000, m],
  [210_000, 2 * m],
  [450_000, 5 * m],
  [750_000, 10 * m],
  [1_050_000, 15 * m],
  [1_500_000, 20 * m],
  [2_700_000, 30 * m],
  [5_400_000, h],
  [9_000_000, 2 * h],
  [16_200_000, 3 * h],
  [32_400_000, 6 * h],
  [86_400_000, 12 * h],
  [604_800_000, d],
];

/** A relative start such as `now-90d/d`; days begin at midnight of the dashboard's zone, which is whole minutes from UTC. */
export function relativeStart(text: string, nowMs: number, zoneOffsetMs: number): number {
  const [, amount, toDay] = /^now-(\d+[smhd])(\/d)?$/.exec(text) ?? [];
  if (amount === undefined) throw new Error(`cannot read the relative time ${text}`);
  const startMs = nowMs - parseDuration(amount);
  return toDay === undefined ? startMs : Math.floor((startMs + zoneOffsetMs) / d) * d - zoneOffsetMs;
}

export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (unit !== 'ms' && unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd') {
    throw new Error(`cannot read the duration ${text}`);
  }
  return Number(amount) * durations[unit];
}

function formatDuration(intervalMs: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (intervalMs % durations[unit] === 0) return `${intervalMs / durations[unit]}${unit}`;
  }
  return `${intervalMs}ms`;
}
