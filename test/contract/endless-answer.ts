import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const chunk = 'x'.repeat(64 * 1024);

function* endlessJson(): Generator<string> {
  yield '{"code":"internal error","message":"';
  for (;;) yield chunk;
}

/** Answers with JSON that never ends, until nobody listens any more. */
export async function answerEndlessly(
  response: ServerResponse,
  { status, isCompressed = false }: { readonly status: number; readonly isCompressed?: boolean },
): Promise<void> {
  const encoding = isCompressed ? { 'content-encoding': 'gzip' } : {};
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...encoding });
  const source = Readable.from(endlessJson());
  const sent = isCompressed ? pipeline(source, createGzip(), response) : pipeline(source, response);
  await sent.catch(() => {});
}
