import { describe, expect, test } from 'vitest';
import type { ShipProblem } from '../../../src/sink/outage.ts';
import { SharedOutage } from '../../../src/sink/shared-outage.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

const unavailable: ShipProblem = { status: 'unavailable', reason: 'ECONNREFUSED', retryAfterMs: undefined };
const denied: ShipProblem = { status: 'denied', reason: 'HTTP 401', remedy: 'give a token' };
const missing: ShipProblem = { status: 'missing', reason: 'HTTP 404', remedy: 'create it' };
const failed: ShipProblem = { status: 'failed', reason: 'disk full', cause: undefined };

/** Three sinks on one server. */
function open() {
  const clock = createVirtualClock();
  const told: string[] = [];
  const isUp = new Map<string, boolean>();
  const outage = new SharedOutage(clock, {
    down: (sink, { status }) => told.push(`${sink} down: ${status}`),
    up: (sink, afterMs) => told.push(`${sink} up after ${afterMs} ms`),
    changed: (sink, up) => isUp.set(sink, up),
  });
  const [samples, fine, coarse] = ['influxdb', 'influxdb_5m', 'influxdb_1h'].map((name) => outage.eventsOf(name));
  if (samples === undefined || fine === undefined || coarse === undefined) throw new Error('there are three');
  return { clock, told, isUp, samples, fine, coarse };
}

describe('sinks of one server', () => {
  test('tell an outage once, when the first meets it and when the last is out of it', async () => {
    const { clock, told, isUp, samples, fine, coarse } = open();
    samples.problemBegan(unavailable);
    await clock.advance(1_000);
    fine.problemBegan(unavailable);
    coarse.problemBegan(unavailable);
    expect([...isUp.values()]).toEqual([false, false, false]);

    await clock.advance(9_000);
    samples.problemEnded(unavailable, 10_000);
    fine.problemEnded(unavailable, 9_000);
    expect(told).toEqual(['influxdb down: unavailable']);
    expect([...isUp]).toEqual([
      ['influxdb', true],
      ['influxdb_5m', true],
      ['influxdb_1h', false],
    ]);
    await clock.advance(20_000);
    coarse.problemEnded(unavailable, 29_000);

    expect(told).toEqual(['influxdb down: unavailable', 'influxdb up after 30000 ms']);
  });

  test('tell of each place that is missing, and when it is there', () => {
    const { told, samples, fine, coarse } = open();
    fine.problemBegan(missing);
    coarse.problemBegan(missing);
    fine.problemEnded(missing, 5);
    samples.problemBegan(unavailable);

    expect(told).toEqual([
      'influxdb_5m down: missing',
      'influxdb_1h down: missing',
      'influxdb_5m up after 0 ms',
      'influxdb down: unavailable',
    ]);
  });

  test('tell when another kind of problem takes over, and do not call that being up', async () => {
    const { clock, told, samples, fine } = open();
    samples.problemBegan(unavailable);
    fine.problemBegan(unavailable);
    samples.problemBegan(denied);
    await clock.advance(7);
    fine.problemEnded(unavailable, 7);
    samples.problemEnded(denied, 7);

    expect(told).toEqual([
      'influxdb down: unavailable',
      'influxdb down: denied',
      'influxdb_5m up after 7 ms',
      'influxdb up after 7 ms',
    ]);
  });

  test('tell of the next outage again', () => {
    const { told, samples } = open();
    for (let outage = 0; outage < 2; outage++) {
      samples.problemBegan(unavailable);
      samples.problemEnded(unavailable, 1);
    }
    expect(told).toHaveLength(4);
  });

  test('are not called down when the store fails', () => {
    const { told, isUp, samples } = open();
    samples.problemBegan(failed);
    expect(told).toEqual(['influxdb down: failed']);
    expect(isUp.get('influxdb')).toBeUndefined();
  });
});
