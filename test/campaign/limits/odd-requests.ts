/** What a client may say to livetally's HTTP server, and how that may answer, if at all; nothing of it asks for the metrics. */
export type OddRequest = { readonly name: string; readonly said: string; readonly answer: RegExp };

const closing = 'host: x\r\nconnection: close\r\n';

export const oddRequests: readonly OddRequest[] = [
  { name: 'no HTTP', said: '\x16\x03\x01\x02\x00\x01\x00\x01', answer: /^HTTP\/1\.1 400 / },
  { name: 'a method that nobody knows', said: 'BREW /metrics HTTP/1.1\r\n\r\n', answer: /^HTTP\/1\.1 400 / },
  {
    name: 'two lengths',
    said: 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    answer: /^HTTP\/1\.1 400 /,
  },
  {
    name: 'a length and chunks',
    said: 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
    answer: /^HTTP\/1\.1 400 /,
  },
  {
    name: 'headers without end',
    said: `GET / HTTP/1.1\r\n${'x-a: b\r\n'.repeat(20_000)}`,
    answer: /^HTTP\/1\.1 431 |^$/,
  },
  {
    name: 'a path of a megabyte',
    said: `GET /${'x'.repeat(1_000_000)} HTTP/1.1\r\n\r\n`,
    answer: /^HTTP\/1\.1 431 |^$/,
  },
  {
    name: 'a path out of the folder',
    said: `GET /../../etc/passwd HTTP/1.1\r\n${closing}\r\n`,
    answer: /^HTTP\/1\.1 404 /,
  },
  {
    name: 'a path with escapes',
    said: `GET /%00%2e%2e/metrics HTTP/1.1\r\n${closing}\r\n`,
    answer: /^HTTP\/1\.1 404 /,
  },
  {
    name: 'another origin that wants to write',
    said: `DELETE /metrics HTTP/1.1\r\n${closing}origin: https://evil.example\r\n\r\n`,
    answer: /^HTTP\/1\.1 405 /,
  },
  {
    name: 'another origin that asks whether it may',
    said: `OPTIONS /metrics HTTP/1.1\r\n${closing}origin: https://evil.example\r\naccess-control-request-method: POST\r\n\r\n`,
    answer: /^HTTP\/1\.1 405 /,
  },
  { name: 'a tunnel', said: 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: x\r\n\r\n', answer: /^$|^HTTP\/1\.1 4/ },
  {
    name: 'another protocol',
    said: 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n',
    answer: /^HTTP\/1\.1 200 |^$/,
  },
  {
    name: 'a trailing body',
    said: `GET /healthz HTTP/1.1\r\n${closing}content-length: 5\r\n\r\nhello`,
    answer: /^HTTP\/1\.1 200 /,
  },
];
