import { describe, expect, test } from 'vitest';
import { parseFault } from '../../../src/simulator/fault.ts';

describe('a fault on the command line', () => {
  test.each([
    ['code=60007,endpoint=room_stats,share=0.1', { kind: 'code', code: 60007, endpoint: 'room_stats', share: 0.1 }],
    ['http=502', { kind: 'http', status: 502 }],
    ['redirect=https://example.org/', { kind: 'redirect', location: 'https://example.org/' }],
    ['truncated', { kind: 'truncated' }],
    ['too_large=10000000', { kind: 'too_large', bytes: 10_000_000 }],
    ['endless', { kind: 'endless' }],
    ['drip=100ms', { kind: 'drip', everyMs: 100 }],
    ['wrong_shape=null_response', { kind: 'wrong_shape', shape: 'null_response' }],
    ['bad_counter=unsafe,counter=TotalViewers', { kind: 'bad_counter', value: 'unsafe', counter: 'TotalViewers' }],
    ['reset=during, count=3', { kind: 'reset', when: 'during', count: 3 }],
    ['silence,room=0042', { kind: 'silence', room: '0042' }],
    [
      'latency=3s,spreadMs=500,after=10s,for=1.5m',
      { kind: 'latency', ms: 3000, spreadMs: 500, afterMs: 10_000, forMs: 90_000 },
    ],
    ['throttle=60,endpoint=gift_count', { kind: 'throttle', perSecond: 60, endpoint: 'gift_count' }],
  ])('%s is understood', (text, fault) => {
    expect(parseFault(text)).toEqual({ status: 'parsed', fault });
  });

  test.each([
    ['', 'kind'],
    ['explode', 'kind'],
    ['silence=5', 'takes no value'],
    ['code', 'code'],
    ['code=sixty', 'code'],
    ['code=0', 'code'],
    ['http=42', 'status'],
    ['latency=3 weeks', 'ms'],
    ['silence,share=1.5', 'share'],
    ['silence,count=0', 'count'],
    ['silence,rome=room-0001', 'rome'],
    ['throttle=60,room=room-0001', 'room'],
    ['code=60007,endpoint=get_room_stats', 'endpoint'],
  ])('%s is refused, and the problem names the part', (text, part) => {
    const parsed = parseFault(text);
    expect(parsed.status).toBe('invalid');
    expect(parsed.status === 'invalid' && parsed.problem).toContain(part);
  });
});
