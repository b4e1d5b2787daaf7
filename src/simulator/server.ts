import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Random } from '../model/random.ts';
import { createAnswersFile } from './answers-file.ts';
import { deliverJson } from './broken-answer.ts';
import { answerControl, controlPath } from './control.ts';
import { deliver } from './deliver.ts';
import type { Fault } from './fault.ts';
import { watchReading } from './read-watch.ts';
import { createService, type ServiceOptions, type SimulatorReport } from './service.ts';
import { createTimers } from './timers.ts';

export type SimulatorOptions = ServiceOptions & {
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** Any free one by default. */
  readonly port?: number;
  /** From the arrival of a request to its answer; none by default. */
  readonly latency?: Delay;
  /** On the way to the service: a request counts as arrived only after it. None by default. */
  readonly networkDelay?: Delay;
  /** Where every answer is written as a line of JSON. */
  readonly answersFile?: string;
};

/** Evenly spread between two bounds, or drawn by a function; milliseconds. */
export type Delay = { readonly minMs: number; readonly maxMs: number } | (() => number);

export type Simulator = AsyncDisposable & {
  /** What a `base_url` takes. */
  readonly url: string;
  report(): SimulatorReport;
  /** Takes the place of the faults that were set before. */
  setFaults(faults: readonly Fault[]): void;
};

/**
 * A Tencent Live service on a port of this machine. Beside the service's own commands it answers the control paths under
 * `/simulator/`, to anyone who can reach it. Rejects when the port cannot be had or the file not be written.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { clock, random, world, host = '127.0.0.1', port = 0 } = options;
  await using resources = new AsyncDisposableStack();
  const file = options.answersFile === undefined ? undefined : await createAnswersFile(options.answersFile, clock);
  if (file) resources.use(file);
  const service = createService({
    ...options,
    onAnswer: (answer) => {
      file?.write(answer);
      options.onAnswer?.(answer);
    },
  });
  const timers = createTimers(clock);
  const travel = createDelay(options.networkDelay, random);
  const work = createDelay(options.latency, random);
  const later = (delayMs: number, callback: () => void) => (delayMs > 0 ? timers.after(delayMs, callback) : callback());

  const reading = resources.use(watchReading(clock));
  const server = createServer({ keepAliveTimeout: keepAliveMs }, (message, response) => {
    readBody(message, (body) => {
      const { method = '', url = '' } = message;
      if (body === undefined) {
        deliver(response, deliverJson('{"problem":"the body is too large"}', 413), timers);
      } else if (url.startsWith(controlPath)) {
        const answer = answerControl({ method, url, body }, { service, world, clock });
        deliver(response, deliverJson(JSON.stringify(answer.body), answer.httpStatus), timers);
      } else {
        // On the way for so long from when it was read, however late the timer is.
        const travelMs = travel();
        const arrival = {
          atMs: clock.monotonicMs() + travelMs,
          notBeforeMs: reading.notArrivedAtMs(message.socket) + travelMs,
        };
        later(travelMs, () => {
          const { delivery, delayMs } = service.handle({ method, url, body }, arrival);
          later(work() + delayMs, () => deliver(response, delivery, timers));
        });
      }
    });
  });
  server.on('connection', reading.accepted);
  resources.defer(() => closeServer(server));
  resources.defer(() => timers.cancelAll());
  const boundPort = await listen(server, port, host);
  const held = resources.move();
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    report: service.report,
    setFaults: (faults) => service.faults.set(faults, clock.monotonicMs()),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Longer than any client keeps an idle connection, so that it is never the service that closes one just being used. */
const keepAliveMs = 120_000;

/** Many times what a documented body can hold, and room for a list of faults. */
const longestBodyBytes = 65_536;

/** Calls back with the whole body, or undefined for one that is too large; never where the client hangs up before its end. */
function readBody(message: IncomingMessage, callback: (body: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  message.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= longestBodyBytes) chunks.push(chunk);
  });
  message.on('end', () => callback(sizeBytes <= longestBodyBytes ? Buffer.concat(chunks).toString() : undefined));
}

function createDelay(delay: Delay | undefined, random: Random): () => number {
  if (delay === undefined) return () => 0;
  if (typeof delay === 'function') return delay;
  const { minMs, maxMs } = delay;
  const steps = 1_000_000;
  return () => minMs + ((maxMs - minMs) * random(steps)) / steps;
}

/** The port that was bound. */
async function listen(server: Server, port: number, host: string): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(`the simulator cannot listen on ${host}, port ${port}`, { cause });
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
