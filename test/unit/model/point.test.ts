import { describe, expect, test } from 'vitest';
import { type Point, sampleOfPoint, samplePoint } from '../../../src/model/point.ts';
import { receiverSeries, roomSeries, sampleAt, startMs } from '../../integration/store/temporary-store.ts';

const room = roomSeries('room-1', { team: 'music' });
const later = sampleAt(startMs, { gapMs: 45_000, inGap: true, totals: [1, undefined, 3, 4, 5, 6] });

describe('the sample that a point was made of', () => {
  test.each([
    ['the first of a room', room, sampleAt(startMs)],
    ['one after a gap, with a counter that was not sent', room, later],
    ['one of a receiver', receiverSeries('room-1', 'anchor'), { ...later, totals: [7, 8, 9], deltas: [0, 1, 2] }],
  ])('is as it was: %s', (_, series, sample) => {
    expect(sampleOfPoint(samplePoint(series, sample))).toEqual({ series, sample });
  });

  test('has no label where InfluxDB shows the empty one of another series', () => {
    const { tags, ...point } = samplePoint(room, later);
    expect(sampleOfPoint({ ...point, tags: [...tags, ['host', '']] })?.series).toEqual(room);
  });

  const point = samplePoint(room, later);
  const without = (name: string) => point.fields.filter(([field]) => field !== name);
  test.each<[string, Partial<Point>]>([
    ['without a session', { fields: without('session') }],
    ['without a delay', { fields: without('delay_ms') }],
    ['of a room without a name', { tags: [['app', 'main']] }],
    ['of a receiver without a name', { measurement: 'gift_count' }],
    ['of another measurement', { measurement: 'session' }],
    ['with a broken number', { fields: [...without('total_viewers'), ['total_viewers', 1.5]] }],
    ['with a number below zero', { fields: [...without('total_viewers'), ['total_viewers', -1]] }],
    ['of no time', { timeMs: Number.NaN }],
  ])('is none %s', (_, changes) => {
    expect(sampleOfPoint({ ...point, ...changes })).toBeUndefined();
  });
});
