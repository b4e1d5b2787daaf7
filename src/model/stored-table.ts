import { type Endpoint, endpoints } from './target.ts';
import { type Tier, tiers } from './window.ts';

/** What the rows of a table are: samples as they were taken, windows of a tier, or closed sessions. */
export const rowKinds = ['raw', ...tiers, 'session'] as const;
export type RowKind = (typeof rowKinds)[number];

/** The tables whose rows are shipped, each of one endpoint. */
export type StoredTable = Endpoint | `${Endpoint}_${Tier | 'session'}`;

export function tableOf(endpoint: Endpoint, kind: RowKind): StoredTable {
  return kind === 'raw' ? endpoint : `${endpoint}_${kind}`;
}

/** By kind, in the order of `rowKinds`. */
export const storedTables = rowKinds.flatMap((kind) =>
  endpoints.map((endpoint) => ({ name: tableOf(endpoint, kind), endpoint, kind })),
);
