import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** What the client of InfluxDB looks at in an answer. */
type Answer = Readable & Pick<IncomingMessage, 'statusCode' | 'statusMessage' | 'headers'>;

type Request = (options: RequestOptions, onAnswer: (answer: IncomingMessage) => void) => ClientRequest;

/**
 * For the client of InfluxDB, as its transport option `follow-redirects`: requests whose answer fails beyond so many bytes. The
 * client collects one of JSON for as long as it comes, and what is compressed for as long as it expands.
 */
export function boundedRequests(mostBytes: number) {
  const bounded = (request: Request) => ({
    request: (options: RequestOptions, onAnswer: (answer: Answer) => void) =>
      request(options, (answer) => onAnswer(cutOff(answer, mostBytes))),
  });
  return { http: bounded(requestHttp), https: bounded(requestHttps) };
}

function cutOff(answer: IncomingMessage, mostBytes: number): Answer {
  const { statusCode, statusMessage } = answer;
  const { 'content-encoding': encoding, ...headers } = answer.headers;
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > mostBytes) done(new Error(`the answer is longer than ${mostBytes} bytes`));
      else done(null, chunk);
    },
  });
  // What goes wrong on the way is an error of the last.
  pipeline(encoding === 'gzip' ? [answer, createGunzip(), limit] : [answer, limit], () => {});
  return Object.assign(limit, { statusCode, statusMessage, headers });
}
