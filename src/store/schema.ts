import { counters } from '../model/measurement.ts';
import { tableOf } from '../model/stored-table.ts';
import { type Endpoint, endpoints } from '../model/target.ts';
import { type Tier, tiers } from '../model/window.ts';
import { columnNames, sessionColumns, windowColumns } from './columns.ts';

/** Marks a file as a store of livetally: "LTly" in the header of the file. */
export const applicationId = 0x4c546c79;
/** Marks one that was copied whole, and not used yet: "LTlc". */
export const copyId = 0x4c546c63;

/** As they were before the catalogue of columns knew gaps. */
const firstColumns = ['series_id', 'due_ms', 'delay_ms', 'gap_ms', 'session_ms'];
const firstRequired = ['series_id', 'due_ms', 'delay_ms', 'session_ms'];

/**
 * Rows name their series without a foreign key: an index over it would cost more than the row.
 * AUTOINCREMENT: what a sink has had is remembered by id, so an id must never mean another row.
 */
function table(name: string, columns: readonly string[], required: readonly string[]): string {
  const lines = columns.map((column) => `  ${column} INTEGER${required.includes(column) ? ' NOT NULL' : ''}`);
  return `CREATE TABLE ${name} (\n  id INTEGER PRIMARY KEY AUTOINCREMENT,\n${lines.join(',\n')}\n) STRICT;`;
}

function firstSampleTable(endpoint: Endpoint): string {
  const own = counters[endpoint];
  const columns = [...firstColumns, ...own.map(({ total }) => total), ...own.map(({ delta }) => delta)];
  return table(endpoint, columns, firstRequired);
}

const firstVersion = `
-- One row for each time that a process opened the store; last_due_ms is the highest due instant it has seen.
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  started_ms INTEGER NOT NULL,
  last_due_ms INTEGER
) STRICT;

-- user_id is empty for a room: no receiver is.
CREATE TABLE target (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  endpoint TEXT NOT NULL,
  app TEXT NOT NULL,
  room_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  UNIQUE (endpoint, app, room_id, user_id)
) STRICT;

-- labels: a JSON object with its names in order. run_id: the last run that had the series on its watchlist.
CREATE TABLE series (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  target_id INTEGER NOT NULL REFERENCES target,
  labels TEXT NOT NULL,
  run_id INTEGER NOT NULL,
  UNIQUE (target_id, labels)
) STRICT;
CREATE INDEX series_by_run ON series (run_id);

-- What the tally knows of a target, as the tally wrote it.
CREATE TABLE tally (
  target_id INTEGER PRIMARY KEY REFERENCES target,
  state TEXT NOT NULL
) STRICT;

${endpoints.map(firstSampleTable).join('\n\n')}

CREATE TABLE schedule (
  id INTEGER PRIMARY KEY,
  app TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  cron TEXT NOT NULL,
  timezone TEXT NOT NULL,
  UNIQUE (app, endpoint, cron, timezone)
) STRICT;

-- due = polled + failed + skipped + cut_off, as soon as the round has ended.
CREATE TABLE round (
  id INTEGER PRIMARY KEY,
  schedule_id INTEGER NOT NULL REFERENCES schedule,
  start_ms INTEGER NOT NULL,
  due INTEGER NOT NULL,
  polled INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  ended INTEGER NOT NULL DEFAULT 0,
  cut_off INTEGER NOT NULL AS (iif(ended, due - polled - failed - skipped, 0)),
  UNIQUE (schedule_id, start_ms)
) STRICT;
CREATE INDEX round_by_start ON round (start_ms);

-- Row ids above from_id up to and including to_id that a sink needs no more: delivered, rejected or dropped.
-- The sink 'retention' stands for the store itself: the rows that are deleted.
CREATE TABLE settled (
  sink TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  from_id INTEGER NOT NULL,
  to_id INTEGER NOT NULL,
  PRIMARY KEY (sink, endpoint, from_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sink_count (
  sink TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (sink, endpoint)
) STRICT, WITHOUT ROWID;

-- Rows that were deleted before the sink had them, by the UTC day of their due instant.
CREATE TABLE dropped (
  sink TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  day TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  PRIMARY KEY (sink, endpoint, day)
) STRICT, WITHOUT ROWID;

-- The newest points that a sink refused, to be looked at; sink_count counts all of them.
CREATE TABLE rejected (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sink TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  rejected_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  point TEXT NOT NULL
) STRICT;
`;

function tierTable(endpoint: Endpoint, kind: Tier | 'session'): string {
  const columns = kind === 'session' ? sessionColumns : windowColumns;
  const required = ['series_id', ...columns.required];
  return table(tableOf(endpoint, kind), columnNames(endpoint, columns), required);
}

/** The newest row of a session counts: it is written again when the session goes on after all. */
function sessionIndex(endpoint: Endpoint): string {
  const name = tableOf(endpoint, 'session');
  return `CREATE INDEX ${name}_by_series ON ${name} (series_id, start_ms);`;
}

const secondVersion = `
${endpoints.map((endpoint) => `ALTER TABLE ${endpoint} ADD COLUMN in_gap INTEGER NOT NULL DEFAULT 0;`).join('\n')}

-- Rows are accounted for in every table that is shipped from, not those of the endpoints alone.
${['settled', 'sink_count', 'dropped', 'rejected'].map((name) => `ALTER TABLE ${name} RENAME COLUMN endpoint TO table_name;`).join('\n')}

-- Ended windows of each tier, and closed sessions: written once, never changed.
${endpoints.flatMap((endpoint) => [...tiers, 'session' as const].map((kind) => tierTable(endpoint, kind))).join('\n\n')}

${endpoints.map(sessionIndex).join('\n')}

-- What the roll-up knows of windows that have not ended, as the roll-up wrote it, and when the first of them ends.
CREATE TABLE open_windows (
  series_id INTEGER PRIMARY KEY REFERENCES series,
  next_end_ms INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT;
CREATE INDEX open_windows_by_end ON open_windows (next_end_ms);

-- The latest session of a target; next_end_ms is NULL when it is closed and may still go on.
CREATE TABLE open_session (
  target_id INTEGER PRIMARY KEY REFERENCES target,
  next_end_ms INTEGER,
  state TEXT NOT NULL
) STRICT;
CREATE INDEX open_session_by_end ON open_session (next_end_ms) WHERE next_end_ms IS NOT NULL;
`;

const thirdVersion = `
-- Row ids above from_id up to and including to_id that a sink has refused, as long as their rows are kept.
CREATE TABLE rejected_range (
  sink TEXT NOT NULL,
  table_name TEXT NOT NULL,
  from_id INTEGER NOT NULL,
  to_id INTEGER NOT NULL,
  PRIMARY KEY (sink, table_name, from_id)
) STRICT, WITHOUT ROWID;

-- rejected = the rows of rejected_range + rejected_deleted + rejected_unlisted. Deleted: with their rows, by retention.
-- Unlisted: refused before this version, some of the ids up to and including unlisted_to_id; nobody knows which.
ALTER TABLE sink_count ADD COLUMN rejected_deleted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sink_count ADD COLUMN rejected_unlisted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sink_count ADD COLUMN unlisted_to_id INTEGER NOT NULL DEFAULT 0;

INSERT INTO rejected_range
SELECT sink, table_name, min(row_id) - 1, max(row_id) FROM (
  SELECT sink, table_name, row_id,
    row_id - row_number() OVER (PARTITION BY sink, table_name ORDER BY row_id) AS distance
  FROM (SELECT DISTINCT sink, table_name, row_id FROM rejected)
) GROUP BY sink, table_name, distance;

UPDATE sink_count SET
  rejected_unlisted = rejected - (
    SELECT ifnull(sum(to_id - from_id), 0) FROM rejected_range
    WHERE sink = sink_count.sink AND table_name = sink_count.table_name
  ),
  unlisted_to_id = ifnull((SELECT seq FROM sqlite_sequence WHERE name = table_name), 0);
`;

/**
 * Each entry lifts a store by one version, and its text is never changed once it was released: a change of a table,
 * or of the catalogue in `model/measurement.ts`, is a new entry behind the last.
 */
export const migrations: readonly string[] = [firstVersion, secondVersion, thirdVersion];
