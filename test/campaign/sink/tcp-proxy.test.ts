import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { httpAnswer } from './fault-catalogue.ts';
import { type ConnectionFault, startTcpProxy } from './tcp-proxy.ts';

/** A server that says 204, and through what its clients reach it. */
async function start() {
  await using resources = new AsyncDisposableStack();
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    request.resume().on('end', () => response.writeHead(204, { connection: 'close' }).end());
  });
  resources.defer(() => void server.closeAllConnections());
  resources.defer(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy = resources.use(await startTcpProxy(portOf(server.address())));
  const write = async (bucket: string, { body = 'points', withinMs = 10_000 } = {}) => {
    const url = `http://127.0.0.1:${proxy.port}/api/v2/write?org=o&bucket=${bucket}`;
    try {
      return (await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(withinMs) })).status;
    } catch (error) {
      return error instanceof DOMException ? 'no answer' : 'cut off';
    }
  };
  const kept = resources.move();
  return { proxy, write, asked: () => asked, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const answer = (isForwarded: boolean): ConnectionFault => ({
  kind: 'answer',
  response: httpAnswer(503, ''),
  isForwarded,
});

describe('the proxy', () => {
  test.each<[string, ConnectionFault, number | string, number]>([
    ['answers in the place of the server', answer(false), 503, 0],
    ['answers when the server has done what was asked', answer(true), 503, 1],
    ['says nothing', { kind: 'black_hole' }, 'no answer', 0],
    ['cuts the request', { kind: 'cut_request', afterBytes: 20 }, 'cut off', 0],
    ['cuts the answer', { kind: 'cut_answer', afterBytes: 5 }, 'cut off', 1],
    ['lets the answer drip', { kind: 'drip', everyMs: 0 }, 204, 1],
  ])('%s once, and lets pass what comes next', async (_, fault, outcome, asked) => {
    await using running = await start();
    running.proxy.meet(fault);
    expect(await running.write('live', outcome === 'no answer' ? { withinMs: 500 } : {})).toBe(outcome);
    expect(running.asked()).toBe(asked);
    expect(await running.write('live')).toBe(204);
  });

  test('answers in the place of the server, for as long as it is to, what is too large', async () => {
    await using running = await start();
    running.proxy.always({ kind: 'answer_to_large', mostBytes: 6, response: httpAnswer(413, '') });
    const bodies = ['points', 'more points', 'points', 'more points'];
    const outcomes: unknown[] = [];
    for (const body of bodies) outcomes.push(await running.write('live', { body }));
    expect(outcomes).toEqual([204, 413, 204, 413]);
    expect([running.asked(), running.proxy.answered]).toEqual([2, 2]);
    running.proxy.always(undefined);
    expect(await running.write('live', { body: 'more points' })).toBe(204);
  });

  test('keeps a fault for the bucket that is to meet it', async () => {
    await using running = await start();
    running.proxy.meetAt('live_1h', answer(false));
    expect([await running.write('live'), await running.write('live_1')]).toEqual([204, 204]);
    expect(running.proxy.unmet).toBe(1);
    expect([await running.write('live_1h'), await running.write('live_1h')]).toEqual([503, 204]);
  });
});
