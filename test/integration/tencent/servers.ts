import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

export type ReceivedRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

export type TestServer = AsyncDisposable & {
  readonly port: number;
  readonly baseUrl: string;
  /** Connections ever accepted, and those open now. */
  readonly connections: { readonly accepted: number; readonly open: number };
};

export type HttpTestServer = TestServer & { readonly requests: readonly ReceivedRequest[] };

/** An HTTP server that keeps what it received; `answer` runs when the body has come. */
export async function startHttpServer(
  answer: (response: ServerResponse, request: ReceivedRequest) => void,
): Promise<HttpTestServer> {
  const requests: ReceivedRequest[] = [];
  const server = createHttpServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
    const request = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body };
    requests.push(request);
    answer(response, request);
  });
  return { ...(await listen(server)), requests };
}

/** A TCP server that says what it likes to whatever comes first on a connection. */
export async function startRawServer(answer: (socket: Socket) => void): Promise<TestServer> {
  return listen(createTcpServer((socket) => socket.once('data', () => answer(socket))));
}

/** Answers with counters as a healthy service does. */
export function answerWithCounters(response: ServerResponse, counters: object = { TotalViewers: 7 }): void {
  answerWithJson(response, { ActionStatus: 'OK', ErrorInfo: '', ErrorCode: 0, RequestId: 'Id-1', Response: counters });
}

export function answerWithCode(response: ServerResponse, code: number): void {
  answerWithJson(response, { ActionStatus: 'FAIL', ErrorInfo: 'in words', ErrorCode: code, RequestId: 'Id-1' });
}

function answerWithJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Serves any server of node's on a free port; disposing cuts its connections. */
export async function listen(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  return {
    port,
    baseUrl: `http://127.0.0.1:${port}`,
    connections: {
      get accepted() {
        return accepted;
      },
      get open() {
        return sockets.size;
      },
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}
