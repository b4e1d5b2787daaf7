import { CsvError, parse } from 'csv-parse/sync';
import type { Parsed } from './source.ts';
import { didYouMean } from './suggestion.ts';

const columns = ['room', 'receivers', 'app', 'schedule'] as const;
const labelPrefix = 'label.';

/**
 * One room a line, under a header line: `room`, and if wanted `receivers` (separated by `;`), `app`, `schedule` and a column `label.<name>` for each label.
 * An empty cell is left out. The value is the list of watchlist entries that YAML would hold.
 */
export function parseCsv(text: string): Parsed {
  let header: readonly string[] = [];
  try {
    const records: readonly CsvRecord[] = parse<CsvRecord>(text, {
      columns: (names: string[]) => {
        header = names;
        return names;
      },
      info: true,
      skip_empty_lines: true,
      trim: true,
    });
    const unknown = header.filter(
      (name) => !columns.some((column) => column === name) && !name.startsWith(labelPrefix),
    );
    if (unknown.length > 0) return { status: 'refused', problems: unknown.map(unknownColumn) };
    if (new Set(header).size < header.length)
      return { status: 'refused', problems: [{ line: 1, message: 'has two columns of one name' }] };
    return {
      status: 'parsed',
      value: records.map(({ record }) => toEntry(record)),
      locate: ([index]) => ({ line: (typeof index === 'number' ? records[index]?.info.lines : undefined) ?? 1 }),
    };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error;
    return {
      status: 'refused',
      problems: [{ message: `is not valid CSV: ${error.message}`, ...(typeof lines === 'number' && { line: lines }) }],
    };
  }
}

type CsvRecord = { readonly record: Readonly<Record<string, string>>; readonly info: { readonly lines: number } };

function unknownColumn(name: string) {
  const remedy = didYouMean(name, columns) ?? `the columns are ${columns.join(', ')} and ${labelPrefix}<name>`;
  return { line: 1, message: `unknown column "${name}"`, remedy };
}

function toEntry(record: Readonly<Record<string, string>>): Record<string, unknown> {
  const entry: Record<string, unknown> = {};
  const labels: [string, string][] = [];
  for (const name in record) {
    const cell = record[name] ?? '';
    if (name.startsWith(labelPrefix)) {
      if (cell !== '') labels.push([name.slice(labelPrefix.length), cell]);
    } else if (name === 'receivers') {
      if (cell !== '') entry['receivers'] = cell.split(';').map((receiver) => receiver.trim());
    } else if (cell !== '' || name === 'room') {
      entry[name] = cell;
    }
  }
  if (labels.length > 0) entry['labels'] = Object.fromEntries(labels);
  return entry;
}
