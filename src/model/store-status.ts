import type { RowKind } from './stored-table.ts';
import type { Endpoint } from './target.ts';

/** The rows of one table as one reader stands to them: committed = done + waiting + dropped. */
type Waiting = {
  readonly endpoint: Endpoint;
  readonly waiting: number;
  /** Deleted by retention before the reader had them. */
  readonly dropped: number;
  /** When the oldest row that waits was due; of a window or session, when it ended. */
  readonly oldestWaitingMs: number | undefined;
};

/** Counts since the store was made; what is done with a row is that it is delivered or rejected. */
export type SinkStatus = Waiting & {
  readonly sink: string;
  readonly tier: RowKind;
  readonly delivered: number;
  readonly rejected: number;
};

export type StoreStatus = {
  /** Samples ever committed. */
  readonly committed: Readonly<Record<Endpoint, number>>;
  /** Windows and sessions ever made of them; a session that went on after it was closed counts again. */
  readonly rolledUp: readonly {
    readonly endpoint: Endpoint;
    readonly tier: Exclude<RowKind, 'raw'>;
    readonly rows: number;
  }[];
  /** Used pages and WAL. */
  readonly sizeBytes: number;
  readonly maxSizeBytes: number;
  /** Why the last commit failed; rows wait in memory and the commit is tried again. */
  readonly commitProblem: string | undefined;
  readonly sinks: readonly SinkStatus[];
  /** Samples that no window or session holds yet. */
  readonly rollUp: readonly Waiting[];
};
