import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Callback = Parameters<LookupFunction>[2];

/**
 * Looks a name up once for all connections that are made at the same time. A lookup keeps one of the four threads that the
 * whole process shares and cannot be called off: with one for each connection, a slow name server would hold back the polls,
 * and one that is silent the end of the process, for minutes.
 */
export function createSharedLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  const underWay = new Map<string, Callback[]>();
  return (hostname, options, callback) => {
    const key = JSON.stringify([hostname, options]);
    const waiting = underWay.get(key);
    if (waiting !== undefined) {
      waiting.push(callback);
      return;
    }
    const callbacks = [callback];
    underWay.set(key, callbacks);
    lookup(hostname, options, (error, address, family) => {
      underWay.delete(key);
      for (const each of callbacks) each(error, address, family);
    });
  };
}
