import { z } from 'zod';
import { endpoints } from '../model/target.ts';

const when = {
  /** From when the fault is set; at once by default. */
  afterMs: z.number().nonnegative().optional(),
  /** Without end by default. */
  forMs: z.number().positive().optional(),
};

const which = {
  endpoint: z.enum(endpoints).optional(),
  sdkAppId: z.int().optional(),
};

/** Which requests a fault strikes: all that meet every condition given. */
const conditions = {
  ...which,
  ...when,
  room: z.string().optional(),
  /** Probability that a request is struck; 1 by default. */
  share: z.number().gt(0).max(1).optional(),
  /** How many requests are struck before it is over. */
  count: z.int().positive().optional(),
};

export const faultSchema = z.discriminatedUnion('kind', [
  /** A failure in the documented form, with this ErrorCode. */
  z.strictObject({ kind: z.literal('code'), code: z.int().positive(), ...conditions }),
  /** A page of HTML with this status, as a proxy in between answers; also with 200. */
  z.strictObject({ kind: z.literal('http'), status: z.int().min(200).max(599), ...conditions }),
  z.strictObject({ kind: z.literal('redirect'), location: z.string().min(1), ...conditions }),
  /** The first half of the JSON, as a whole HTTP answer. */
  z.strictObject({ kind: z.literal('truncated'), ...conditions }),
  /** Valid JSON with an ErrorInfo of this length. */
  z.strictObject({ kind: z.literal('too_large'), bytes: z.int().positive(), ...conditions }),
  /** A JSON string that goes on until the client hangs up. */
  z.strictObject({ kind: z.literal('endless'), ...conditions }),
  /** The right answer, one byte at a time. */
  z.strictObject({ kind: z.literal('drip'), everyMs: z.number().positive(), ...conditions }),
  z.strictObject({
    kind: z.literal('wrong_shape'),
    shape: z.enum(['empty', 'null', 'array', 'deep', 'no_response', 'null_response', 'no_code', 'text_code']),
    ...conditions,
  }),
  /** `counter` is a name in the API's answer; every counter by default. Text is a decimal string, which clients take. */
  z.strictObject({
    kind: z.literal('bad_counter'),
    value: z.enum(['text', 'negative', 'fractional', 'unsafe', 'null', 'object', 'missing']),
    counter: z.string().optional(),
    ...conditions,
  }),
  /** The connection is reset before the first byte, or in the middle of the answer. */
  z.strictObject({ kind: z.literal('reset'), when: z.enum(['before', 'during']), ...conditions }),
  /** No answer, ever; the connection stays open. */
  z.strictObject({ kind: z.literal('silence'), ...conditions }),
  /** The answer, right or broken, comes this much later, and up to `spreadMs` more. */
  z.strictObject({
    kind: z.literal('latency'),
    ms: z.number().positive(),
    spreadMs: z.number().optional(),
    ...conditions,
  }),
  /** Another program of the same account uses this many requests a second of the endpoint's limit. */
  z.strictObject({ kind: z.literal('throttle'), perSecond: z.number().positive(), ...which, ...when }),
]);

/** Something that goes wrong on demand. */
export type Fault = z.infer<typeof faultSchema>;

/** A fault that takes the place of the right answer. */
export type BreakingFault = Exclude<Fault, { kind: 'latency' | 'throttle' }>;

export type ParsedFault =
  | { readonly status: 'parsed'; readonly fault: Fault }
  | { readonly status: 'invalid'; readonly problem: string };

/**
 * Reads a fault as a person writes it on the command line: the kind with its main value, then the conditions, such as
 * `code=60007,endpoint=room_stats,share=0.1`, `latency=3s,after=10s,for=1m`, `silence,room=room-0001,count=5`.
 */
export function parseFault(text: string): ParsedFault {
  const [head = '', ...rest] = text.split(',');
  const [kind, mainValue] = splitAtEqualSign(head);
  const entries = rest.map(splitAtEqualSign);
  if (mainValue !== undefined) {
    const mainKey = mainKeys.get(kind);
    if (mainKey === undefined) return { status: 'invalid', problem: `fault "${text}": "${kind}" takes no value` };
    entries.push([mainKey, mainValue]);
  }
  const values = entries.map(([key, value = '']) => [
    shortKeys.get(key) ?? key,
    textKeys.has(key) ? value : numberOrText(value),
  ]);
  const result = faultSchema.safeParse({ kind, ...Object.fromEntries(values) });
  if (result.success) return { status: 'parsed', fault: result.data };
  const problems = result.error.issues.map((issue) => explain(issue, kind));
  return { status: 'invalid', problem: `fault "${text}": ${problems.join('; ')}` };
}

function explain({ code, path, message }: z.core.$ZodIssue, kind: string): string {
  const key = path.join('.');
  if (code === 'invalid_union') return `there is no kind "${kind}", only ${kinds.join(', ')}`;
  const shown = [...shortKeys].find(([, long]) => long === key)?.[0] ?? key;
  return shown === '' ? message : `${shown}: ${message}`;
}

const kinds: readonly string[] = faultSchema.options.map((option) => option.shape.kind.value);

const mainKeys: ReadonlyMap<string, string> = new Map([
  ['code', 'code'],
  ['http', 'status'],
  ['redirect', 'location'],
  ['too_large', 'bytes'],
  ['drip', 'everyMs'],
  ['wrong_shape', 'shape'],
  ['bad_counter', 'value'],
  ['reset', 'when'],
  ['latency', 'ms'],
  ['throttle', 'perSecond'],
]);

const shortKeys: ReadonlyMap<string, string> = new Map([
  ['after', 'afterMs'],
  ['for', 'forMs'],
]);

/** Their values stay text even where they look like a number. */
const textKeys: ReadonlySet<string> = new Set(['room', 'location', 'counter']);

function splitAtEqualSign(item: string): [key: string, value: string | undefined] {
  const at = item.indexOf('=');
  return at < 0 ? [item.trim(), undefined] : [item.slice(0, at).trim(), item.slice(at + 1).trim()];
}

/** A number may carry a unit of time, and is milliseconds then. */
function numberOrText(value: string): number | string {
  const [, digits, unit = 'ms'] = /^(-?\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(value) ?? [];
  return digits === undefined ? value : Number(digits) * (unitMs.get(unit) ?? 1);
}

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
