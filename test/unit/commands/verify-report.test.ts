import { expect, test } from 'vitest';
import { formatVerified, toJson } from '../../../src/commands/verify-report.ts';
import { Findings } from '../../../src/verify/findings.ts';

const looked = { rounds: 2, samples: 1_234, windows: 20, sessions: 1, points: 1_255, notes: [] };
const startMs = Date.UTC(2026, 0, 31, 18);
const hourMs = 60 * 60 * 1_000;

test('What adds up is told in one line.', () => {
  expect(formatVerified({ ...looked, findings: [] })).toBe(
    'Everything adds up: 2 rounds, 1,234 samples, 20 windows, 1 session and 1,255 points in InfluxDB were looked at.\n',
  );
});

test('What differs is told with examples, how many more there are, and the hours that it lies in.', () => {
  const findings = new Findings(2);
  for (const hour of [0, 0, 1, 5])
    findings.add('missing_point', 'room_stats in live', `point ${hour}`, startMs + hour * hourMs);
  findings.add('ledger', 'room_stats for influxdb', '10 rows were committed');

  expect(formatVerified({ ...looked, findings: findings.groups() })).toBe(`\
room_stats in live: 4 delivered points that are not there
  point 0
  point 0
  and 2 more
  2026-01-31T18:00Z to 2026-01-31T20:00Z: 3
  2026-01-31T23:00Z to 2026-02-01T00:00Z: 1

room_stats for influxdb: 1 rows that are not accounted for
  10 rows were committed

5 differences: 2 rounds, 1,234 samples, 20 windows, 1 session and 1,255 points in InfluxDB were looked at.
`);
  expect(toJson({ ...looked, findings: findings.groups() })).toMatchObject({
    looked: { samples: 1_234 },
    findings: [
      { kind: 'missing_point', count: 4, hours: [{ from: '2026-01-31T18:00Z', count: 3 }, { count: 1 }] },
      { hours: [] },
    ],
  });
});
