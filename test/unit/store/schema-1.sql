
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

CREATE TABLE room_stats (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  delay_ms INTEGER NOT NULL,
  gap_ms INTEGER,
  session_ms INTEGER NOT NULL,
  total_viewers INTEGER,
  total_gifts_sent INTEGER,
  total_gift_coins INTEGER,
  total_unique_gift_senders INTEGER,
  total_likes_received INTEGER,
  total_msg_count INTEGER,
  viewers_delta INTEGER,
  gifts_sent_delta INTEGER,
  gift_coins_delta INTEGER,
  unique_gift_senders_delta INTEGER,
  likes_received_delta INTEGER,
  msg_count_delta INTEGER
) STRICT;

CREATE TABLE gift_count (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  delay_ms INTEGER NOT NULL,
  gap_ms INTEGER,
  session_ms INTEGER NOT NULL,
  total_count INTEGER,
  total_coins INTEGER,
  gift_sender_count INTEGER,
  count_delta INTEGER,
  coins_delta INTEGER,
  gift_sender_count_delta INTEGER
) STRICT;

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
