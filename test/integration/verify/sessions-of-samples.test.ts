import { expect, test } from 'vitest';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { StoreReader } from '../../../src/store/store-reader.ts';
import { Findings } from '../../../src/verify/findings.ts';
import { SessionsOfSamples } from '../../../src/verify/sessions-of-samples.ts';
import { rollUpOptions } from '../store/temporary-store.ts';
import { hourMs, LivedStore, roundMs } from './lived-store.ts';

const always = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

test('Each session is looked at when it is over, so that none is kept until the end.', () => {
  using lived = new LivedStore();
  lived.live(12 * hourMs);
  using store = new StoreReader(lived.store.path);
  const rollUp = createRollUp(rollUpOptions);
  let [over, looked, most] = [0, 0, 0];
  const sessions = new SessionsOfSamples({
    store: {
      stored: (table) => store.stored(table),
      faultOf: (table, id) => store.faultOf(table, id),
      deleted: (table) => store.deleted(table),
      writtenMs: (table, id) => store.writtenMs(table, id),
      seriesOf: (seriesId) => store.seriesOf(seriesId),
      hasOpenSession: (targetId) => store.hasOpenSession(targetId),
      readSessions: (endpoint, range) => store.readSessions(endpoint, range),
      sessionOf: (endpoint, seriesId, startMs) => {
        looked++;
        return store.sessionOf(endpoint, seriesId, startMs);
      },
    },
    rollUp: {
      ...rollUp,
      addToSession: (state, samples) => {
        most = Math.max(most, over - looked);
        const step = rollUp.addToSession(state, samples);
        over += step.ended.length;
        return step;
      },
    },
    ...{ endpoint: 'room_stats', time: always, findings: new Findings(5) },
  });
  for (const range of store.stored('room_stats')) {
    const rows = store.readSamples('room_stats', range);
    for (const row of rows) sessions.add(store.targetOf(row.seriesId), [row]);
  }
  sessions.finish();

  expect(over).toBe(lived.rooms.length * Math.floor((12 * hourMs) / (80 * 60_000 + roundMs)));
  expect(most).toBe(0);
  expect(sessions.looked).toBe(over);
});
