import { counted, formatNumber } from '../model/figures.ts';
import type { FindingGroup, FindingKind } from '../verify/findings.ts';
import type { Verified } from '../verify/verify.ts';

const titles: Readonly<Record<FindingKind, string>> = {
  round: 'rounds that do not add up',
  ledger: 'rows that are not accounted for',
  row: 'rows that are missing',
  damaged_row: 'rows that are damaged; livetally salvage copies the others into a new store',
  doubled_row: 'rows that are there twice, or that were never committed',
  window: 'windows that are not the sum of their samples',
  session: 'sessions that are not the sum of their samples',
  missing_point: 'delivered points that are not there',
  changed_point: 'delivered points with other values',
  unknown_point: 'points that the store does not know',
};

const mostHours = 24;

/** As a person reads it. */
export function formatVerified(verified: Verified): string {
  const { findings, notes, rounds, samples, windows, sessions, points } = verified;
  const looked = [
    counted(rounds, 'round'),
    counted(samples, 'sample'),
    counted(windows, 'window'),
    counted(sessions, 'session'),
    counted(points, 'point'),
  ];
  const total = findings.reduce((sum, { count }) => sum + count, 0);
  const summary = total === 0 ? 'Everything adds up' : `${counted(total, 'difference')}`;
  return [
    ...findings.map(formatGroup),
    ...notes.map((note) => `Note: ${note}.\n`),
    `${summary}: ${looked.slice(0, -1).join(', ')} and ${looked.at(-1)} in InfluxDB were looked at.\n`,
  ].join('\n');
}

function formatGroup({ kind, place, count, examples, hours }: FindingGroup): string {
  const lines = examples.map((words) => `  ${words}`);
  if (count > examples.length) lines.push(`  and ${formatNumber(count - examples.length)} more`);
  for (const { fromMs, toMs, count: inHours } of hours.slice(0, mostHours)) {
    lines.push(`  ${hourText(fromMs)} to ${hourText(toMs)}: ${formatNumber(inHours)}`);
  }
  if (hours.length > mostHours) lines.push(`  and in ${counted(hours.length - mostHours, 'other time')}`);
  return `${place}: ${formatNumber(count)} ${titles[kind]}\n${lines.join('\n')}\n`;
}

/** Hours of UTC, to the minute: `2026-01-31T18:00Z`. */
function hourText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

export function toJson({ findings, notes, ...looked }: Verified): unknown {
  return {
    looked,
    findings: findings.map(({ hours, ...group }) => ({
      ...group,
      hours: hours.map(({ fromMs, toMs, count }) => ({ from: hourText(fromMs), to: hourText(toMs), count })),
    })),
    notes,
  };
}
