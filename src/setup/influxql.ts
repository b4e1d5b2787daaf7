import type { InfluxdbApi } from './influxdb-api.ts';

/** A row of an answer by column, with the name of its series under `series`. */
export type Row = Readonly<Record<string, unknown>>;

export type InfluxqlOptions = { readonly database?: string; readonly authorization: string | undefined };

/** The server understood the request and refused the statement; the message holds its words, without secrets. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
}

/** One statement through `/query`, which 1.x and 2.x have. Throws a `StatementError` with the server's words. */
export async function influxql(
  api: InfluxdbApi,
  statement: string,
  { database, authorization }: InfluxqlOptions,
): Promise<readonly Row[]> {
  const path = `/query${database === undefined ? '' : `?${new URLSearchParams({ db: database })}`}`;
  const { body } = await api.request('POST', path, {
    authorization,
    body: new URLSearchParams({ q: statement }).toString(),
    contentType: 'application/x-www-form-urlencoded',
  });
  const [result] = listAt(body, 'results');
  const words = at(result, 'error');
  if (typeof words === 'string') throw new StatementError(api.mask(words));
  return listAt(result, 'series').flatMap((series) => {
    const columns = listAt(series, 'columns').map(String);
    return listAt(series, 'values').map((values) => ({
      series: at(series, 'name'),
      ...Object.fromEntries(Array.isArray(values) ? values.map((value, index) => [columns[index] ?? '', value]) : []),
    }));
  });
}

/** Of a database, policy or user. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function at(holder: unknown, key: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, key) : undefined;
}

function listAt(holder: unknown, key: string): readonly unknown[] {
  const value = at(holder, key);
  return Array.isArray(value) ? value : [];
}
