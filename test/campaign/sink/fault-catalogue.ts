import { STATUS_CODES } from 'node:http';
import type { ConnectionFault } from './tcp-proxy.ts';

/** A whole HTTP answer as text. */
export function httpAnswer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    connection: 'close',
    'content-type': body.startsWith('{') ? 'application/json' : 'text/html',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Odd'}\r\n${lines.join('')}\r\n${body}`;
}

function answers(status: number, body: string, headers?: Readonly<Record<string, string>>): ConnectionFault {
  return { kind: 'answer', response: httpAnswer(status, body, headers), isForwarded: false };
}

/** A 429 whose `Retry-After` is so far ahead of the moment at which it is given; in whole seconds, as dates are. */
export function answersDateAhead(aheadMs: number): ConnectionFault {
  return {
    kind: 'answer',
    isForwarded: false,
    get response() {
      return httpAnswer(429, '', { 'retry-after': new Date(Date.now() + aheadMs).toUTCString() });
    },
  };
}

const page = '<html><body><h1>Bad Gateway</h1></body></html>';
const words = (code: string, message: string) => JSON.stringify({ code, message });

/** What a network and the proxies in it do to a write, by name. Each is passing, and none says anything about a point. */
export const passingFaults: ReadonlyMap<string, ConnectionFault> = new Map([
  ['a black hole', { kind: 'black_hole' }],
  ['a reset before the request is over', { kind: 'cut_request', afterBytes: 300 }],
  ['a reset at the first byte of the request', { kind: 'cut_request', afterBytes: 1 }],
  ['a reset before the answer, after the write was done', { kind: 'cut_answer', afterBytes: 0 }],
  ['a reset in the middle of the status line, after the write was done', { kind: 'cut_answer', afterBytes: 11 }],
  ['a reset in the middle of the headers, after the write was done', { kind: 'cut_answer', afterBytes: 40 }],
  ['an answer that drips', { kind: 'drip', everyMs: 1 }],
  ['an answer that drips beyond the time-out', { kind: 'drip', everyMs: 50 }],
  ['a 502 with HTML after the write was done', { kind: 'answer', response: httpAnswer(502, page), isForwarded: true }],
  ['a 502 with HTML', answers(502, page)],
  ['a 500', answers(500, words('internal error', 'unexpected error writing points to database: timeout'))],
  ['a 503 without a body', answers(503, '')],
  ['a 400 of a proxy, with HTML', answers(400, page)],
  ['a 422 of a proxy, with HTML', answers(422, page)],
  ['a 401', answers(401, words('unauthorized', 'unauthorized access'))],
  ['a 403', answers(403, words('forbidden', 'insufficient permissions for write'))],
  ['a 404', answers(404, words('not found', 'bucket "live" not found'))],
  ['a 404 of a proxy', answers(404, page)],
  ['a 413', answers(413, words('request too large', 'unable to read data: points batch is too large'))],
  ['a 413 of a proxy', answers(413, page)],
  ['a 429 with seconds', answers(429, words('too many requests', 'org exceeded its rate'), { 'retry-after': '2' })],
  ['a 429 with a date that is past', answers(429, '', { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' })],
  ['a 429 with a date that is to come', answersDateAhead(2_000)],
  ['a 429 with nonsense', answers(429, '', { 'retry-after': 'soon, -1 or 1e999' })],
  ['a 301', answers(301, '', { location: 'http://127.0.0.1:1/api/v2/write' })],
  ['a 302 to a page that says 200', answers(302, page, { location: '/signin' })],
  ['a 307 to itself', answers(307, '', { location: '/api/v2/write' })],
  ['a 308 without a place', answers(308, '')],
  ['a 200 with a sign-in page', answers(200, page)],
  ['a 202', answers(202, '')],
  ['an answer in another protocol', { kind: 'answer', response: 'SSH-2.0-OpenSSH_9.2\r\n', isForwarded: false }],
  ['an answer that breaks off', { kind: 'answer', response: 'HTTP/1.1 204 No Con', isForwarded: false }],
  ['a 502 of JSON that never ends', endless(502)],
  ['a 200 of JSON that never ends', endless(200)],
  ['a 500 whose body is shorter than it says', answers(500, 'short', { 'content-length': '500' })],
]);

/** What stays for as long as the proxy does, by name, and lets everything through all the same, in smaller parts. The smallest last: a shipper remembers. */
export const lastingFaults: ReadonlyMap<string, ConnectionFault> = new Map([
  ['a 413 of a proxy to all above 4,000 bytes', tooLarge(4_000, page)],
  ['a 413 to all above 1,000 bytes', tooLarge(1_000, words('request too large', 'points batch is too large'))],
]);

function endless(status: number): ConnectionFault {
  const head = httpAnswer(status, '{"message":"', { 'content-length': String(Number.MAX_SAFE_INTEGER) });
  return { kind: 'endless', head };
}

function tooLarge(mostBytes: number, body: string): ConnectionFault {
  return { kind: 'answer_to_large', mostBytes, response: httpAnswer(413, body) };
}
