import { samplePoint } from '../../../src/model/point.ts';
import type { StoreStatus } from '../../../src/model/store-status.ts';
import { type Endpoint, endpoints } from '../../../src/model/target.ts';
import type { Findings } from './findings.ts';
import { haveSameFields, pointKey, type SimulatedSink } from './simulated-sink.ts';
import type { TruthLog } from './truth-log.ts';

/** Each committed sample is in the sink once, with its values, or is counted as rejected or dropped; nothing else is there. */
export function checkSink(sink: SimulatedSink, log: TruthLog, status: StoreStatus, findings: Findings): void {
  findings.add('wrong', `${sink.changed} points were written again with other values`, sink.changed);
  const points = sink.points();
  const strangers = sink.strangers();
  const expected = new Set<string>();
  for (const endpoint of endpoints) {
    let missing = 0;
    let poisoned = 0;
    for (const { series, sample } of log.taken(endpoint)) {
      const point = samplePoint(series, sample);
      const key = pointKey(point);
      if (expected.has(key)) findings.add('doubled', `two samples are the point ${key}`);
      expected.add(key);
      // What a copy of the store does not know stays there, where the sample of the same instant was refused or dropped.
      const fields = strangers.has(key) ? undefined : points.get(key);
      if (sink.isPoisoned(key)) poisoned++;
      if (fields === undefined) missing++;
      else if (!haveSameFields(fields, point.fields) && !sink.mixed().has(key))
        findings.add('wrong', `the values of the point ${key}`);
    }
    const seen = {
      committed: log.taken(endpoint).length,
      missing,
      poisoned,
      sinkForgets: Number.isFinite(sink.keepMs),
    };
    checkLedger(endpoint, seen, status, findings);
  }
  for (const key of points.keys()) {
    if (!expected.has(key) && !strangers.has(key))
      findings.add('doubled', `the sink has a point that was never committed: ${key}`);
  }
}

type Seen = {
  readonly committed: number;
  readonly missing: number;
  readonly poisoned: number;
  /** Points may have been too old for it, each depending on when it was written. */
  readonly sinkForgets: boolean;
};

/** committed = delivered + waiting + rejected + dropped, and what is not in the sink is rejected or dropped. */
function checkLedger(endpoint: Endpoint, seen: Seen, status: StoreStatus, findings: Findings): void {
  const { committed, missing, poisoned, sinkForgets } = seen;
  if (status.committed[endpoint] !== committed) {
    findings.add('wrong', `${endpoint}: ${status.committed[endpoint]} counted as committed, ${committed} are`);
  }
  const ofSamples = status.sinks.filter((one) => one.endpoint === endpoint && one.tier === 'raw');
  for (const { sink, delivered, waiting, rejected, dropped } of ofSamples) {
    const words = `${sink} ${endpoint}: delivered ${delivered}, waiting ${waiting}, rejected ${rejected}, dropped ${dropped}`;
    if (delivered + waiting + rejected + dropped !== committed)
      findings.add('wrong', `${words}; committed ${committed}`);
    if (waiting > 0) findings.add('wrong', `${words}, after an hour of calm`);
    const unaccounted = Math.max(0, missing - rejected - dropped);
    findings.add('lost', `${words}; ${missing} are not in the sink`, unaccounted);
    const isExact = dropped === 0 && !sinkForgets;
    const isRight = isExact ? rejected === poisoned && missing === poisoned : rejected + dropped >= poisoned;
    if (!isRight) findings.add('wrong', `${words}; ${poisoned} can never be stored, ${missing} are not`);
  }
}
