import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpError, InfluxDB } from '@influxdata/influxdb-client';
import type { Clock } from '../model/clock.ts';
import { createMask } from '../model/without-secrets.ts';
import { boundedRequests } from './bounded-answers.ts';
import { type Answer, type Destination, readAnswer } from './influxdb-answer.ts';
import { toLines } from './influxdb-lines.ts';
import type { ProbeOutcome, Sink, WriteOutcome } from './sink.ts';

/** Version 2 is what InfluxDB 1.8, 2.x, 3 and VictoriaMetrics understand; version 1 what every 1.x does. */
export type InfluxdbApi =
  | { readonly version: 2; readonly org: string; readonly bucket: string; readonly token: string | undefined }
  | {
      readonly version: 1;
      readonly database: string;
      readonly username: string | undefined;
      readonly password: string | undefined;
    };

export type InfluxdbOptions = {
  readonly name: string;
  readonly url: string;
  readonly api: InfluxdbApi;
  /** Spends CPU to save bandwidth: a batch shrinks to about a tenth. */
  readonly gzip: boolean;
  readonly clock: Clock;
};

/** Below the idle time after which servers and proxies hang up, so that no request meets a connection being closed. */
const idleConnectionMs = 4_000;
const gzipFromBytes = 1_000;
/** InfluxDB 1 names every line of a batch; what matters is said at the beginning. */
const mostAnswerBytes = 1024 ** 2;

/** Uses the client's transport and escaping, not its write API: that takes no signal, and buffers, retries and logs on its own. */
export function createInfluxdbSink({ name, url, api, gzip, clock }: InfluxdbOptions): Sink {
  const Agent = new URL(url).protocol === 'https:' ? HttpsAgent : HttpAgent;
  const agent = new Agent({ keepAlive: true, timeout: idleConnectionMs });
  // Time-outs are the caller's: they come as the signal of a request.
  const transportOptions = { agent, 'follow-redirects': boundedRequests(mostAnswerBytes) };
  const { transport } = new InfluxDB({ url, timeout: 0, transportOptions });
  const path = writePath(api);
  const authorization = authorizationOf(api);
  const destination = destinationOf(api);
  const headers = { 'content-type': 'text/plain; charset=utf-8', ...(authorization && { authorization }) };
  const sendOptions = { method: 'POST', headers, ...(gzip && { gzipThreshold: gzipFromBytes }) };

  async function send(body: string, signal: AbortSignal): Promise<WriteOutcome> {
    let httpStatus = 0;
    try {
      await transport.request(path, body, { ...sendOptions, signal }, (_headers, status) => {
        httpStatus = status ?? 0;
      });
      return read({ httpStatus, body: '', retryAfter: undefined });
    } catch (error) {
      // The client fails on the body of a 2xx answer that is not what its headers say.
      if (httpStatus >= 200 && httpStatus < 300) return read({ httpStatus, body: '', retryAfter: undefined });
      if (!(error instanceof HttpError)) {
        return { status: 'unavailable', reason: reasonOf(error, signal), retryAfterMs: undefined };
      }
      const retryAfter = error.headers?.['retry-after'];
      return read({
        httpStatus: error.statusCode,
        body: error.body ?? '',
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      });
    }
  }

  function read(answer: Answer): WriteOutcome {
    return readAnswer(answer, destination, clock.wallMs());
  }

  return {
    name,
    async write(points, signal) {
      const { lines, flaw } = toLines(points);
      if (flaw !== undefined) return { status: 'refused', reason: flaw, dropped: undefined };
      return await send(lines, signal);
    },
    // A write without points is checked for credentials and place, by every version.
    probe: async (signal) => readyUnlessProblem(await send('', signal)),
    close: () => agent.destroy(),
  };
}

function readyUnlessProblem(outcome: WriteOutcome): ProbeOutcome {
  switch (outcome.status) {
    case 'unavailable':
    case 'denied':
    case 'missing':
      return outcome;
    default:
      return { status: 'ready' };
  }
}

function writePath(api: InfluxdbApi): string {
  switch (api.version) {
    case 2: {
      const { org, bucket } = api;
      // VictoriaMetrics knows no buckets: it makes a label of `db`, so that samples and windows do not mix. InfluxDB passes over it.
      return `/api/v2/write?${new URLSearchParams({ org, bucket, db: bucket, precision: 'ms' })}`;
    }
    case 1:
      return `/write?${new URLSearchParams({ db: api.database, precision: 'ms' })}`;
    default:
      return api satisfies never;
  }
}

function authorizationOf(api: InfluxdbApi): string | undefined {
  switch (api.version) {
    case 2:
      return api.token === undefined ? undefined : `Token ${api.token}`;
    case 1:
      // In the header, not in the query as 1.x also allows: URLs end up in the logs of servers and proxies.
      return api.username === undefined ? undefined : `Basic ${basicCredentials(api.username, api.password)}`;
    default:
      return api satisfies never;
  }
}

function destinationOf(api: InfluxdbApi): Destination {
  switch (api.version) {
    case 2:
      return {
        place: `bucket "${api.bucket}" of organization "${api.org}"`,
        credentials: 'a token',
        mask: createMask([api.token ?? '']),
      };
    case 1:
      return {
        place: `database "${api.database}"`,
        credentials: 'a user name and password',
        mask: createMask([api.password ?? '', basicCredentials(api.username ?? '', api.password)]),
      };
    default:
      return api satisfies never;
  }
}

function basicCredentials(username: string, password = ''): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

/** Of a request without an answer. A connection refused at several addresses has a code but no message. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return signal.reason instanceof Error ? signal.reason.message : 'the request was cut off';
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
