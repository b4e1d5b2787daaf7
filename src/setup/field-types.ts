import {
  counters,
  sampleFieldNames,
  sessionFieldNames,
  sessionMeasurement,
  windowFieldNames,
} from '../model/measurement.ts';
import { endpoints } from '../model/target.ts';
import type { Row } from './influxql.ts';
import { type Item, problem } from './item.ts';

/** The statement whose rows `fieldProblems` reads. */
export const showFieldKeys = `SHOW FIELD KEYS FROM ${[...endpoints, sessionMeasurement].map((name) => `"${name}"`).join(', ')}`;

const ours: ReadonlySet<string> = new Set([
  ...endpoints.flatMap((endpoint) =>
    counters[endpoint].flatMap(({ total, delta, gapDelta, peak, opening }) => [total, delta, gapDelta, peak, opening]),
  ),
  ...sampleFieldNames,
  ...windowFieldNames,
  ...sessionFieldNames,
]);

/** Fields of livetally's that somebody else wrote with a type that is not livetally's: the server would refuse its points. */
export function fieldProblems(place: string, rows: readonly Row[]): readonly Item[] {
  return rows
    .filter(({ fieldKey, fieldType }) => ours.has(String(fieldKey)) && fieldType !== 'integer')
    .map(({ series, fieldKey, fieldType }) =>
      problem(
        place,
        `another program wrote the field ${fieldKey} of ${series} there as ${fieldType}; livetally writes integers, which the server would refuse. Give livetally a place of its own in the configuration, or stop that program and delete its data.`,
      ),
    );
}
