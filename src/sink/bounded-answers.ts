import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';

/** What the client of InfluxDB looks at in an answer. */
type Answer = Readable & Pick<IncomingMessage, 'statusCode' | 'statusMessage' | 'headers'>;

type Request = (options: RequestOptions, onAnswer: (answer: IncomingMessage) => void) => ClientRequest;

/**
 * For the client of InfluxDB, as its transport option `follow-redirects`: requests of whose answers no more than so many bytes
 * are read. A refusal ends there, anything else fails. The client collects an answer of JSON for as long as it comes, and what
 * is compressed for as long as it expands.
 */
export function boundedRequests(mostBytes: number) {
  const bounded = (request: Request) => ({
    request: (options: RequestOptions, onAnswer: (answer: Answer) => void) =>
      request(options, (answer) => onAnswer(cutOff(answer, mostBytes))),
  });
  return { http: bounded(requestHttp), https: bounded(requestHttps) };
}

function cutOff(answer: IncomingMessage, mostBytes: number): Answer {
  const { statusCode = 0, statusMessage } = answer;
  const { 'content-encoding': encoding, ...headers } = answer.headers;
  const beginning = beginningOf(encoding === 'gzip' ? unzipped(answer) : answer, mostBytes, statusCode >= 300);
  return Object.assign(Readable.from(beginning, { objectMode: false }), { statusCode, statusMessage, headers });
}

/** Who stops to read it ends the connection. */
async function* beginningOf(answer: Readable, mostBytes: number, isEnough: boolean): AsyncGenerator<Buffer> {
  let left = mostBytes;
  for await (const chunk of answer) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left < 0 && !isEnough) throw new Error(`the answer is longer than ${mostBytes} bytes`);
    if (left < 0) return;
  }
}

/** An end that is missing is none of ours to complain of. */
function unzipped(answer: IncomingMessage): Readable {
  const flush = constants.Z_SYNC_FLUSH;
  return pipeline(answer, createGunzip({ flush, finishFlush: flush }), () => {});
}
