import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Point } from '../../src/model/point.ts';
import { createInfluxdbSink } from '../../src/sink/influxdb.ts';
import type { Sink } from '../../src/sink/sink.ts';
import { systemClock } from '../../src/system-clock.ts';
import type { SinkServer, SinkServerTraits, StoredPoint } from './sink-server.ts';

const hourMs = 3_600_000;

/** What every sink does on every server, real or not. */
export function describeSink(name: string, traits: SinkServerTraits, open: () => Promise<SinkServer>): void {
  describe(`the sink on ${name}`, () => {
    let server: SinkServer;
    const sinks: Sink[] = [];
    let places = 0;

    beforeAll(async () => {
      server = await open();
    });
    afterAll(async () => {
      for (const sink of sinks) sink.close();
      await server[Symbol.asyncDispose]();
    });

    async function newPlace(options: { readonly keepHours?: number } = {}): Promise<string> {
      const place = `place-${++places}`;
      await server.createPlace(place, options);
      return place;
    }

    function sinkTo(
      place: string,
      options: { readonly gzip?: boolean; readonly credentials?: 'right' | 'wrong' } = {},
    ) {
      const api = server.apiOf(place, options.credentials ?? 'right');
      const sink = createInfluxdbSink({
        ...{ name: 'test', url: server.url, api, gzip: options.gzip ?? false, clock: systemClock },
      });
      sinks.push(sink);
      return sink;
    }

    // A point of this very moment is not seen at once by VictoriaMetrics.
    const recentMs = () => Date.now() - 10_000;
    const soon = () => AbortSignal.timeout(10_000);

    function point(measurement: string, roomId: string, options: { readonly ageMs?: number } = {}): Point {
      const tags = [['room_id', roomId]] as const;
      return { measurement, tags, fields: [['total', 1]], timeMs: recentMs() - (options.ageMs ?? 0) };
    }

    async function roomsIn(place: string, measurement: string): Promise<string[]> {
      const points = await server.read(place, measurement);
      return points.map(({ tags }) => tags['room_id'] ?? '').sort();
    }

    test.each([false, true])('brings every tag and every digit to the server (gzip %s)', async (gzip) => {
      const place = await newPlace();
      const measurement = `digits_${gzip}`;
      const rooms = ['plain', ' a b ', 'a,b=c', '"quoted" \'too\'', 'größe 🎉 部屋', 'C:\\temp', 'a\\=b', '='];
      // VictoriaMetrics takes the backslash for an escaped one there, and drops the line without a word.
      if (traits.refusesPoints) rooms.push('a\\,b', 'a\\ b', 'a\\\\b');
      const timeMs = recentMs();
      const points = rooms.map(
        (room): Point => ({
          ...{ measurement, timeMs },
          tags: [
            ['room_id', room],
            ['label of, = mine', 'x'],
          ],
          fields: [
            ['most', Number.MAX_SAFE_INTEGER],
            ['none', 0],
          ],
        }),
      );
      expect(await sinkTo(place, { gzip }).write(points, soon())).toEqual({ status: 'written' });
      const stored = await server.read(place, measurement);
      const byRoom = (a: StoredPoint, b: StoredPoint) =>
        (a.tags['room_id'] ?? '') < (b.tags['room_id'] ?? '') ? -1 : 1;
      expect(stored.toSorted(byRoom)).toEqual(
        rooms
          .map((room) => ({
            tags: { room_id: room, 'label of, = mine': 'x' },
            fields: { most: Number.MAX_SAFE_INTEGER, none: 0 },
            timeMs,
          }))
          .toSorted(byRoom),
      );
    });

    test('keeps places apart: the same point can say something else in each', async () => {
      const [samples, windows] = [await newPlace(), await newPlace()];
      const of = (value: number): Point => ({ ...point('apart', 'a'), fields: [['total', value]], timeMs });
      const timeMs = recentMs();
      expect(await sinkTo(samples).write([of(1)], soon())).toEqual({ status: 'written' });
      expect(await sinkTo(windows).write([of(2)], soon())).toEqual({ status: 'written' });
      expect(await server.read(samples, 'apart')).toMatchObject([{ tags: { room_id: 'a' }, fields: { total: 1 } }]);
      expect(await server.read(windows, 'apart')).toMatchObject([{ tags: { room_id: 'a' }, fields: { total: 2 } }]);
    });

    test('writes nothing, and is refused, where a number is no safe integer', async () => {
      const place = await newPlace();
      for (const value of [1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
        const odd: Point = { ...point('odd', 'a'), fields: [['total', value]] };
        expect(await sinkTo(place).write([point('odd', 'b'), odd], soon())).toEqual({
          status: 'refused',
          reason: `field total is not a safe integer: ${value}`,
          dropped: undefined,
        });
      }
      expect(await server.read(place, 'odd')).toEqual([]);
    });

    test('finds the server ready, and writes nothing to find out', async () => {
      const place = await newPlace();
      expect(await sinkTo(place).probe(soon())).toEqual({ status: 'ready' });
    });

    test('gives up when it is told to, with the reason that it was told', async () => {
      const place = await newPlace();
      const signal = AbortSignal.abort(new Error('no answer within 20 s'));
      expect(await sinkTo(place).write([point('late', 'a')], signal)).toEqual({
        status: 'unavailable',
        reason: 'no answer within 20 s',
        retryAfterMs: undefined,
      });
    });

    test('is unavailable while the server is down, and writes again when it is back', async () => {
      const place = await newPlace();
      const sink = sinkTo(place);
      const points = [point('down', 'a')];
      expect(await sink.write(points, soon())).toEqual({ status: 'written' });
      await server.stop();
      expect(await sink.write(points, soon())).toMatchObject({
        status: 'unavailable',
        reason: expect.stringMatching(/ECONNREFUSED|ECONNRESET|socket hang up/),
      });
      expect((await sink.probe(soon())).status).toBe('unavailable');
      await server.start();
      expect(await sink.write([point('down', 'b')], soon())).toEqual({ status: 'written' });
      expect(await roomsIn(place, 'down')).toEqual(['a', 'b']);
    });

    test.runIf(traits.refusesPoints)('makes one point of a point written twice', async () => {
      const place = await newPlace();
      const points = [point('twice', 'a'), point('twice', 'b')];
      const sink = sinkTo(place);
      for (let i = 0; i < 2; i++) expect(await sink.write(points, soon())).toEqual({ status: 'written' });
      expect(await roomsIn(place, 'twice')).toEqual(['a', 'b']);
    });

    test.runIf(traits.refusesPoints)(
      'is told how many points have a field of another type, and the others are stored',
      async () => {
        const place = await newPlace();
        await server.write(place, `clash,room_id=other total=1.5 ${recentMs()}`);
        const good: Point = { ...point('clash', 'good'), fields: [['count', 1]] };
        const outcome = await sinkTo(place).write([point('clash', 'a'), good, point('clash', 'b')], soon());
        expect(outcome).toMatchObject({
          status: 'refused',
          dropped: 2,
          reason: expect.stringContaining('type conflict'),
        });
        expect(await roomsIn(place, 'clash')).toEqual(['good', 'other']);
      },
    );

    test.runIf(traits.refusesPoints)('is refused where a line does not parse', async () => {
      const place = await newPlace();
      const outcome = await sinkTo(place).write([point('parse', 'good'), point('parse', 'bad\\')], soon());
      expect(outcome).toMatchObject({
        ...{ status: 'refused', dropped: undefined },
        reason: expect.stringContaining('unable to parse'),
      });
      expect(await roomsIn(place, 'parse')).not.toContain('bad\\');
    });

    test.runIf(traits.refusesPoints)(
      'is told how many points are older than what is kept, and the others are stored',
      async () => {
        const place = await newPlace({ keepHours: 1 });
        const points = [
          point('old', 'a', { ageMs: 5 * hourMs }),
          point('old', 'b'),
          point('old', 'c', { ageMs: 50 * hourMs }),
        ];
        expect(await sinkTo(place).write(points, soon())).toMatchObject({ status: 'too_old', dropped: 2 });
        expect(await roomsIn(place, 'old')).toEqual(['b']);
        const alone = await sinkTo(place).write([point('old', 'd', { ageMs: 5 * hourMs })], soon());
        expect(alone).toMatchObject({ status: 'too_old', dropped: 1 });
      },
    );

    test.runIf(traits.knowsPlaces)('names a place that is missing', async () => {
      const sink = sinkTo('nowhere');
      const expected = {
        ...{ status: 'missing', reason: expect.stringContaining('nowhere') },
        remedy: expect.stringMatching(/^create (bucket|database) "nowhere"/),
      };
      expect(await sink.write([point('m', 'a')], soon())).toMatchObject(expected);
      expect(await sink.probe(soon())).toMatchObject(expected);
    });

    test.runIf(traits.knowsCredentials)(
      'tells what to do about wrong credentials, and does not show them',
      async () => {
        const place = await newPlace();
        const sink = sinkTo(place, { credentials: 'wrong' });
        for (const outcome of [await sink.write([point('m', 'a')], soon()), await sink.probe(soon())]) {
          expect(outcome).toMatchObject({ status: 'denied', remedy: expect.stringContaining(`"${place}"`) });
          expect(JSON.stringify(outcome)).not.toContain('wrong-secret');
        }
      },
    );
  });
}
