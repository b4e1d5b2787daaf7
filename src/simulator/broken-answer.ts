import { documentedForm, failure, renderAnswer, type ServiceAnswer } from './answer.ts';
import type { BreakingFault } from './fault.ts';

/** How an answer travels. */
export type Delivery =
  | {
      readonly how: 'whole';
      readonly httpStatus: number;
      readonly contentType: string;
      readonly body: string;
      readonly location?: string;
    }
  | { readonly how: 'endless'; readonly beginning: string }
  | { readonly how: 'drip'; readonly body: string; readonly everyMs: number }
  | { readonly how: 'reset_before' }
  | { readonly how: 'reset_during'; readonly body: string }
  | { readonly how: 'silence' };

export function deliverJson(body: string, httpStatus = 200): Delivery {
  return { how: 'whole', httpStatus, contentType: 'application/json', body };
}

/** What a fault makes of the right answer. */
export function breakAnswer(fault: BreakingFault, answer: ServiceAnswer): Delivery {
  const body = renderAnswer(answer);
  switch (fault.kind) {
    case 'code':
      return deliverJson(renderAnswer(failure(answer.requestId, fault.code)));
    case 'http':
      return deliverHtml(fault.status);
    case 'redirect':
      return { ...deliverHtml(302), location: fault.location };
    case 'truncated':
      return deliverJson(body.slice(0, body.length / 2));
    case 'too_large':
      return deliverJson(JSON.stringify({ ...documentedForm(answer), ErrorInfo: 'x'.repeat(fault.bytes) }));
    case 'endless':
      return { how: 'endless', beginning: '{"ActionStatus":"OK","ErrorInfo":"' };
    case 'drip':
      return { how: 'drip', body, everyMs: fault.everyMs };
    case 'wrong_shape':
      return deliverJson(misshape(fault.shape, answer));
    case 'bad_counter':
      return deliverJson(spoilCounters(fault, answer));
    case 'reset':
      return fault.when === 'before' ? { how: 'reset_before' } : { how: 'reset_during', body };
    case 'silence':
      return { how: 'silence' };
    default:
      return fault satisfies never;
  }
}

function deliverHtml(httpStatus: number): Delivery & { how: 'whole' } {
  const body = `<html><head><title>${httpStatus}</title></head><body><h1>${httpStatus}</h1><hr>gateway</body></html>\n`;
  return { how: 'whole', httpStatus, contentType: 'text/html', body };
}

type Shape = Extract<BreakingFault, { kind: 'wrong_shape' }>['shape'];

function misshape(shape: Shape, answer: ServiceAnswer): string {
  const right = documentedForm(answer);
  switch (shape) {
    case 'empty':
      return '';
    case 'null':
      return 'null';
    case 'array':
      return '[]';
    case 'deep':
      return '['.repeat(100_000) + ']'.repeat(100_000);
    case 'no_response':
      return JSON.stringify({ ...right, Response: undefined });
    case 'null_response':
      return JSON.stringify({ ...right, Response: null });
    case 'no_code':
      return JSON.stringify({ ...right, ErrorCode: undefined });
    case 'text_code':
      return JSON.stringify({ ...right, ErrorCode: String(answer.code) });
    default:
      return shape satisfies never;
  }
}

/** An answer without counters, of a room that is gone, stays as it is. */
function spoilCounters(fault: Extract<BreakingFault, { kind: 'bad_counter' }>, answer: ServiceAnswer): string {
  const right = documentedForm(answer);
  if (right.Response === undefined) return JSON.stringify(right);
  const spoilt = Object.entries(right.Response).map(([name, total]) => {
    const isMeant = fault.counter === undefined ? name !== 'Sequence' : name === fault.counter;
    return [name, isMeant ? spoil(fault.value, total) : total];
  });
  return JSON.stringify({ ...right, Response: Object.fromEntries(spoilt) });
}

type BadValue = Extract<BreakingFault, { kind: 'bad_counter' }>['value'];

function spoil(value: BadValue, total: number): unknown {
  switch (value) {
    case 'text':
      return String(total);
    case 'negative':
      return -1 - total;
    case 'fractional':
      return total + 0.5;
    case 'unsafe':
      return Number.MAX_SAFE_INTEGER + 1;
    case 'null':
      return null;
    case 'object':
      return { value: total };
    case 'missing':
      return undefined;
    default:
      return value satisfies never;
  }
}
