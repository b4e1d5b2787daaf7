import type { Version2 } from './influxdb-api.ts';

/** What is learned while items are made, in their order: a new server has no token, organisation or bucket before the first. */
export type State = {
  server: Version2;
  orgId: string;
  /** Of the buckets that exist by now, by name. */
  readonly bucketIds: Map<string, string>;
};
