import type { Fault } from '../../../src/simulator/fault.ts';

/** Of each member of a union. */
export type Without<Item, Keys extends PropertyKey> = Item extends unknown ? Omit<Item, Keys> : never;

/** What goes wrong for one app, and what livetally has to make of it. */
export type Trouble = {
  /** Name of the app that has it. */
  readonly app: string;
  /** Each of these outcomes must be counted, and at least one in one poll. */
  readonly outcome: string;
  /** What the simulated service does; otherwise the app asks another address. */
  readonly fault?: Without<Fault, 'sdkAppId'>;
  readonly baseUrl?: string;
  /** No request can succeed before a person mends something, or a minute has passed: livetally asks rarely. */
  readonly isPaused?: true;
};

/** Every code that Tencent documents for the two polled APIs, and some that nobody does. */
const codes: Readonly<Record<string, readonly number[]>> = {
  rate_limited: [60007, 60011, 60018, 60019, 100012],
  locked_out: [70050, 60028],
  server_error: [60008, 60013, 60014, 70169, 70500, 70200, 70299, 100001],
  signature_refused: [70001, 70003, 60004, 60005],
  refused: [
    ...[60002, 60003, 60006, 60009, 60010, 60012, 60015, 60016, 60017, 60020, 60021, 60025, 60026, 60027],
    ...[70009, 70013, 70014, 70016, 70020, 70051, 100006, 100007, 100013],
  ],
  gone: [100004],
  bad_target: [100002, 100003, 100005, 100015, 70107, 70402],
  unknown_code: [1, 60001, 70199, 70300, 123456, 2_147_483_647],
};
/** The pause that answers a throttle doubles each time: it is to be over when the others' troubles are. */
const throttledForMs = 4_000;

const paused: readonly string[] = ['locked_out', 'signature_refused', 'refused'];

const shapes = ['empty', 'null', 'array', 'deep', 'no_response', 'null_response', 'no_code'] as const;
const values = ['negative', 'fractional', 'unsafe', 'object'] as const;

/** Times are those of a client that waits 3.5 s. */
const broken: readonly Trouble[] = [
  ...[204, 301, 400, 403, 404, 407, 500, 502, 503].map(
    (status): Trouble => ({ app: `http-${status}`, outcome: 'http_error', fault: { kind: 'http', status } }),
  ),
  { app: 'http-429', outcome: 'http_error', fault: { kind: 'http', status: 429, forMs: throttledForMs } },
  { app: 'page', outcome: 'bad_answer', fault: { kind: 'http', status: 200 } },
  { app: 'redirect', outcome: 'http_error', fault: { kind: 'redirect', location: 'http://127.0.0.1:1/' } },
  { app: 'truncated', outcome: 'bad_answer', fault: { kind: 'truncated' } },
  { app: 'ten-megabytes', outcome: 'bad_answer', fault: { kind: 'too_large', bytes: 10_000_000 } },
  { app: 'endless', outcome: 'bad_answer', fault: { kind: 'endless' } },
  { app: 'slow-body', outcome: 'timeout', fault: { kind: 'drip', everyMs: 400 } },
  { app: 'silence', outcome: 'timeout', fault: { kind: 'silence' } },
  { app: 'reset-before', outcome: 'network_error', fault: { kind: 'reset', when: 'before' } },
  { app: 'reset-during', outcome: 'network_error', fault: { kind: 'reset', when: 'during' } },
  { app: 'slow', outcome: 'answered', fault: { kind: 'latency', ms: 2_500 } },
  { app: 'too-slow', outcome: 'timeout', fault: { kind: 'latency', ms: 6_000 } },
  { app: 'text-code', outcome: 'answered', fault: { kind: 'wrong_shape', shape: 'text_code' } },
  { app: 'text-counters', outcome: 'answered', fault: { kind: 'bad_counter', value: 'text' } },
  { app: 'no-counters', outcome: 'bad_answer', fault: { kind: 'bad_counter', value: 'missing' } },
  {
    app: 'one-counter-less',
    outcome: 'answered',
    fault: { kind: 'bad_counter', value: 'null', counter: 'TotalViewers' },
  },
  ...shapes.map(
    (shape): Trouble => ({ app: `shape-${shape}`, outcome: 'bad_answer', fault: { kind: 'wrong_shape', shape } }),
  ),
  ...values.map(
    (value): Trouble => ({ app: `counter-${value}`, outcome: 'bad_answer', fault: { kind: 'bad_counter', value } }),
  ),
  // Another program of the account takes all 100 requests of a second.
  {
    ...{ app: 'throttled', outcome: 'rate_limited' },
    fault: { kind: 'throttle', perSecond: 100, forMs: throttledForMs },
  },
];

export const troubles: readonly Trouble[] = [
  ...Object.entries(codes).flatMap(([outcome, list]) =>
    list.map(
      (code): Trouble => ({
        ...{ app: `code-${code}`, outcome },
        fault: { kind: 'code', code, ...(outcome === 'rate_limited' && { forMs: throttledForMs }) },
        ...(paused.includes(outcome) && { isPaused: true }),
      }),
    ),
  ),
  ...broken,
];
