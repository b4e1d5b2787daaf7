import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../model/clock.ts';

export type HttpServerOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly metricsText: () => Promise<string>;
  readonly metricsContentType: string;
  /** Why livetally is not ready; empty when it is. */
  readonly notReadyReasons: () => readonly string[];
};

export type HttpServer = AsyncDisposable & { readonly url: string };

type Answer = { readonly status: number; readonly contentType: string; readonly body: string | Buffer };

/** Scrapes within this time share one answer, so that a flood of them costs no more than one a second. */
const metricsLifeMs = 1000;
const maxConnections = 200;
/** Then the client connects anew. Requests can be sent without waiting for answers, and each holds one. */
const maxRequestsPerConnection = 20;

/** Serves livetally's own health: `/metrics`, `/healthz` (alive) and `/readyz` (503 with reasons until ready). */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const routes = createRoutes(options);
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => answer(routes, request, response),
  );
  server.maxConnections = maxConnections;
  server.maxRequestsPerSocket = maxRequestsPerConnection;
  // A refusal is an answer too, and a client that never reads would heap up thousands of them: what is left is not answered.
  server.on('dropRequest', (_request, socket) => socket.destroy());
  server.setTimeout(30_000);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Error(`Cannot listen on ${options.host}:${options.port} (server.listen): ${cause.message}`, { cause }),
      ),
    );
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    url: `http://${formatAddress(options.host, isAddressInfo(address) ? address.port : options.port)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

type Routes = ReadonlyMap<string, () => Answer | Promise<Answer>>;

function createRoutes({ clock, metricsText, metricsContentType, notReadyReasons }: HttpServerOptions): Routes {
  let scrape: { readonly body: Promise<Buffer>; readonly atMs: number } | undefined;
  let isUnderWay = false;
  const makeMetrics = async () => {
    isUnderWay = true;
    try {
      return Buffer.from(await metricsText());
    } finally {
      isUnderWay = false;
    }
  };
  const cachedMetrics = () => {
    const nowMs = clock.monotonicMs();
    // Where they cannot be had for a while, because of a slow disk, those who ask wait for the same ones.
    const isFresh = scrape !== undefined && (isUnderWay || nowMs - scrape.atMs < metricsLifeMs);
    if (scrape === undefined || !isFresh) scrape = { body: makeMetrics(), atMs: nowMs };
    return scrape.body;
  };
  return new Map<string, () => Answer | Promise<Answer>>([
    ['/metrics', async () => ({ status: 200, contentType: metricsContentType, body: await cachedMetrics() })],
    ['/healthz', () => plain(200, 'alive')],
    [
      '/readyz',
      () => {
        const reasons = notReadyReasons();
        return reasons.length === 0 ? plain(200, 'ready') : plain(503, `not ready: ${reasons.join('; ')}`);
      },
    ],
    ['/', () => plain(200, 'livetally: /metrics /healthz /readyz')],
  ]);
}

function answer(routes: Routes, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const route = routes.get(path);
  // A body is not read, nor what follows it.
  if (hasBody(request)) response.setHeader('connection', 'close');
  if (route === undefined) {
    send(response, plain(404, 'not found; there is /metrics, /healthz and /readyz'));
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(response, plain(405, 'only GET and HEAD'));
  } else {
    Promise.resolve()
      .then(route)
      .then(
        (found) => send(response, found),
        (error: unknown) => send(response, plain(500, error instanceof Error ? error.message : 'failed')),
      );
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function send(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

function plain(status: number, text: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}

function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
