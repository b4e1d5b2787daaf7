import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { answerEndlessly } from './endless-answer.ts';
import { type ParsedLine, parseLine } from './sink-line-protocol.ts';

export type FakeVersion = '2.9.1' | '1.8.10' | '1.6.7';

export type Fault =
  /** Answers so, and stores nothing. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string | Buffer;
    }
  /** Answers with JSON that never ends. */
  | { readonly kind: 'endless'; readonly status: number; readonly isCompressed: boolean }
  /** Stores what is right, and hangs up without an answer. */
  | { readonly kind: 'hang_up' }
  /** Never answers. */
  | { readonly kind: 'silence' };

/** An HTTP server that answers writes as the real versions do; what it holds can be read directly. */
export interface FakeInfluxdb extends AsyncDisposable {
  readonly url: string;
  /** Bodies that came compressed. */
  readonly gzipped: number;
  /** A database, or a bucket; points older than `keepMs` are refused. */
  createPlace(place: string, options?: { readonly keepMs?: number }): void;
  /** One for each measurement, tag set and time. */
  pointsOf(place: string): ParsedLine[];
  write(place: string, lines: string): void;
  /** The next requests end like this. */
  fail(...faults: readonly Fault[]): void;
  /** Ends all connections and takes no new ones. */
  stop(): Promise<void>;
  /** On the same port. */
  start(): Promise<void>;
}

type Place = {
  readonly keepMs: number;
  readonly points: Map<string, ParsedLine>;
  /** Of each measurement's fields. */
  readonly types: Map<string, string>;
};

const organization = 'livetally';

export async function startFakeInfluxdb(options: {
  readonly version: FakeVersion;
  /** The value of `authorization` that may write; any may, if undefined. */
  readonly authorization?: string | undefined;
}): Promise<FakeInfluxdb> {
  const { version, authorization } = options;
  const places = new Map<string, Place>();
  const faults: Fault[] = [];
  let gzipped = 0;
  let server: Server | undefined;
  let port = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await buffer(request);
    const isGzipped = request.headers['content-encoding'] === 'gzip';
    if (isGzipped) gzipped++;
    const body = (isGzipped ? gunzipSync(raw) : raw).toString('utf8');
    const fault = faults.shift();
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'endless') return await answerEndlessly(response, fault);
    const { status, text, contentType, headers } =
      fault?.kind === 'answer'
        ? { status: fault.status, text: fault.body ?? '', contentType: 'text/html', headers: fault.headers }
        : { ...answer(request, body), headers: {} };
    if (fault?.kind === 'hang_up') request.socket.destroy();
    else response.writeHead(status, { 'content-type': contentType, ...headers }).end(text);
  }

  function answer(request: IncomingMessage, body: string): { status: number; text: string; contentType: string } {
    const contentType = 'application/json; charset=utf-8';
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    const isVersion2 = pathname === '/api/v2/write';
    const hasPath = isVersion2 ? version !== '1.6.7' : pathname === '/write';
    if (!hasPath || request.method !== 'POST') {
      return { status: 404, text: '404 page not found\n', contentType: 'text/plain; charset=utf-8' };
    }
    const say = (status: number, code: string, words: string) => ({
      ...{ status, contentType },
      text: JSON.stringify(version === '2.9.1' ? { code, message: words } : { error: words }),
    });
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      return say(401, 'unauthorized', 'unauthorized access');
    }
    if (searchParams.get('precision') !== 'ms') return say(400, 'invalid', 'times would be wrong');
    if (version === '2.9.1' && isVersion2 && searchParams.get('org') !== organization) {
      return say(404, 'not found', `organization name "${searchParams.get('org')}" not found`);
    }
    const place = searchParams.get(isVersion2 ? 'bucket' : 'db') ?? '';
    if (!places.has(place)) {
      return version === '2.9.1'
        ? say(404, 'not found', `bucket "${place}" not found`)
        : say(404, 'not found', `database not found: "${place}"`);
    }
    const refusal = store(place, body);
    if (refusal === undefined) return { status: 204, text: '', contentType };
    if (version !== '2.9.1') return say(400, 'invalid', `partial write: ${refusal.words} dropped=${refusal.dropped}`);
    if (refusal.dropped === 0) return say(400, 'invalid', refusal.words);
    const words = `failure writing points to database: partial write: ${refusal.words} dropped=${refusal.dropped}`;
    return say(
      422,
      'unprocessable entity',
      refusal.isTooOld ? `${words} for database: 01eb for retention policy: autogen` : words,
    );
  }

  /** Stores what is right; says what is wrong, of one kind at a time, in the order of the real ones. */
  function store(place: string, body: string): { words: string; dropped: number; isTooOld?: true } | undefined {
    const lines = body.split('\n').filter((line) => line !== '');
    const parsed = lines.map((line) => ({ line, result: parseLine(line) }));
    const unparsed = parsed.flatMap(({ line, result }) =>
      typeof result === 'string' ? [`unable to parse '${line}': ${result}`] : [],
    );
    if (unparsed.length > 0 && version === '2.9.1') return { words: unparsed.join('\n'), dropped: 0 };
    const points = parsed.flatMap(({ result }) => (typeof result === 'string' ? [] : [result]));
    const { keepMs, points: held, types } = placeOf(place);
    const keptFromMs = Date.now() - keepMs;
    const young = points.filter(({ timeMs }) => timeMs >= keptFromMs);
    let conflicts = 0;
    let conflict = '';
    for (const point of young) {
      const clash = clashOf(point, types);
      if (clash === undefined)
        held.set(JSON.stringify([point.measurement, [...point.tags].sort(), point.timeMs]), point);
      else if (conflicts++ === 0) conflict = clash;
    }
    if (conflicts > 0) return { words: conflict, dropped: conflicts };
    const old = points.length - young.length;
    if (old > 0) return { words: retentionWords(old), dropped: old, isTooOld: true };
    return unparsed.length > 0 ? { words: unparsed.join('\n'), dropped: 0 } : undefined;
  }

  function placeOf(name: string) {
    const place = places.get(name);
    if (place === undefined) throw new Error(`no place ${name}`);
    return place;
  }

  function retentionWords(dropped: number): string {
    return version === '2.9.1'
      ? `dropped ${dropped} points outside retention policy of duration 1h0m0s - oldest point m at 2026-01-01T00:00:00Z dropped because it violates a Retention Policy Lower Bound at 2026-01-02T00:00:00Z`
      : 'points beyond retention policy';
  }

  async function start(): Promise<void> {
    const next = createServer((request, response) => {
      handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
    server = next;
    await new Promise<void>((resolve, reject) => next.once('error', reject).listen(port, '127.0.0.1', resolve));
    port = addressOf(next).port;
  }

  async function stop(): Promise<void> {
    const last = server;
    server = undefined;
    if (last === undefined) return;
    last.closeAllConnections();
    await new Promise((resolve) => last.close(resolve));
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    get gzipped() {
      return gzipped;
    },
    createPlace: (place, { keepMs = Number.POSITIVE_INFINITY } = {}) =>
      void places.set(place, { keepMs, points: new Map(), types: new Map() }),
    pointsOf: (place) => [...placeOf(place).points.values()],
    write(place, lines) {
      const refusal = store(place, lines);
      if (refusal !== undefined) throw new Error(refusal.words);
    },
    fail: (...more) => void faults.push(...more),
    stop,
    start,
    [Symbol.asyncDispose]: stop,
  };
}

/** A field keeps the type that it was first written with. */
function clashOf({ measurement, fields }: ParsedLine, types: Map<string, string>): string | undefined {
  const named = [...fields].map(([name, value]) => ({ name, key: `${measurement} ${name}`, type: typeof value }));
  const clash = named.find(({ key, type }) => (types.get(key) ?? type) !== type);
  if (clash !== undefined) {
    return `field type conflict: input field "${clash.name}" on measurement "${measurement}" is type integer, already exists as type float`;
  }
  for (const { key, type } of named) types.set(key, type);
  return undefined;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}
