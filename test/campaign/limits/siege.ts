import { setTimeout as delay } from 'node:timers/promises';
import { connectRudely, type RudeClient } from './rude-client.ts';

/** What clients of livetally's HTTP server do to it, each on many connections. */
export type Siege =
  /** `/metrics`, so many times a second. */
  | { readonly kind: 'scrapes'; readonly perSecond: number }
  /** Requests without end, whose answers nobody reads. */
  | { readonly kind: 'never_reads' }
  /** Headers that come one byte at a time. */
  | { readonly kind: 'slow_headers' }
  /** A body that comes one byte at a time. */
  | { readonly kind: 'slow_body' }
  /** A body that comes as fast as it is taken. */
  | { readonly kind: 'endless_body' };

export type RunningSiege = AsyncDisposable & {
  /** Requests begun; of scrapes, those that were answered with the metrics. */
  requests(): number;
};

/** Below what the server takes: there is room left for whoever watches it. */
const connections = 150;
/** From the end of a connection to the next in its place: a few hundred a second in all. */
const betweenMs = 300;

/** Besieges the server at this address from now on. */
export function besiege(url: string, siege: Siege): RunningSiege {
  const over = new AbortController();
  let requests = 0;
  const begun = () => void requests++;
  const work =
    siege.kind === 'scrapes'
      ? [scrape(url, siege.perSecond, over.signal, begun)]
      : Array.from({ length: connections }, () => occupy(url, siege, over.signal, begun));
  return {
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      over.abort();
      await Promise.all(work);
    },
  };
}

async function scrape(url: string, perSecond: number, over: AbortSignal, answered: () => void): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const beganMs = performance.now();
  for (let count = 1; !over.aborted; count++) {
    const one = scrapeOnce(url, answered).finally(() => underWay.delete(one));
    underWay.add(one);
    await delay(Math.max(0, beganMs + (1_000 * count) / perSecond - performance.now()));
  }
  await Promise.all(underWay);
}

/** One that is not answered is missed in the count of them. */
async function scrapeOnce(url: string, answered: () => void): Promise<void> {
  try {
    const text = await (await fetch(`${url}/metrics`)).text();
    if (text.includes('livetally_polls_total')) answered();
  } catch {
    // The server has closed the connection.
  }
}

type Rude = Exclude<Siege, { kind: 'scrapes' }>;

/** Connects again whenever the server has had enough. */
async function occupy(url: string, { kind }: Rude, over: AbortSignal, begun: () => void): Promise<void> {
  while (!over.aborted) {
    try {
      await using client = await connectRudely(url, { reads: kind !== 'never_reads' });
      begun();
      const pressed = press(client, kind, over);
      await Promise.race([client.closed, pressed]);
    } catch {
      // The server takes no more for now.
    }
    await delay(betweenMs);
  }
}

const pressures: Readonly<Record<Rude['kind'], { beginning: string; more: string; everyMs: number }>> = {
  never_reads: { beginning: '', more: 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(50), everyMs: 20 },
  slow_headers: { beginning: 'GET /metrics HTTP/1.1\r\nx-slow: ', more: 'x', everyMs: 500 },
  slow_body: { beginning: post('content-length: 1000000000'), more: 'x', everyMs: 500 },
  endless_body: {
    beginning: post('transfer-encoding: chunked'),
    more: `8000\r\n${'x'.repeat(0x8000)}\r\n`,
    everyMs: 1,
  },
};

function post(header: string): string {
  return `POST /metrics HTTP/1.1\r\nhost: x\r\n${header}\r\n\r\n`;
}

async function press({ socket }: RudeClient, kind: Rude['kind'], over: AbortSignal): Promise<void> {
  const { beginning, more, everyMs } = pressures[kind];
  socket.write(beginning);
  while (!over.aborted && !socket.destroyed) {
    // What the server does not take must not fill this process.
    if (socket.writableLength < 1_000_000) socket.write(more);
    await delay(everyMs);
  }
}
