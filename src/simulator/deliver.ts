import type { ServerResponse } from 'node:http';
import type { Delivery } from './broken-answer.ts';
import type { Timers } from './timers.ts';

/** Sends an answer as whole or as broken as it is meant to be; a client that has hung up is left alone. */
export function deliver(response: ServerResponse, delivery: Delivery, timers: Timers): void {
  if (response.destroyed) return;
  switch (delivery.how) {
    case 'whole': {
      const { httpStatus, contentType, body, location } = delivery;
      writeHead(response, httpStatus, contentType, body);
      if (location !== undefined) response.setHeader('Location', location);
      response.end(body);
      return;
    }
    case 'endless':
      response.setHeader('Content-Type', 'application/json');
      response.write(delivery.beginning);
      goOnForever(response, timers);
      return;
    case 'drip':
      writeHead(response, 200, 'application/json', delivery.body);
      drip(response, Buffer.from(delivery.body), 0, delivery.everyMs, timers);
      return;
    case 'reset_before':
      response.socket?.resetAndDestroy();
      return;
    case 'reset_during':
      writeHead(response, 200, 'application/json', delivery.body);
      response.write(delivery.body.slice(0, delivery.body.length / 2), () => response.socket?.resetAndDestroy());
      return;
    case 'silence':
      return;
    default:
      delivery satisfies never;
  }
}

function writeHead(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', Buffer.byteLength(body));
}

/** 13 MB/s: enough to fill any client that does not stop, without filling the machine. */
const endlessChunk = 'x'.repeat(65_536);
const endlessEveryMs = 5;

function goOnForever(response: ServerResponse, timers: Timers): void {
  timers.after(endlessEveryMs, () => {
    if (response.destroyed) return;
    if (!response.writableNeedDrain) response.write(endlessChunk);
    goOnForever(response, timers);
  });
}

function drip(response: ServerResponse, body: Buffer, from: number, everyMs: number, timers: Timers): void {
  if (response.destroyed) return;
  if (from === body.length) {
    response.end();
    return;
  }
  response.write(body.subarray(from, from + 1));
  timers.after(everyMs, () => drip(response, body, from + 1, everyMs, timers));
}
