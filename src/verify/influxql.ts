import type { Clock } from '../model/clock.ts';
import type { Point } from '../model/point.ts';
import { maskOf } from '../model/without-secrets.ts';
import { type PlainPoint, plainPoint } from './point-sums.ts';
import type { TimeRange } from './verified-store.ts';

export type InfluxqlOptions = {
  readonly url: string;
  /** What points are written to: a bucket, or a database; `database/policy` names both on a 1.x. */
  readonly place: string;
  readonly authorization: string | undefined;
  /** For the remedy: how to give what may read, such as `set INFLUX_READ_TOKEN`, and what can be done without. */
  readonly howToAuthorize: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For tests. */
  readonly mostAnswerBytes?: number;
};

/** Reads points out of an InfluxDB, through the query language that 1.x and 2.x share. */
export interface PointReader {
  readonly place: string;
  /** How old a point can become before the server may delete it; infinity is for ever. */
  keepMs(): Promise<number>;
  /** The points of a measurement that have one of these apps as their tag. */
  readPoints(measurement: string, apps: readonly string[], time: TimeRange): Promise<readonly PlainPoint[]>;
}

/** Reads points as a sink has written them. */
export interface WholePointReader extends PointReader {
  readWholePoints(measurement: string, apps: readonly string[], time: TimeRange): Promise<readonly Point[]>;
  /** When the first of them lies at an instant or after it. */
  nextMs(measurement: string, apps: readonly string[], fromMs: number): Promise<number | undefined>;
}

/** For an answer with some ten thousand points. */
const timeoutMs = 120_000;
/** A window of each of half a million rooms; a text of more cannot be held. */
const mostAnswerBytes = 400 * 1024 ** 2;
/** A century. */
const farAheadMs = 100 * 365 * 24 * 60 * 60_000;

export function createPointReader(options: InfluxqlOptions): WholePointReader {
  const { place } = options;
  const [database = place, policy] = place.split('/');
  async function select(
    measurement: string,
    apps: readonly string[],
    { fromMs, toMs }: TimeRange,
    end: string,
  ): Promise<readonly Point[]> {
    const tags = apps.map((app) => `"app" = ${quoted(app, "'")}`).join(' OR ');
    const time = `time >= ${fromMs}ms AND time < ${toMs}ms`;
    const statement = `SELECT * FROM ${quoted(measurement, '"')} WHERE ${time} AND (${tags}) ${end}`;
    const series = await query(options, statement, { db: database, ...(policy && { rp: policy }) });
    // VictoriaMetrics answers any statement with the same list.
    if (series.some((one) => at(one, 'name') !== measurement)) throw unreadable(options, 'it answers no InfluxQL');
    return series.flatMap(pointsOf);
  }
  const read: WholePointReader['readWholePoints'] = (...asked) => select(...asked, 'GROUP BY *');
  return {
    place,
    readWholePoints: read,
    nextMs: async (measurement, apps, fromMs) => {
      const time = { fromMs, toMs: fromMs + farAheadMs };
      return (await select(measurement, apps, time, 'ORDER BY time LIMIT 1'))[0]?.timeMs;
    },
    readPoints: async (...asked) => (await read(...asked)).map(plainPoint),
    keepMs: async () => (await bucketKeepMs(options)) ?? (await policyKeepMs(options, database, policy)),
  };
}

function quoted(name: string, mark: string): string {
  return `${mark}${name.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`)}${mark}`;
}

/** Values are taken as they come: what another program wrote need be no number. */
function pointsOf(series: unknown): readonly Point[] {
  const tags = Object.entries(at(series, 'tags') ?? {}).map(([name, value]) => [name, String(value)] as const);
  const measurement = String(at(series, 'name'));
  const [, ...columns] = listAt(series, 'columns').map(String);
  return listAt(series, 'values').map((values) => {
    const [timeMs, ...cells] = Array.isArray(values) ? values : [];
    const fields = columns.map((column, index) => [column, cells[index]] as const);
    const known = fields.filter(([, value]) => value !== null && value !== undefined);
    return { measurement, tags, timeMs: Number(timeMs), fields: known };
  });
}

/** The retention of a bucket of 2.x; undefined where the server has no buckets. Its InfluxQL says `0s` whatever it is. */
async function bucketKeepMs(options: InfluxqlOptions): Promise<number | undefined> {
  const { httpStatus, body } = await send(options, `/api/v2/buckets?${new URLSearchParams({ name: options.place })}`);
  if (httpStatus !== 200) return undefined;
  const [bucket] = listAt(body, 'buckets');
  const [rule] = listAt(bucket, 'retentionRules');
  const seconds = at(rule, 'everySeconds');
  if (bucket === undefined) throw unreadable(options, 'the bucket is not there');
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : Number.POSITIVE_INFINITY;
}

async function policyKeepMs(options: InfluxqlOptions, database: string, policy: string | undefined): Promise<number> {
  const answer = await query(options, `SHOW RETENTION POLICIES ON ${quoted(database, '"')}`, { db: database });
  const columns = listAt(answer[0], 'columns').map(String);
  const rows = listAt(answer[0], 'values').map((values) => {
    const cells = Array.isArray(values) ? values : [];
    return new Map(columns.map((column, index) => [column, cells[index]]));
  });
  const found = rows.find((row) => (policy === undefined ? row.get('default') === true : row.get('name') === policy));
  const [, hours = 0, minutes = 0, seconds = 0] =
    /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(String(found?.get('duration') ?? ''))?.map(Number) ?? [];
  const keepMs = ((hours || 0) * 3_600 + (minutes || 0) * 60 + (seconds || 0)) * 1_000;
  return keepMs > 0 ? keepMs : Number.POSITIVE_INFINITY;
}

async function query(
  options: InfluxqlOptions,
  statement: string,
  parameters: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  const { httpStatus, body } = await send(
    options,
    `/query?${new URLSearchParams({ ...parameters, epoch: 'ms' })}`,
    new URLSearchParams({ q: statement }),
  );
  const [result] = listAt(body, 'results');
  const words = at(result, 'error') ?? at(body, 'error') ?? at(body, 'message');
  const series = listAt(result, 'series');
  if ([result, ...series].some((one) => at(one, 'partial') === true))
    throw unreadable(options, 'it has left out a part of its answer; set its max-row-limit to 0');
  if (httpStatus === 200 && result !== undefined && words === undefined) return series;
  throw unreadable(options, typeof words === 'string' ? words : `HTTP ${httpStatus}, and no answer to InfluxQL`);
}

/** A token without the right to read is told that there is no such database. The words may quote the request. */
function unreadable({ url, place, authorization, howToAuthorize }: InfluxqlOptions, words: string): Error {
  return new Error(`${place} at ${url} cannot be read: ${maskOf(authorization)(words)}; ${howToAuthorize}`);
}

async function send(options: InfluxqlOptions, path: string, body?: URLSearchParams) {
  const { url, authorization, clock, signal } = options;
  const over = new AbortController();
  const cancel = clock.after(timeoutMs, () => over.abort(new Error(`no answer within ${timeoutMs / 1_000} s`)));
  try {
    const response = await fetch(`${url}${path}`, {
      ...(body && { method: 'POST', body }),
      headers: authorization === undefined ? {} : { authorization },
      signal: AbortSignal.any([signal, over.signal]),
    });
    return { httpStatus: response.status, body: parsed(await textOf(response, options)) };
  } catch (cause) {
    if (cause instanceof TooLong) throw cause;
    if (signal.aborted) throw new Error(`stopped while ${url} was asked; give the command again`, { cause });
    const reason = cause instanceof Error ? reasonOf(cause) : String(cause);
    throw new Error(`${url} cannot be asked: ${reason}; see that InfluxDB runs there, or correct influxdb.url`, {
      cause,
    });
  } finally {
    cancel();
  }
}

class TooLong extends Error {}

async function textOf(
  { body }: Response,
  { url, mostAnswerBytes: mostBytes = mostAnswerBytes }: InfluxqlOptions,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      throw new TooLong(
        `${url} answers with more than ${mostBytes} bytes at once; look at a shorter time with --from and --to`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What `fetch` fails with names its reason in its cause. */
function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? cause.message || String(Reflect.get(cause, 'code')) : message;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function at(holder: unknown, key: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, key) : undefined;
}

function listAt(holder: unknown, key: string): readonly unknown[] {
  const value = at(holder, key);
  return Array.isArray(value) ? value : [];
}
