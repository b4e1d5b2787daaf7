import { type Dispatcher, Pool } from 'undici';
import type { Clock } from '../model/clock.ts';
import type { Outcome } from '../model/outcome.ts';
import { createSharedLookup } from './shared-lookup.ts';

export type ConnectionPoolOptions = {
  readonly origin: string;
  /** Connections open on demand, one for each request in flight; beyond this many, requests wait for a free one. */
  readonly maxConnections: number;
  /** From the call to the last byte of the answer, connecting included. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
};

/** The body of an HTTP 200, or why there is none. */
export type Reply = { readonly status: 'received'; readonly text: string } | Outcome;

/** An answer has some 300 bytes; nothing that Tencent documents comes near this. */
const maxAnswerBytes = 64 * 1024;

/** Longer than the usual schedules (15 s), shorter than the minute after which many balancers drop an idle connection. */
const idleConnectionMs = 30_000;

const headers = { 'content-type': 'application/json', 'user-agent': 'livetally' };

/** Kept-alive HTTP/1.1 connections to one origin. Redirects are not followed: a 3xx is an `http_error` like any other. */
export class ConnectionPool {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #requestTimeoutMs: number;
  #isClosed = false;

  constructor({ origin, maxConnections, requestTimeoutMs, clock }: ConnectionPoolOptions) {
    this.#clock = clock;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#pool = new Pool(origin, {
      connections: maxConnections,
      connect: { timeout: requestTimeoutMs, lookup: createSharedLookup() },
      keepAliveTimeout: idleConnectionMs,
      maxResponseSize: maxAnswerBytes,
      // One timer of the given clock covers the whole exchange.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /**
   * Never rejects. The path must be ready for the wire: whatever needs an escape has it.
   * `departed` is called when the request has been written to a connection, if that comes to pass.
   */
  async post(path: string, body: string, signal: AbortSignal, departed = () => {}): Promise<Reply> {
    if (signal.aborted || this.#isClosed) return { status: 'cancelled' };
    const exchange = new Exchange(departed);
    const onAbort = () => exchange.giveUp({ status: 'cancelled' });
    signal.addEventListener('abort', onAbort, { once: true });
    const cancelTimer = this.#clock.after(this.#requestTimeoutMs, () => exchange.giveUp({ status: 'timeout' }));
    try {
      this.#pool.dispatch({ method: 'POST', path, headers, body }, exchange);
      const reply = await exchange.reply;
      return this.#isClosed && reply.status === 'network_error' ? { status: 'cancelled' } : reply;
    } finally {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Closes every connection at once; what is in flight is `cancelled`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pool.destroy();
  }
}

/** One request on its way through the pool. Whatever ends it first counts. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #ended = Promise.withResolvers<Reply>();
  readonly #chunks: Buffer[] = [];
  readonly #departed: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #isGivenUp = false;
  #httpStatus = 0;

  constructor(departed: () => void) {
    this.#departed = departed;
  }

  get reply(): Promise<Reply> {
    return this.#ended.promise;
  }

  /** Ends now, and drops the connection with whatever was still to come. */
  giveUp(outcome: Outcome): void {
    this.#isGivenUp = true;
    this.#end(outcome);
    this.#controller?.abort(new Error(`given up: ${outcome.status}`));
  }

  /**
   * Runs when a connection is free, right before the request is written; one that was given up before never is. On a busy
   * machine the process may be held up in between, so that the departure is told when the write is done.
   */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isGivenUp) controller.abort(new Error('given up while connecting'));
    else queueMicrotask(this.#departed);
  }

  /** May run for 1xx first; the last status counts. */
  onResponseStart(_controller: Dispatcher.DispatchController, httpStatus: number): void {
    this.#httpStatus = httpStatus;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#end({ status: 'received', text: Buffer.concat(this.#chunks).toString() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(outcomeOfError(error));
  }

  /** An HTTP error tells more than a body that breaks off behind it. */
  #end(reply: Reply): void {
    const isHttpError = this.#httpStatus > 200 && reply.status !== 'cancelled';
    this.#ended.resolve(isHttpError ? { status: 'http_error', httpStatus: this.#httpStatus } : reply);
  }
}

/** Only the code of an error is kept: a message may quote what was sent. */
function outcomeOfError(error: Error): Outcome {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  switch (code) {
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return { status: 'bad_answer', reason: 'too_large' };
    case 'UND_ERR_CONNECT_TIMEOUT':
      return { status: 'timeout' };
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return { status: 'network_error', reason: 'connection closed' };
    default:
      return { status: 'network_error', reason: code };
  }
}
