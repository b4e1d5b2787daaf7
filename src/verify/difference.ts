import { type Counter, counters } from '../model/measurement.ts';
import type { Totals } from '../model/sample.ts';
import type { Endpoint } from '../model/target.ts';
import type { Session, Window } from '../model/window.ts';

type Figures = readonly (readonly [name: string, value: number | undefined])[];

/** What is not as it should be of a window, in words; undefined where nothing is. */
export function windowDifference(endpoint: Endpoint, found: Window, expected: Window): string | undefined {
  return difference(windowFigures(endpoint, found), windowFigures(endpoint, expected));
}

export function sessionDifference(endpoint: Endpoint, found: Session, expected: Session): string | undefined {
  return difference(sessionFigures(endpoint, found), sessionFigures(endpoint, expected));
}

function difference(found: Figures, expected: Figures): string | undefined {
  const differing = expected.flatMap(([name, value], index) => {
    const there = found[index]?.[1];
    return there === value ? [] : [`${name} is ${there ?? 'absent'} and should be ${value ?? 'absent'}`];
  });
  return differing.length === 0 ? undefined : differing.join(', ');
}

function windowFigures(endpoint: Endpoint, window: Window): Figures {
  return [
    ['end', window.endMs],
    ['samples', window.samples],
    ['covered_ms', window.coveredMs],
    ...named(endpoint, 'total', window.totals),
    ...named(endpoint, 'delta', window.deltas),
    ...named(endpoint, 'gapDelta', window.gapDeltas),
    ...named(endpoint, 'peak', window.peaks),
  ];
}

function sessionFigures(endpoint: Endpoint, session: Session): Figures {
  return [
    ['end', session.endMs],
    ['samples', session.samples],
    ['covered_ms', session.coveredMs],
    ['confirmed', session.isConfirmed ? 1 : 0],
    ...named(endpoint, 'total', session.totals),
    ...named(endpoint, 'opening', session.openings),
    ...named(endpoint, 'peak', session.peaks),
  ];
}

function named(endpoint: Endpoint, figure: keyof Counter, values: Totals): Figures {
  return counters[endpoint].map((counter, index) => [counter[figure], values[index]] as const);
}
