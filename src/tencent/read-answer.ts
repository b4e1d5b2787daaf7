import { counters } from '../model/measurement.ts';
import type { BadAnswerReason, FailedAnswer, Outcome } from '../model/outcome.ts';
import type { Endpoint } from '../model/target.ts';
import { outcomeOfCode } from './error-codes.ts';

/**
 * Reads the body of an HTTP 200. Success is ErrorCode 0 and at least one counter under `Response`; integers may come as decimal strings.
 * A counter that is missing or null was not sent and stays unknown; one that is negative, fractional or unsafe spoils the answer,
 * because a service that miscounts once cannot be trusted with the other counters. Fields that nobody asked for are ignored.
 * A failure keeps the RequestId.
 */
export function readAnswer(endpoint: Endpoint, text: string): Outcome {
  const answer = parseJson(text);
  if (answer === undefined) return badAnswer('not_json');
  if (!isRecord(answer)) return badAnswer('wrong_shape');
  const outcome = readRecord(endpoint, answer);
  if (outcome.status === 'answered') return outcome;
  const requestId = readRequestId(answer.RequestId);
  return requestId === undefined ? outcome : { ...outcome, requestId };
}

type Read = FailedAnswer | Extract<Outcome, { readonly status: 'answered' }>;

function readRecord(endpoint: Endpoint, answer: Record<string, unknown>): Read {
  const code = readInteger(answer.ErrorCode);
  if (code === undefined) return badAnswer('wrong_shape');
  if (code !== 0) return outcomeOfCode(code);
  return isRecord(answer.Response) ? readCounters(endpoint, answer.Response) : badAnswer('wrong_shape');
}

/** Tencent's look like `Id-8c9858f01e954611ae2d4c1b1ed7d583-O-Seq-52720`. Whatever could be something else, such as a signature sent back, is none. */
function readRequestId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.:-]{1,80}$/.test(value) ? value : undefined;
}

function readCounters(endpoint: Endpoint, response: Record<string, unknown>): Read {
  const totals: (number | undefined)[] = [];
  let sent = 0;
  for (const { apiField } of counters[endpoint]) {
    const value = response[apiField];
    if (value === undefined || value === null) {
      totals.push(undefined);
      continue;
    }
    const total = readInteger(value);
    if (total === undefined || total < 0) return badAnswer('bad_counter');
    totals.push(total);
    sent += 1;
  }
  return sent === 0 ? badAnswer('wrong_shape') : { status: 'answered', totals };
}

function readInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) return undefined;
  return number === 0 ? 0 : number; // JSON knows a negative zero
}

/** Undefined for what is no JSON: JSON itself has no undefined. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badAnswer(reason: BadAnswerReason): FailedAnswer {
  return { status: 'bad_answer', reason };
}
