import type { SinkProblem, WriteOutcome } from './sink.ts';

/** What came back for a write, as far as it matters. */
export type Answer = {
  readonly httpStatus: number;
  readonly body: string;
  /** The header of that name. */
  readonly retryAfter: string | undefined;
};

/** What the operator configured. */
export type Destination = {
  /** Such as `bucket "live" of organization "shows"`. */
  readonly place: string;
  /** Such as `a token`. */
  readonly credentials: string;
  /** Takes the secrets out of what the server said. */
  readonly mask: (words: string) => string;
};

const longestReason = 500;
/** What a secret is looked for in; the words that matter stand at both ends of far less. */
const longestWords = 20_000;
const longestRetryAfterMs = 5 * 60_000;

/**
 * What InfluxDB means by an answer. The wordings are those of 1.6, 1.8 and 2.9: for bad points 1.x answers 400; 2.x
 * answers 400 where a line does not parse, and 422 where points are dropped.
 */
export function readAnswer(answer: Answer, destination: Destination, nowMs: number): WriteOutcome {
  const words = wordsOf(answer.body, destination.mask);
  const reason = shortened(`HTTP ${answer.httpStatus}${words === undefined ? '' : `: ${words}`}`);
  switch (answer.httpStatus) {
    case 204:
      return { status: 'written' };
    case 400:
    case 422:
      // Without InfluxDB's words it is a proxy that speaks, and not about points.
      return words === undefined ? unavailable(answer, reason, nowMs) : readRefusal(words);
    case 401:
    case 403:
      return {
        status: 'denied',
        reason,
        remedy: `give ${destination.credentials} that may write to ${destination.place}`,
      };
    case 404:
      return missing(words, reason, destination);
    case 413:
      return { status: 'too_large', reason };
    default:
      return words?.startsWith('retention policy not found') === true
        ? missing(words, reason, destination)
        : unavailable(answer, reason, nowMs);
  }
}

/** `Retry-After` in seconds or as a date; undefined for anything else. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const delayMs = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(delayMs, 0), longestRetryAfterMs);
}

function readRefusal(words: string): WriteOutcome {
  const reason = shortened(words);
  // Anchored, because parts of the lines, which are not ours, are quoted in between.
  const partial = /^(?:failure writing points to database: )?partial write: (.*)$/s.exec(words)?.[1];
  if (partial === undefined || partial.startsWith('unable to parse')) {
    return { status: 'refused', reason, dropped: undefined };
  }
  const count = / dropped=(\d+)(?: for database: \S+ for retention policy: .*)?$/s.exec(partial)?.[1];
  const dropped = count === undefined || count === '0' ? undefined : Number(count);
  const isTooOld = /^(?:points beyond|dropped \d+ points outside) retention policy/.test(partial);
  return { status: isTooOld ? 'too_old' : 'refused', reason, dropped };
}

function missing(words: string | undefined, reason: string, { place }: Destination): SinkProblem {
  const remedy =
    words === undefined
      ? 'check the URL: no write API is there (InfluxDB 1.7 and older has the one of version 1 only)'
      : `create ${place}, or correct its name`;
  return { status: 'missing', reason, remedy };
}

function unavailable(answer: Answer, reason: string, nowMs: number): SinkProblem {
  return { status: 'unavailable', reason, retryAfterMs: parseRetryAfter(answer.retryAfter, nowMs) };
}

/** 2.x puts its words into `message`, 1.x into `error`. */
function wordsOf(body: string, mask: Destination['mask']): string | undefined {
  const json = parsed(body) ?? parsedBeginning(body);
  if (typeof json !== 'object' || json === null) return undefined;
  const words = 'message' in json ? json.message : 'error' in json ? json.error : undefined;
  // Only what was parsed shows a secret whole: in the body it may stand with escapes.
  return typeof words === 'string' && words !== '' ? mask(words.slice(0, longestWords)) : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Of what a character is written with in JSON, the most. */
const longestEscape = '\\uffff'.length;

/** What was cut off in the middle of its words ends there. */
function parsedBeginning(body: string): unknown {
  const beginning = body.slice(0, 2 * longestWords);
  for (let cut = 0; cut < longestEscape; cut++) {
    const json = parsed(`${beginning.slice(0, beginning.length - cut)}"}`);
    if (json !== undefined) return json;
  }
  return undefined;
}

function shortened(text: string): string {
  return text.length <= longestReason ? text : `${text.slice(0, longestReason - 1)}…`;
}
