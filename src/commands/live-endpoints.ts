import { formatNumber } from '../model/figures.ts';
import type { Line } from './screen.ts';

export type EndpointFigures = {
  readonly name: string;
  readonly targets: number;
  readonly requestsPerSecond: number;
  readonly limit: number;
  readonly waiting: number;
  readonly answered: number;
  readonly gone: number;
  readonly failed: number;
  readonly skipped: number;
};

type Column = {
  readonly title: string;
  /** Where there is little room. */
  readonly short: string;
  readonly cell: (endpoint: EndpointFigures) => string;
};

const columns: readonly Column[] = [
  { title: 'targets', short: 'targets', cell: ({ targets }) => formatNumber(targets) },
  { title: 'requests/s', short: 'req/s', cell: ({ requestsPerSecond }) => requestsPerSecond.toFixed(1) },
  { title: 'limit/s', short: 'limit', cell: ({ limit }) => formatNumber(limit) },
  { title: 'waiting', short: 'wait', cell: ({ waiting }) => formatNumber(waiting) },
  { title: 'samples', short: 'samples', cell: ({ answered }) => formatNumber(answered) },
  { title: 'gone', short: 'gone', cell: ({ gone }) => formatNumber(gone) },
  { title: 'failed', short: 'failed', cell: ({ failed }) => formatNumber(failed) },
  { title: 'skipped', short: 'skipped', cell: ({ skipped }) => formatNumber(skipped) },
];

/** One row for each endpoint, as generous as the width allows. The number of targets is the first to be left out: it never changes. */
export function endpointTable(endpoints: readonly EndpointFigures[], width: number): readonly Line[] {
  const titled = (shown: readonly Column[], key: 'title' | 'short') =>
    shown.map((column) => [column[key], ...endpoints.map(column.cell)]);
  const full = titled(columns, 'title');
  const short = titled(columns, 'short');
  const layouts = [
    () => layOut(endpoints, full, (texts) => Math.max(11, 1 + longest(texts))),
    ...[2, 1].map((gap) => () => layOut(endpoints, full, (texts) => gap + longest(texts))),
    () => layOut(endpoints, short, (texts) => 1 + longest(texts)),
    () => layOut(endpoints, short.slice(1), (texts) => 1 + longest(texts)),
  ];
  let rows: readonly string[] = [];
  for (const layout of layouts) {
    rows = layout();
    if (longest(rows) <= width) break;
  }
  return rows.map((text, index) => [index === 0 ? { text, paint: 'dim' } : { text }]);
}

/** `cells` are the texts of each column, its title first. */
function layOut(
  endpoints: readonly EndpointFigures[],
  cells: readonly (readonly string[])[],
  widthOf: (texts: readonly string[]) => number,
): readonly string[] {
  const names = ['endpoint', ...endpoints.map(({ name }) => name)];
  return names.map((name, row) => {
    const padded = cells.map((texts) => texts[row]?.padStart(widthOf(texts)) ?? '');
    return name.padEnd(longest(names)) + padded.join('');
  });
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length));
}
