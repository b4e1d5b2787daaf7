import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';

/** What becomes of a connection. Each request of the client is on one of its own as long as there are faults. */
export type ConnectionFault =
  /** Takes everything and says nothing. */
  | { readonly kind: 'black_hole' }
  /** Passes so much of the request on, then both sides are reset. */
  | { readonly kind: 'cut_request'; readonly afterBytes: number }
  /** Passes so much of the answer on, which was given and is lost behind that, then resets. */
  | { readonly kind: 'cut_answer'; readonly afterBytes: number }
  /** Passes the answer on one byte at a time. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** Answers in the server's place; `isForwarded`: after the server has done what was asked. */
  | { readonly kind: 'answer'; readonly response: string; readonly isForwarded: boolean }
  /** Answers in the server's place with a head, and a body that never ends. */
  | { readonly kind: 'endless'; readonly head: string }
  /** Answers in the server's place where the body has more bytes than that, and passes everything else on. */
  | { readonly kind: 'answer_to_large'; readonly mostBytes: number; readonly response: string };

/** Stands between a client and a server and does what networks and proxies do. */
export type TcpProxy = AsyncDisposable & {
  readonly port: number;
  /** Faults that no connection has met yet. */
  readonly unmet: number;
  /** Requests that were answered in the server's place. */
  readonly answered: number;
  /** The next connections meet one each, in this order. Those that are open end. */
  meet(...faults: readonly ConnectionFault[]): void;
  /** The same, of the connections whose request names this bucket. */
  meetAt(bucket: string, ...faults: readonly ConnectionFault[]): void;
  /** Every connection meets it, until `undefined` lets them all through. Those that are open end. */
  always(fault: ConnectionFault | undefined): void;
  /** Nobody listens, until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
};

const endlessPart = 'x'.repeat(64 * 1024);

function* endless(head: string): Generator<string> {
  yield head;
  for (;;) yield endlessPart;
}

/** Below those that Linux gives to outgoing connections: one of them could have the port while nobody listens. */
const drawPort = () => 20_000 + Math.floor(Math.random() * 10_000);

export async function startTcpProxy(upstreamPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const next: { readonly fault: ConnectionFault; readonly bucket: string | undefined }[] = [];
  let lasting: ConnectionFault | undefined;
  let answered = 0;
  let server: Server | undefined;
  let port = 0;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  }
  function cutAll(): void {
    for (const socket of sockets) socket.resetAndDestroy();
  }
  function take(client: Socket): void {
    // What the request is for stands in its first line, and that in the first bytes.
    keep(client).once('data', (beginning: Buffer) => {
      client.pause();
      client.unshift(beginning);
      const fault = takeFault(/[?&]bucket=([^&\s]*)/.exec(beginning.toString('latin1'))?.[1]) ?? lasting;
      const reach = () => keep(connect(upstreamPort, '127.0.0.1'));
      if (fault?.kind === 'answer' && !fault.isForwarded) whenWhole(client, () => answer(client, fault.response));
      else if (fault?.kind === 'endless') whenWhole(client, () => answerEndlessly(client, fault.head));
      else if (fault?.kind === 'answer_to_large') {
        whenWhole(client, (request, bodyBytes) => {
          if (bodyBytes > fault.mostBytes) answer(client, fault.response);
          else passOnce(client, reach(), request);
        });
      } else if (fault?.kind !== 'black_hole') pass(client, reach(), fault);
      // Once paused, a socket waits for this however many listeners it gets.
      client.resume();
    });
  }
  function answerEndlessly(client: Socket, head: string): void {
    answered++;
    // Until the client hangs up.
    pipeline(Readable.from(endless(head)), client, () => {});
  }
  function answer(client: Socket, response: string): void {
    answered++;
    client.end(response);
  }
  function takeFault(requested: string | undefined): ConnectionFault | undefined {
    const found = next.findIndex(({ bucket }) => bucket === undefined || bucket === requested);
    return found < 0 ? undefined : next.splice(found, 1)[0]?.fault;
  }
  function add(bucket: string | undefined, faults: readonly ConnectionFault[]): void {
    next.push(...faults.map((fault) => ({ fault, bucket })));
    cutAll();
  }
  async function accept(): Promise<void> {
    if (server !== undefined) return;
    const candidates = port === 0 ? Array.from({ length: 100 }, drawPort) : [port];
    for (const [index, candidate] of candidates.entries()) {
      try {
        const next = createServer(take).listen(candidate, '127.0.0.1');
        await once(next, 'listening');
        server = next;
        port = candidate;
        return;
      } catch (error) {
        if (index === candidates.length - 1) throw error;
      }
    }
  }
  async function refuse(): Promise<void> {
    const last = server;
    server = undefined;
    cutAll();
    if (last === undefined) return;
    last.close();
    await once(last, 'close');
  }

  await accept();
  return {
    port,
    get unmet() {
      return next.length;
    },
    get answered() {
      return answered;
    },
    meet: (...faults) => add(undefined, faults),
    meetAt: (bucket, ...faults) => add(bucket, faults),
    always(fault) {
      lasting = fault;
      cutAll();
    },
    refuse,
    accept,
    [Symbol.asyncDispose]: refuse,
  };
}

function pass(
  client: Socket,
  upstream: Socket,
  fault: Exclude<ConnectionFault, { kind: 'black_hole' | 'answer_to_large' | 'endless' }> | undefined,
): void {
  const reset = () => {
    client.resetAndDestroy();
    upstream.resetAndDestroy();
  };
  let dripping = Promise.resolve();
  client.once('close', () => upstream.destroy());
  upstream.once('close', () => void dripping.then(() => client.destroy()));
  if (fault?.kind === 'cut_request') {
    let left = fault.afterBytes;
    client.on('data', (chunk) => {
      if (upstream.destroyed) return;
      const part = chunk.subarray(0, left);
      left -= part.length;
      upstream.write(part, () => {
        if (left <= 0) reset();
      });
    });
    return;
  }
  client.pipe(upstream);
  if (fault === undefined) {
    upstream.pipe(client);
    return;
  }
  let passed = 0;
  upstream.on('data', (chunk) => {
    switch (fault.kind) {
      case 'cut_answer':
        client.write(chunk.subarray(0, Math.max(0, fault.afterBytes - passed)), () => {
          if (passed >= fault.afterBytes) reset();
        });
        passed += chunk.length;
        return;
      case 'drip':
        dripping = dripping.then(() => drip(client, chunk, fault.everyMs));
        return;
      case 'answer':
        if (passed === 0) client.end(fault.response);
        passed += chunk.length;
        return;
      default:
        fault satisfies never;
    }
  });
}

async function drip(client: Socket, bytes: Buffer, everyMs: number): Promise<void> {
  for (const byte of bytes) {
    if (client.destroyed) return;
    client.write(Buffer.of(byte));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** When the request has come whole, so that the client does not see a reset while it still sends. */
function whenWhole(client: Socket, act: (request: string, bodyBytes: number) => void): void {
  let received = '';
  client.on('data', (chunk) => {
    received += chunk.toString('latin1');
    const bodyBytes = bodyOfWhole(received);
    if (bodyBytes !== undefined) act(received, bodyBytes);
  });
}

/** Undefined while something is missing. */
function bodyOfWhole(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const bodyBytes = text.length - headEnd - 4;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, headEnd))?.[1];
  const isWhole = length === undefined ? text.endsWith('0\r\n\r\n') : bodyBytes >= Number(length);
  return isWhole ? bodyBytes : undefined;
}

/** The server hangs up behind its answer: the next request is one to be looked at again. */
function passOnce(client: Socket, upstream: Socket, request: string): void {
  client.once('close', () => upstream.destroy());
  upstream.once('close', () => client.end());
  upstream.write(request.replace(/\r\nconnection: [^\r]*/i, '\r\nconnection: close'), 'latin1');
  upstream.pipe(client);
}
