import type { Endpoint } from './target.ts';

/** Rows of one table as one sink stands to them: committed = delivered + waiting + rejected + dropped. Counts since the store was made. */
export type SinkStatus = {
  readonly sink: string;
  readonly endpoint: Endpoint;
  readonly delivered: number;
  readonly waiting: number;
  readonly rejected: number;
  /** Deleted by retention before the sink had them. */
  readonly dropped: number;
  /** Due instant of the oldest row that waits. */
  readonly oldestWaitingMs: number | undefined;
};

export type StoreStatus = {
  /** Rows ever committed. */
  readonly committed: Readonly<Record<Endpoint, number>>;
  /** Used pages and WAL. */
  readonly sizeBytes: number;
  readonly maxSizeBytes: number;
  /** Why the last commit failed; rows wait in memory and the commit is tried again. */
  readonly commitProblem: string | undefined;
  readonly sinks: readonly SinkStatus[];
};
