import { isMet, type Measurement } from './figure.ts';

const heading = ['figure', 'target', 'measured', '', 'livetally', 'beside'] as const;

/** The measurements in aligned columns. */
export function formatTable(measurements: readonly Measurement[]): string {
  const rows = [heading, ...measurements.map(toRow)];
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function toRow(measurement: Measurement): readonly string[] {
  const { figure, bound, value, unit, livetally, beside } = measurement;
  const sign = bound.kind === 'at_most' ? '<=' : '>=';
  const verdict = isMet(measurement) ? 'pass' : 'MISS';
  return [figure, `${sign} ${format(bound.value, unit)}`, format(value, unit), verdict, livetally, beside];
}

/** Ratios have three places: with two, 0.9496 would look like the 0.95 that it misses. */
function format(value: number, unit: string | undefined): string {
  return unit === undefined ? value.toFixed(3) : `${value.toFixed(0)} ${unit}`;
}
