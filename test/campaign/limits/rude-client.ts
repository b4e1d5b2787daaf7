import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type RudeClient = AsyncDisposable & {
  readonly socket: Socket;
  /** What the server has said so far. */
  said(): string;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
};

/** A TCP connection on which anything may be said to an HTTP server. */
export async function connectRudely(url: string, { reads = true } = {}): Promise<RudeClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let said = '';
  if (reads)
    socket.setEncoding('latin1').on('data', (text) => {
      said += text;
    });
  else socket.pause();
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  return {
    socket,
    said: () => said,
    closed,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await closed;
    },
  };
}
