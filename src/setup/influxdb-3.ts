import { type InfluxdbApi, Refusal } from './influxdb-api.ts';
import { change, type Item, note, problem, same } from './item.ts';
import { describeKeep, type Place } from './wanted.ts';

/**
 * Databases of an InfluxDB 3, by its documentation: it has not been run against one. Retention is given when a database is made,
 * and cannot be asked for; Core knows tokens of administrators only.
 */
export async function planInfluxdb3(
  api: InfluxdbApi,
  { places, token }: { readonly places: readonly Place[]; readonly token: string | undefined },
): Promise<readonly Item[]> {
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  const database = '/api/v3/configure/database';
  try {
    const { body } = await api.request('GET', `${database}?format=json`, { authorization });
    const known = new Set(Array.isArray(body) ? body.map((row: object) => Reflect.get(row, 'iox::database')) : []);
    const items = places.map(({ name, keepMs, holds }) => {
      if (known.has(name)) return same(`database ${name}`, 'is there; its retention is not looked at');
      return change(`database ${name}`, `for ${holds}, kept ${describeKeep(keepMs)}`, async () => {
        const retention = Number.isFinite(keepMs) ? { retention_period: describeKeep(keepMs) } : {};
        const wanted = JSON.stringify({ db: name, ...retention });
        await api.request('POST', database, { authorization, body: wanted, contentType: 'application/json' });
      });
    });
    return [
      note('InfluxDB 3', 'setup follows its documentation, and has not been run against one'),
      ...items,
      note('tokens', 'are yours to make: influxdb3 create token --admin; livetally and Grafana use it'),
    ];
  } catch (error) {
    if (!(error instanceof Refusal && (error.httpStatus === 401 || error.httpStatus === 403))) throw error;
    return [
      problem('admin token', `is refused (${error.message}): set INFLUX_ADMIN_TOKEN to an administrator's token`),
    ];
  }
}
