import { requestsPerSecond } from '../config/capacity.ts';
import type { Config, InfluxdbConfig } from '../config/config.ts';
import { counted, formatNumber, formatSize } from '../model/figures.ts';
import { type Endpoint, endpoints } from '../model/target.ts';

/** What a configuration means in figures, before anything is polled. Those of a day and a month suppose that every round of the day is polled: show hours make them smaller. */
export type Plan = {
  readonly file: string;
  readonly load: readonly EndpointLoad[];
  readonly schedules: readonly {
    readonly app: string;
    readonly endpoint: Endpoint;
    readonly cron: string;
    readonly timezone: string;
    readonly intervalMs: number;
    readonly targets: number;
  }[];
  readonly store: StorePlan;
  readonly influxdb?: {
    readonly url: string;
    /** Bucket or database. */
    readonly destination: string;
    readonly series: number;
    readonly pointsPerMonth: number;
  };
};

/** One endpoint of one SDKAppID, whose apps share the limit. */
export type EndpointLoad = {
  readonly apps: readonly string[];
  readonly sdkAppId: number;
  readonly endpoint: Endpoint;
  readonly targets: number;
  readonly requestsPerSecond: number;
  readonly limit: number;
  /** 0.95 is all that may be used. */
  readonly shareOfLimit: number;
};

export type StorePlan = {
  readonly path: string;
  readonly rowsPerDay: number;
  readonly bytesPerDay: number;
  readonly keepDays: number;
  readonly maxSizeBytes: number;
  /** Until the file has grown to `maxSizeBytes`. */
  readonly maxSizeLastsDays: number;
  /** What deletes the oldest samples. */
  readonly deletedBy: 'keep' | 'max_size';
};

const daySeconds = 86_400;
const dayMs = daySeconds * 1000;
const daysPerMonth = 30;

/** A row of the store on disk, with its share of pages and indexes. */
const bytesPerRow: Readonly<Record<Endpoint, number>> = { room_stats: 90, gift_count: 65 };

export function planOf(config: Config): Plan {
  const load = loadOf(config);
  const rowsPerDay = sum(load.map((each) => each.requestsPerSecond)) * daySeconds;
  return {
    file: config.file,
    load,
    schedules: config.schedules.map(({ schedule, ...planned }) => ({ ...schedule, ...planned })),
    store: storePlan(config.store, load, rowsPerDay),
    ...(config.influxdb && {
      influxdb: {
        url: config.influxdb.url,
        destination: destinationOf(config.influxdb),
        series: config.watchlist.length,
        pointsPerMonth: Math.round(rowsPerDay * daysPerMonth),
      },
    }),
  };
}

function loadOf({ apps, schedules }: Config): readonly EndpointLoad[] {
  const byId = Map.groupBy(apps, ({ sdkAppId }) => sdkAppId);
  return [...byId].flatMap(([sdkAppId, sharing]) => {
    const names = sharing.map(({ name }) => name);
    return endpoints.flatMap((endpoint) => {
      const planned = schedules.filter(
        ({ schedule }) => schedule.endpoint === endpoint && names.includes(schedule.app),
      );
      const limit = sharing[0]?.limits[endpoint];
      if (limit === undefined || planned.length === 0) return [];
      const needed = sum(planned.map(requestsPerSecond));
      const targets = sum(planned.map((each) => each.targets));
      return [
        { apps: names, sdkAppId, endpoint, targets, requestsPerSecond: needed, limit, shareOfLimit: needed / limit },
      ];
    });
  });
}

function storePlan(store: Config['store'], load: readonly EndpointLoad[], rowsPerDay: number): StorePlan {
  const bytesPerDay = sum(load.map((each) => each.requestsPerSecond * daySeconds * bytesPerRow[each.endpoint]));
  const keepDays = store.keepMs / dayMs;
  const maxSizeLastsDays = store.maxSizeBytes / bytesPerDay;
  return {
    path: store.path,
    rowsPerDay: Math.round(rowsPerDay),
    bytesPerDay: Math.round(bytesPerDay),
    keepDays,
    maxSizeBytes: store.maxSizeBytes,
    maxSizeLastsDays,
    deletedBy: maxSizeLastsDays < keepDays ? 'max_size' : 'keep',
  };
}

function destinationOf(influxdb: InfluxdbConfig): string {
  switch (influxdb.kind) {
    case 'v2':
      return `bucket ${influxdb.bucket}`;
    case 'v1':
      return `database ${influxdb.database}`;
    default:
      return influxdb satisfies never;
  }
}

/** The plan as `livetally check` prints it. */
export function formatPlan({ file, load, schedules, store, influxdb }: Plan): string {
  const targets = sum(load.map((each) => each.targets));
  const lines = [
    `${file} is valid: ${counted(targets, 'target')}.`,
    '',
    'Requests',
    ...toColumns(
      load.map((each) => [
        each.apps.join(', '),
        counted(each.targets, nouns[each.endpoint]),
        `${formatNumber(each.requestsPerSecond)} requests/s`,
        `${formatNumber(each.shareOfLimit * 100)} % of the limit of ${formatNumber(each.limit)} (95 % may be used)`,
      ]),
    ),
    '',
    'Schedules',
    ...toColumns(
      schedules.map(({ app, endpoint, cron, timezone, intervalMs, targets: planned }) => [
        app,
        counted(planned, nouns[endpoint]),
        `every ${formatNumber(intervalMs / 1000)} s`,
        `${cron} (${timezone})`,
      ]),
    ),
    '',
    `Store ${store.path}`,
    ...toColumns([
      ['a day, at most', counted(store.rowsPerDay, 'row'), formatSize(store.bytesPerDay)],
      ['keep', formatDays(store.keepDays), `needs ${formatSize(store.bytesPerDay * store.keepDays)}`],
      ['max_size', formatSize(store.maxSizeBytes), `lasts ${formatDays(store.maxSizeLastsDays)}`],
    ]),
    store.deletedBy === 'keep'
      ? '  samples are deleted by age, as keep says'
      : `  max_size is reached before keep: samples are deleted after ${formatDays(store.maxSizeLastsDays)}`,
  ];
  if (influxdb === undefined) lines.push('', 'InfluxDB: none, samples stay in the store');
  else
    lines.push(
      '',
      `InfluxDB ${influxdb.url}, ${influxdb.destination}`,
      ...toColumns([
        ['series', formatNumber(influxdb.series)],
        ['points a month, at most', formatNumber(influxdb.pointsPerMonth)],
      ]),
    );
  return `${lines.join('\n')}\n`;
}

const nouns: Readonly<Record<Endpoint, string>> = { room_stats: 'room', gift_count: 'receiver' };

function toColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(width(column))).join('  ')}`.trimEnd());
}

function formatDays(days: number): string {
  return days >= 1 ? counted(days, 'day') : counted(days * 24, 'hour');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
