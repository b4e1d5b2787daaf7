import { type InfluxdbApi, Refusal } from './influxdb-api.ts';
import { influxql, quoteName, quoteText, StatementError } from './influxql.ts';
import { askServerKind } from './server-kind.ts';

export type PointsToErase = {
  readonly measurement: string;
  /** The tag that all points of livetally have. */
  readonly app: string;
  /** Epoch milliseconds; the end is not in it. */
  readonly fromMs: number;
  readonly toMs: number;
};

/** Deletes points out of the buckets of an InfluxDB 2, or the databases of an InfluxDB 1. Throws with words for the operator. */
export type PointEraser = {
  /** Throws where nothing could be deleted from this place; deletes nothing. */
  probe(place: string): Promise<void>;
  erase(place: string, points: PointsToErase): Promise<void>;
};

export type PointEraserOptions = {
  readonly url: string;
  /** Of the buckets; undefined for databases. */
  readonly org: string | undefined;
  readonly authorization: string | undefined;
};

/** Beyond it InfluxDB knows no time. */
const lastMs = Date.UTC(2262, 0);

const nobody: PointsToErase = { measurement: 'livetally_probe', app: '', fromMs: 0, toMs: 1 };

export async function createPointEraser(api: InfluxdbApi, options: PointEraserOptions): Promise<PointEraser> {
  const { url, org, authorization } = options;
  const server = await askServerKind(api, authorization);
  if (server.kind === 'other' || server.major === 3) {
    const name = server.kind === 'other' ? 'does not call itself InfluxDB' : `is InfluxDB ${server.version}`;
    throw new Error(`${url} ${name}: points of a time can be deleted from InfluxDB 1 and 2 alone`);
  }
  const isOfBuckets = server.major === 2 && org !== undefined;
  const send = isOfBuckets ? eraseFromBucket(api, org, authorization) : eraseFromDatabase(api, authorization);

  async function erase(place: string, points: PointsToErase): Promise<void> {
    try {
      await send(place, { ...points, toMs: Math.min(points.toMs, lastMs) });
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof StatementError)) throw error;
      const remedy = 'give influxdb credentials that may write there, and see that it exists';
      throw new Error(`points cannot be deleted from ${place} at ${url}: ${error.message}; ${remedy}`, {
        cause: error,
      });
    }
  }
  return { erase, probe: async (place) => await erase(place, nobody) };
}

type Send = (place: string, points: PointsToErase) => Promise<void>;

function eraseFromBucket(api: InfluxdbApi, org: string, authorization: string | undefined): Send {
  return async (bucket, { measurement, app, fromMs, toMs }) => {
    const body = JSON.stringify({
      start: new Date(fromMs).toISOString(),
      // The last nanosecond, whether the server means the end to be in it or not.
      stop: new Date(toMs - 1).toISOString().replace('Z', '999999Z'),
      predicate: `_measurement=${quoteName(measurement)} AND app=${quoteName(app)}`,
    });
    const path = `/api/v2/delete?${new URLSearchParams({ org, bucket })}`;
    await api.request('POST', path, { authorization, body, contentType: 'application/json' });
  };
}

/** Of `database/policy` this is the whole database: a 1.x deletes from all of its policies. */
function eraseFromDatabase(api: InfluxdbApi, authorization: string | undefined): Send {
  return async (place, { measurement, app, fromMs, toMs }) => {
    const [database = place] = place.split('/');
    const time = `time >= ${fromMs}ms AND time < ${toMs}ms`;
    const statement = `DELETE FROM ${quoteName(measurement)} WHERE "app" = ${quoteText(app)} AND ${time}`;
    await influxql(api, statement, { database, authorization });
  };
}
