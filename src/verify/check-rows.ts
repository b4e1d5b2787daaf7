import type { IdRange } from '../model/id-range.ts';
import type { Sample } from '../model/sample.ts';
import type { StoredTable } from '../model/stored-table.ts';
import { describeTarget, type Endpoint } from '../model/target.ts';
import { type Findings, instant } from './findings.ts';
import type { Row, VerifiedStore } from './verified-store.ts';

/** Every id of a range has a row, unless retention has deleted it meanwhile; what is wrong with it is told. */
export function checkPresence(
  store: Pick<VerifiedStore, 'deleted' | 'faultOf'>,
  table: StoredTable,
  { fromId, toId }: IdRange,
  rows: readonly { readonly id: number }[],
  findings: Findings,
): void {
  if (rows.length === toId - fromId) return;
  const present = new Set(rows.map(({ id }) => id));
  const deleted = store.deleted(table);
  for (let id = fromId + 1; id <= toId; id++) {
    if (present.has(id) || deleted.some((range) => range.fromId < id && id <= range.toId)) continue;
    const fault = store.faultOf(table, id);
    if (fault === undefined) findings.add('row', table, `row ${id} was committed and is not there`);
    else findings.add('damaged_row', table, `row ${id} ${fault}`);
  }
}

/** Samples of one target come in rising due order: one that does not is there twice, or was put there by something else. */
export class DueOrder {
  readonly #store: Pick<VerifiedStore, 'targetOf' | 'seriesOf'>;
  readonly #endpoint: Endpoint;
  readonly #findings: Findings;
  readonly #targets = new Map<number, number>();
  readonly #lastDueMs = new Map<number, number>();

  constructor(store: Pick<VerifiedStore, 'targetOf' | 'seriesOf'>, endpoint: Endpoint, findings: Findings) {
    this.#store = store;
    this.#endpoint = endpoint;
    this.#findings = findings;
  }

  add({ id, seriesId, content: { dueMs } }: Row<Sample>): void {
    const targetId = this.targetOf(seriesId);
    const beforeMs = this.#lastDueMs.get(targetId);
    this.#lastDueMs.set(targetId, dueMs);
    if (beforeMs === undefined || beforeMs < dueMs) return;
    const target = describeTarget(this.#store.seriesOf(seriesId).target);
    const words =
      beforeMs === dueMs
        ? `is there twice, the second time as row ${id}`
        : `is row ${id}, behind the one of ${instant(beforeMs)}`;
    this.#findings.add('doubled_row', this.#endpoint, `the sample of ${instant(dueMs)} of ${target} ${words}`, dueMs);
  }

  targetOf(seriesId: number): number {
    let targetId = this.#targets.get(seriesId);
    if (targetId === undefined) {
      targetId = this.#store.targetOf(seriesId);
      this.#targets.set(seriesId, targetId);
    }
    return targetId;
  }
}
