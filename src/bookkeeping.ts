import type { Round, Schedule } from './model/round.ts';
import type { TallyState } from './model/tally-state.ts';
import type { Series } from './model/target.ts';
import type { Cron } from './poll/cron.ts';
import type { PollEvents } from './poll/poll-events.ts';
import type { Registration } from './store/series-table.ts';
import type { StoreClient } from './store/store-client.ts';
import { decodeTallyState, encodeTallyState } from './tally/state-text.ts';
import { type Tallied, tally, tallyGone } from './tally/tally.ts';

/** The targets of one schedule, in the order in which polling names them. */
export type BookedPlan = {
  readonly schedule: Schedule;
  readonly series: readonly Series[];
  readonly cron: Pick<Cron, 'intervalMs'>;
};

export type BookEvents = {
  tallied(series: Series, tallied: Tallied): void;
  /** What the tally remembered of a target cannot be read: it is met anew. */
  forgotten(series: Series, problem: string): void;
};

export type Books = Pick<PollEvents, 'roundBegun' | 'skipped' | 'pollEnded'>;

type Entry = { readonly registration: Registration; state: TallyState | undefined };

type Book = {
  readonly series: readonly Series[];
  readonly entries: readonly Entry[];
  readonly intervalMs: number;
};

/** `unsettled`: targets that are due in the round and have neither ended nor been skipped. */
type OpenRound = { readonly id: number; unsettled: number };

/**
 * Makes rows of what polling tells: each due target becomes a sample, a failure or a skip of its round, and a round ends with
 * the last of them. A round that the process does not live to see the end of stays open; the next run goes on with it or ends it.
 */
export async function openBooks(
  store: Pick<
    StoreClient,
    'register' | 'append' | 'saveState' | 'beginRound' | 'endRound' | 'countFailed' | 'countSkipped'
  >,
  plans: readonly BookedPlan[],
  events: BookEvents,
): Promise<Books> {
  const books = new Map<Schedule, Book>();
  for (const { schedule, series, cron } of plans) {
    const registrations = await store.register(series);
    const entries = registrations.map((registration, index) => ({
      registration: { ...registration, state: undefined },
      state: readState(registration, (problem) => events.forgotten(at(series, index), problem)),
    }));
    books.set(schedule, { series, entries, intervalMs: cron.intervalMs });
  }
  const rounds = new Map<Round, OpenRound>();

  function settle(round: Round, open: OpenRound, count: number): void {
    open.unsettled -= count;
    if (open.unsettled > 0) return;
    store.endRound(open.id);
    rounds.delete(round);
  }

  return {
    roundBegun(round, { remaining }) {
      const open = { id: store.beginRound(round, remaining), unsettled: remaining };
      rounds.set(round, open);
      settle(round, open, 0);
    },
    skipped(round, count, _reason, lastDueMs) {
      const open = find(rounds, round);
      store.countSkipped(open.id, count, lastDueMs);
      settle(round, open, count);
    },
    pollEnded({ round, target, dueMs, delayMs, outcome }) {
      const open = find(rounds, round);
      const { series, entries, intervalMs } = find(books, round.schedule);
      const entry = at(entries, target);
      if (outcome.status === 'answered') {
        const tallied = tally(entry.state, { dueMs, delayMs, intervalMs, totals: outcome.totals });
        entry.state = tallied.state;
        store.append(entry.registration, open.id, tallied.sample, encodeTallyState(tallied.state));
        events.tallied(at(series, target), tallied);
      } else {
        store.countFailed(open.id, dueMs);
        if (outcome.status === 'gone') rememberGone(entry, dueMs);
      }
      settle(round, open, 1);
    },
  };

  /** Of reports in a row only the first is stored: after a restart the gap is taken to be longer than it was, never shorter. */
  function rememberGone(entry: Entry, dueMs: number): void {
    const before = entry.state;
    entry.state = tallyGone(before, dueMs);
    if (before?.gone !== true) store.saveState(entry.registration, encodeTallyState(entry.state));
  }
}

function readState({ state }: Registration, forgotten: (problem: string) => void): TallyState | undefined {
  if (state === undefined) return undefined;
  const decoded = decodeTallyState(state);
  switch (decoded.status) {
    case 'read':
      return decoded.state;
    case 'unreadable':
      forgotten(decoded.problem);
      return undefined;
    default:
      return decoded satisfies never;
  }
}

function find<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error('polling tells of a round or schedule that it has not begun');
  return value;
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`there is no target ${index} among ${items.length}`);
  return item;
}
