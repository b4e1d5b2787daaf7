import type { StoreStatus } from '../model/store-status.ts';
import { type StoredTable, storedTables } from '../model/stored-table.ts';
import { endpoints } from '../model/target.ts';
import { sizeOf } from './id-ranges.ts';
import { rollUpReader } from './roll-up-pass.ts';
import type { Reader } from './sink-ledger.ts';
import type { Tables } from './tables.ts';

/** How many rows there are, and how far the roll-up and each sink have got with them. */
export function describeStatus(
  tables: Tables,
  sinks: readonly Reader[],
): Pick<StoreStatus, 'committed' | 'rolledUp' | 'sinks' | 'rollUp'> {
  const { samples, rowsOf, ledger } = tables;
  const waitingOf = (reader: string, table: StoredTable) => {
    const waiting = ledger.waiting(reader, table);
    return { waiting: sizeOf(waiting), oldestWaitingMs: waiting[0] && rowsOf(table).firstMs(waiting[0]) };
  };
  return {
    committed: { room_stats: samples.room_stats.lastId(), gift_count: samples.gift_count.lastId() },
    rolledUp: storedTables.flatMap(({ name, endpoint, kind }) =>
      kind === 'raw' ? [] : [{ endpoint, tier: kind, rows: rowsOf(name).lastId() }],
    ),
    rollUp: endpoints.map((endpoint) => ({
      endpoint,
      dropped: ledger.counts(rollUpReader.name, endpoint).dropped,
      ...waitingOf(rollUpReader.name, endpoint),
    })),
    sinks: sinks.flatMap(({ name: sink, tables: own }) =>
      storedTables
        .filter(({ name }) => own.includes(name))
        .map(({ name, endpoint, kind }) => ({
          ...{ sink, endpoint, tier: kind },
          ...ledger.counts(sink, name),
          ...waitingOf(sink, name),
        })),
    ),
  };
}
