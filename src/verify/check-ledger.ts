import type { Account, StoredRound } from '../model/stock.ts';
import { type Findings, instant } from './findings.ts';

/** Each row of a table is accounted for, with every reader of it. */
export function checkAccounts(accounts: readonly Account[], findings: Findings): void {
  for (const { reader, table, committed, delivered, waiting, rejected, dropped, settled } of accounts) {
    const place = `${table} for ${reader}`;
    const sum = delivered + waiting + rejected + dropped;
    if (sum !== committed) {
      const parts = `delivered ${delivered} + waiting ${waiting} + rejected ${rejected} + dropped ${dropped}`;
      findings.add('ledger', place, `${committed} rows were committed, and ${parts} = ${sum}`);
    }
    let endId = -1;
    for (const { fromId, toId } of settled) {
      if (fromId <= endId || toId <= fromId || toId > committed) {
        findings.add('ledger', place, `rows ${fromId + 1} to ${toId} cannot be done with, of ${committed}`);
      }
      endId = toId;
    }
  }
}

/** A round that adds up is due = polled + failed + skipped + cut off, of which none is negative. */
export function checkRound({ schedule, startMs, due, ...counts }: StoredRound, findings: Findings): void {
  const { polled, failed, skipped } = counts;
  const isSound = Math.min(due, polled, failed, skipped) >= 0 && polled + failed + skipped <= due;
  if (isSound) return;
  const words = `due ${due}, polled ${polled}, failed ${failed}, skipped ${skipped}`;
  findings.add('round', roundPlace(schedule), `the round of ${instant(startMs)} does not add up: ${words}`, startMs);
}

export function roundPlace({ app, endpoint }: { readonly app: string; readonly endpoint: string }): string {
  return `${endpoint} of app ${app}`;
}
