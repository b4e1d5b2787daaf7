import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { listen } from '../../integration/tencent/servers.ts';
import { encodings } from './find-secrets.ts';

/** A page or message that quotes the request, as debug pages of proxies do: its URL and credentials in every encoding. */
export function quote(authorization: string, url: string): string {
  const [, credentials = ''] = authorization.split(' ');
  const plain = authorization.startsWith('Basic ') ? Buffer.from(credentials, 'base64').toString() : credentials;
  const spelt = [...encodings].flatMap(([name, encode]) => (neverQuoted.includes(name) ? [] : encode(plain)));
  return [authorization, credentials, plain, url, ...spelt].join(' ');
}

/** Looked for, but nobody writes so. */
const neverQuoted = ['reversed', 'Latin-1', 'UTF-16'];

/**
 * A server that takes no write for good, and answers each with one of these in turn, with the request quoted in it; so it does with
 * every question, but for the one for its version.
 */
export async function startEchoingInfluxdb(
  answers: readonly EchoAnswer[],
  { version, questions = answers }: { readonly version?: string; readonly questions?: readonly EchoAnswer[] } = {},
) {
  const turns = { write: 0, question: 0 };
  const next = (path: string) =>
    /^\/(api\/v2\/)?write/.test(path)
      ? answers[turns.write++ % answers.length]
      : questions[turns.question++ % questions.length];
  return await listen(
    createServer((request, response) => {
      request.resume().on('end', () => {
        const { url = '' } = request;
        if (version !== undefined && url.startsWith('/ping')) {
          response.writeHead(204, { 'x-influxdb-version': version }).end();
          return;
        }
        const answer = next(url);
        const quoted = quote(request.headers.authorization ?? '', url);
        if (answer === undefined || answer.status === 0) return reset(request.socket);
        response.writeHead(answer.status, { 'content-type': 'application/json', 'x-echo': encodeURIComponent(quoted) });
        response.end(answer.body(quoted));
      });
    }),
  );
}

function reset(socket: Socket): void {
  socket.resetAndDestroy();
}

/** Status 0 is a connection that is reset. */
export type EchoAnswer = { readonly status: number; readonly body: (quoted: string) => string };

const bodies: readonly ((quoted: string) => string)[] = [
  (quoted) => JSON.stringify({ code: 'x', message: quoted }),
  // As PHP and many others write JSON.
  (quoted) => JSON.stringify({ error: quoted }).replaceAll('/', '\\/'),
  (quoted) =>
    JSON.stringify({ message: quoted }).replace(
      /[^\w:{}" .,\\]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  (quoted) => JSON.stringify({ message: `partial write: unable to parse '${quoted}' dropped=1` }),
  (quoted) => `<html><body>${quoted}</body></html>`,
];

const inWords = (quoted: string) => JSON.stringify({ message: quoted });

/** Refusals of points go into the store, so they come first and often; then every other kind that livetally tells about. */
export const refusals: readonly EchoAnswer[] = [
  ...Array.from({ length: 8 }, (_, index) => ({
    status: 400,
    body: (quoted: string) => inWords(`unable to parse '${quoted}'`).replaceAll('/', index % 2 === 0 ? '/' : '\\/'),
  })),
  { status: 422, body: (quoted) => inWords(`partial write: ${quoted} dropped=1`).replaceAll('/', '\\/') },
  { status: 401, body: inWords },
  { status: 404, body: (quoted) => inWords(quoted).replaceAll('/', '\\/') },
  { status: 503, body: (quoted) => `<html>${quoted}</html>` },
];

/** To whoever asks instead of writing: refused as a request, or as a statement. */
export const denials: readonly EchoAnswer[] = [
  { status: 401, body: (quoted) => JSON.stringify({ code: 'unauthorized', message: quoted, error: quoted }) },
  { status: 200, body: (quoted) => JSON.stringify({ results: [{ statement_id: 0, error: quoted }] }) },
];

export const echoAnswers: readonly EchoAnswer[] = [
  ...[400, 401, 403, 404, 413, 422, 429, 500, 502, 302, 200].flatMap((status) =>
    bodies.map((body) => ({ status, body })),
  ),
  { status: 0, body: () => '' },
];
