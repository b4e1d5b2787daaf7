import type { Clock } from '../../../src/model/clock.ts';
import type { Point } from '../../../src/model/point.ts';
import type { Sink, WriteOutcome } from '../../../src/sink/sink.ts';

/** How one request goes wrong, apart from what its points deserve. */
export type Mishap = 'none' | 'unavailable' | 'denied' | 'missing' | 'answer_lost' | 'too_large' | 'hangs';

export type ModelSinkOptions = {
  readonly clock: Clock;
  /** Asked once a request. */
  readonly delayMs?: () => number;
  readonly mishap?: (points: readonly Point[]) => Mishap;
  /** Points that the server can never store. */
  readonly isBad?: (point: Point) => boolean;
  /** Points before it are too old; may move forward. */
  readonly keptFromMs?: () => number;
  /** As InfluxDB 1.x and 2.x drop the bad points alone, or as 2.x refuses all where a line does not parse. */
  readonly refuses?: 'bad_points' | 'whole_batch';
  /** Whether answers tell how many points were dropped. */
  readonly tellsDropped?: boolean;
};

export type ModelSink = Sink & {
  /** Keys of the stored points: what a database holds after any number of repeated writes. */
  readonly stored: ReadonlySet<string>;
  /** Points per request, in the order of the requests. */
  readonly requests: readonly (readonly Point[])[];
};

export function pointKey({ measurement, tags, timeMs }: Point): string {
  return JSON.stringify([measurement, tags, timeMs]);
}

/** A time-series database reduced to a set, with what InfluxDB answers. */
export function createModelSink({
  clock,
  delayMs = () => 5,
  mishap = () => 'none',
  isBad = () => false,
  keptFromMs = () => 0,
  refuses = 'bad_points',
  tellsDropped = true,
}: ModelSinkOptions): ModelSink {
  const stored = new Set<string>();
  const requests: (readonly Point[])[] = [];

  /** The effect of a request that has arrived, and the answer to it. */
  function take(points: readonly Point[]): WriteOutcome {
    const bad = points.filter(isBad);
    if (bad.length > 0 && refuses === 'whole_batch')
      return { status: 'refused', reason: 'no line', dropped: undefined };
    const isOld = (point: Point) => point.timeMs < keptFromMs();
    const old = points.filter(isOld);
    for (const point of points) {
      if (!isOld(point) && !isBad(point)) stored.add(pointKey(point));
    }
    // Like InfluxDB, it mentions one kind of trouble only.
    if (bad.some((point) => !isOld(point))) {
      const dropped = bad.filter((point) => !isOld(point)).length;
      return { status: 'refused', reason: 'type conflict', dropped: tellsDropped ? dropped : undefined };
    }
    if (old.length === 0) return { status: 'written' };
    return { status: 'too_old', reason: 'retention', dropped: tellsDropped ? old.length : undefined };
  }

  function answer(points: readonly Point[], what: Mishap): WriteOutcome {
    switch (what) {
      case 'unavailable':
        return { status: 'unavailable', reason: 'HTTP 503', retryAfterMs: undefined };
      case 'denied':
        return { status: 'denied', reason: 'HTTP 401', remedy: 'give a token' };
      case 'missing':
        return { status: 'missing', reason: 'HTTP 404', remedy: 'create the bucket' };
      case 'too_large':
        return { status: 'too_large', reason: 'HTTP 413' };
      case 'answer_lost':
        take(points);
        return { status: 'unavailable', reason: 'socket hang up', retryAfterMs: undefined };
      case 'none':
      case 'hangs':
        return take(points);
      default:
        return what satisfies never;
    }
  }

  return {
    name: 'model',
    stored,
    requests,
    write(given, signal) {
      const points = [...given];
      requests.push(points);
      const what = mishap(points);
      return new Promise((resolve) => {
        const cancel = what === 'hangs' ? () => {} : clock.after(delayMs(), () => resolve(answer(points, what)));
        const abort = () => {
          cancel();
          const reason = signal.reason instanceof Error ? signal.reason.message : 'aborted';
          resolve({ status: 'unavailable', reason, retryAfterMs: undefined });
        };
        if (signal.aborted) abort();
        else signal.addEventListener('abort', abort, { once: true });
      });
    },
    probe: async () => ({ status: 'ready' }),
    close: () => {},
  };
}
