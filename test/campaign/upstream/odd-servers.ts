import type { ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { selfSigned } from '../../integration/tencent/self-signed.ts';
import { answerWithCounters, listen, startHttpServer, startRawServer } from '../../integration/tencent/servers.ts';
import type { Trouble } from './troubles.ts';

export type OddServers = AsyncDisposable & { readonly troubles: readonly Trouble[] };

/** The environment of a program that is to find no name server for one of them. */
export const silentNames = {
  NODE_OPTIONS: `--import=${new URL('./silent-name-server.ts', import.meta.url).href}`,
} as const;

/** Addresses that nothing sensible can be had from. What they are sent all the same is handed to `received`. */
export async function startOddServers(received: (sent: Buffer) => void = () => {}): Promise<OddServers> {
  await using started = new AsyncDisposableStack();
  const silent = started.use(await listen(createTcpServer((socket) => socket.on('data', received))));
  const garbage = started.use(await startRawServer((socket) => socket.end('\u0000\u0001not TLS at all\n'.repeat(50))));
  const sayingSsh = createTcpServer((socket) =>
    socket.once('data', (sent: Buffer) => {
      received(sent);
      socket.end('SSH-2.0-OpenSSH_9.2\r\n');
    }),
  );
  const ssh = started.use(await listen(sayingSsh));
  const unknown = started.use(
    await listen(createHttpsServer(selfSigned, (_, response) => answerWithCounters(response))),
  );
  const gone = await listen(createTcpServer(() => {}));
  await gone[Symbol.asyncDispose]();
  const held = started.move();
  return {
    troubles: [
      { app: 'no-such-host', outcome: 'network_error', baseUrl: 'https://nowhere.invalid' },
      { app: 'silent-name-server', outcome: 'timeout', baseUrl: 'https://nowhere.silent.invalid' },
      { app: 'nobody-listens', outcome: 'network_error', baseUrl: `http://127.0.0.1:${gone.port}` },
      { app: 'black-hole', outcome: 'timeout', baseUrl: `http://127.0.0.1:${silent.port}` },
      { app: 'no-handshake', outcome: 'timeout', baseUrl: `https://127.0.0.1:${silent.port}` },
      { app: 'no-tls', outcome: 'network_error', baseUrl: `https://127.0.0.1:${garbage.port}` },
      { app: 'unknown-authority', outcome: 'network_error', baseUrl: `https://localhost:${unknown.port}` },
      { app: 'ssh', outcome: 'network_error', baseUrl: `http://127.0.0.1:${ssh.port}` },
    ],
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Below this come the totals of the first room, from there on those of the second, and so on. */
export const totalsApart = 1e9;

export function roomOfTotals(total: number): number {
  return Math.floor(total / totalsApart);
}

/**
 * Answers every room with totals that tell which room they are of, and does what mixes answers up: one that comes after the client
 * has given up, a second one behind the first, a second one a moment later.
 */
export async function startMixingServer(clientGivesUpMs: number) {
  let requests = 0;
  return await startHttpServer((response, { body }) => {
    const room = Number(/"room-(\d+)"/.exec(body)?.[1]);
    const counters = (of: number) => ({ TotalViewers: of * totalsApart + ++requests });
    const stray = JSON.stringify({ ErrorCode: 0, Response: counters(room + 1) });
    const strayAnswer = `HTTP/1.1 200 OK\r\ncontent-length: ${stray.length}\r\n\r\n${stray}`;
    switch (requests % 4) {
      case 0:
        return answerWithCounters(response, counters(room));
      case 1:
        setTimeout(() => answerWithCounters(response, counters(room)), clientGivesUpMs + 200);
        return;
      case 2:
        return answerTwice(response, counters(room), strayAnswer, 0);
      default:
        return answerTwice(response, counters(room), strayAnswer, 30);
    }
  });
}

function answerTwice(response: ServerResponse, counters: object, stray: string, afterMs: number): void {
  const { socket } = response;
  if (afterMs > 0) {
    answerWithCounters(response, counters);
    setTimeout(() => socket?.write(stray), afterMs);
    return;
  }
  const right = JSON.stringify({ ErrorCode: 0, Response: counters });
  socket?.write(`HTTP/1.1 200 OK\r\ncontent-length: ${right.length}\r\n\r\n${right}${stray}`);
}
