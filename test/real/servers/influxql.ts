import { isRecord, readJson } from './json-answer.ts';

export type InfluxqlValue = string | number | boolean | null;

/** The columns of a row of an answer, and the tags of its series where the query groups by tags. */
export type InfluxqlRow = Readonly<Record<string, InfluxqlValue>>;

export interface InfluxqlEndpoint {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly database: string | undefined;
}

/** The rows of all statements of a query, `time` in epoch milliseconds. Throws where the server reports an error. */
export async function queryInfluxql(endpoint: InfluxqlEndpoint, query: string): Promise<InfluxqlRow[]> {
  const parameters = new URLSearchParams({ epoch: 'ms' });
  if (endpoint.database !== undefined) {
    parameters.set('db', endpoint.database);
  }
  const response = await fetch(`${endpoint.url}/query?${parameters}`, {
    method: 'POST',
    headers: endpoint.headers ?? {},
    body: new URLSearchParams({ q: query }),
  });
  const answer = await readJson(response);
  return arrayAt(answer, 'results').flatMap((result) => {
    if (isRecord(result) && result['error'] !== undefined) {
      throw new Error(`${query}: ${result['error']}`);
    }
    return arrayAt(result, 'series').flatMap(rowsOfSeries);
  });
}

function rowsOfSeries(series: unknown): InfluxqlRow[] {
  const tags = isRecord(series) && isRecord(series['tags']) ? series['tags'] : {};
  const columns = arrayAt(series, 'columns');
  return arrayAt(series, 'values').map((values) => {
    const cells = Array.isArray(values) ? values : [];
    const entries = [...Object.entries(tags), ...columns.map((column, index) => [column, cells[index]])];
    return Object.fromEntries(entries.map(([name, value]) => [String(name), influxqlValue(value)]));
  });
}

function influxqlValue(value: unknown): InfluxqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  throw new Error(`no InfluxQL value: ${JSON.stringify(value)}`);
}

function arrayAt(holder: unknown, key: string): readonly unknown[] {
  const value = isRecord(holder) ? holder[key] : undefined;
  return Array.isArray(value) ? value : [];
}
