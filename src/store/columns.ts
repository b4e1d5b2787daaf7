import { type Counter, counters } from '../model/measurement.ts';
import type { StoredTable } from '../model/stored-table.ts';
import { type Endpoint, endpoints } from '../model/target.ts';

/** Columns of a row behind its id and series: those that every row fills, the others, and one for each counter and figure. */
export type Columns = {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly perCounter: readonly (keyof Counter)[];
};

export const sampleColumns: Columns = {
  required: ['due_ms', 'delay_ms', 'session_ms', 'in_gap'],
  optional: ['gap_ms'],
  perCounter: ['total', 'delta'],
};

export const windowColumns: Columns = {
  required: ['start_ms', 'end_ms', 'samples', 'covered_ms'],
  optional: [],
  perCounter: ['total', 'delta', 'gapDelta', 'peak'],
};

export const sessionColumns: Columns = {
  required: ['start_ms', 'end_ms', 'samples', 'covered_ms', 'confirmed'],
  optional: [],
  perCounter: ['total', 'opening', 'peak'],
};

/** In the order in which `row-table.ts` binds and reads them. */
export function columnNames(endpoint: Endpoint, { required, optional, perCounter }: Columns): readonly string[] {
  const counted = perCounter.flatMap((figure) => counters[endpoint].map((counter) => counter[figure]));
  return ['series_id', ...required, ...optional, ...counted];
}

/** What the age of a row is counted from. Rows are appended nearly in its order. */
export function timeColumn(table: StoredTable): 'due_ms' | 'end_ms' {
  return endpoints.some((endpoint) => endpoint === table) ? 'due_ms' : 'end_ms';
}

/** Where the time that a row tells of begins. */
export function startColumn(table: StoredTable): 'due_ms' | 'start_ms' {
  return endpoints.some((endpoint) => endpoint === table) ? 'due_ms' : 'start_ms';
}
