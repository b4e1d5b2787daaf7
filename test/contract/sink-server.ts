import type { InfluxdbApi } from '../../src/sink/influxdb.ts';

/** A point as a server gives it back. */
export type StoredPoint = {
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
  readonly timeMs: number;
};

/** A server that sinks are tried on. A place is a bucket or database. */
export interface SinkServer extends AsyncDisposable {
  readonly url: string;
  apiOf(place: string, credentials: 'right' | 'wrong'): InfluxdbApi;
  createPlace(place: string, options?: { readonly keepHours?: number }): Promise<void>;
  /** As another program writes. */
  write(place: string, lines: string): Promise<void>;
  read(place: string, measurement: string): Promise<readonly StoredPoint[]>;
  /** All at once, as when it is killed. */
  stop(): Promise<void>;
  /** With the data that it had, on the same port. */
  start(): Promise<void>;
}

/** What not every server can do. */
export type SinkServerTraits = {
  /** Says which points it does not take. VictoriaMetrics never does. */
  readonly refusesPoints: boolean;
  readonly knowsCredentials: boolean;
  readonly knowsPlaces: boolean;
};
