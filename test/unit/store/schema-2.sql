
ALTER TABLE room_stats ADD COLUMN in_gap INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gift_count ADD COLUMN in_gap INTEGER NOT NULL DEFAULT 0;

-- Rows are accounted for in every table that is shipped from, not those of the endpoints alone.
ALTER TABLE settled RENAME COLUMN endpoint TO table_name;
ALTER TABLE sink_count RENAME COLUMN endpoint TO table_name;
ALTER TABLE dropped RENAME COLUMN endpoint TO table_name;
ALTER TABLE rejected RENAME COLUMN endpoint TO table_name;

-- Ended windows of each tier, and closed sessions: written once, never changed.
CREATE TABLE room_stats_5m (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
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
  msg_count_delta INTEGER,
  viewers_gap_delta INTEGER,
  gifts_sent_gap_delta INTEGER,
  gift_coins_gap_delta INTEGER,
  unique_gift_senders_gap_delta INTEGER,
  likes_received_gap_delta INTEGER,
  msg_count_gap_delta INTEGER,
  viewers_peak INTEGER,
  gifts_sent_peak INTEGER,
  gift_coins_peak INTEGER,
  unique_gift_senders_peak INTEGER,
  likes_received_peak INTEGER,
  msg_count_peak INTEGER
) STRICT;

CREATE TABLE room_stats_1h (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
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
  msg_count_delta INTEGER,
  viewers_gap_delta INTEGER,
  gifts_sent_gap_delta INTEGER,
  gift_coins_gap_delta INTEGER,
  unique_gift_senders_gap_delta INTEGER,
  likes_received_gap_delta INTEGER,
  msg_count_gap_delta INTEGER,
  viewers_peak INTEGER,
  gifts_sent_peak INTEGER,
  gift_coins_peak INTEGER,
  unique_gift_senders_peak INTEGER,
  likes_received_peak INTEGER,
  msg_count_peak INTEGER
) STRICT;

CREATE TABLE room_stats_1d (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
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
  msg_count_delta INTEGER,
  viewers_gap_delta INTEGER,
  gifts_sent_gap_delta INTEGER,
  gift_coins_gap_delta INTEGER,
  unique_gift_senders_gap_delta INTEGER,
  likes_received_gap_delta INTEGER,
  msg_count_gap_delta INTEGER,
  viewers_peak INTEGER,
  gifts_sent_peak INTEGER,
  gift_coins_peak INTEGER,
  unique_gift_senders_peak INTEGER,
  likes_received_peak INTEGER,
  msg_count_peak INTEGER
) STRICT;

CREATE TABLE room_stats_1mo (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
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
  msg_count_delta INTEGER,
  viewers_gap_delta INTEGER,
  gifts_sent_gap_delta INTEGER,
  gift_coins_gap_delta INTEGER,
  unique_gift_senders_gap_delta INTEGER,
  likes_received_gap_delta INTEGER,
  msg_count_gap_delta INTEGER,
  viewers_peak INTEGER,
  gifts_sent_peak INTEGER,
  gift_coins_peak INTEGER,
  unique_gift_senders_peak INTEGER,
  likes_received_peak INTEGER,
  msg_count_peak INTEGER
) STRICT;

CREATE TABLE room_stats_session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  total_viewers INTEGER,
  total_gifts_sent INTEGER,
  total_gift_coins INTEGER,
  total_unique_gift_senders INTEGER,
  total_likes_received INTEGER,
  total_msg_count INTEGER,
  viewers_opening INTEGER,
  gifts_sent_opening INTEGER,
  gift_coins_opening INTEGER,
  unique_gift_senders_opening INTEGER,
  likes_received_opening INTEGER,
  msg_count_opening INTEGER,
  viewers_peak INTEGER,
  gifts_sent_peak INTEGER,
  gift_coins_peak INTEGER,
  unique_gift_senders_peak INTEGER,
  likes_received_peak INTEGER,
  msg_count_peak INTEGER
) STRICT;

CREATE TABLE gift_count_5m (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  total_count INTEGER,
  total_coins INTEGER,
  gift_sender_count INTEGER,
  count_delta INTEGER,
  coins_delta INTEGER,
  gift_sender_count_delta INTEGER,
  count_gap_delta INTEGER,
  coins_gap_delta INTEGER,
  gift_sender_count_gap_delta INTEGER,
  count_peak INTEGER,
  coins_peak INTEGER,
  gift_sender_count_peak INTEGER
) STRICT;

CREATE TABLE gift_count_1h (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  total_count INTEGER,
  total_coins INTEGER,
  gift_sender_count INTEGER,
  count_delta INTEGER,
  coins_delta INTEGER,
  gift_sender_count_delta INTEGER,
  count_gap_delta INTEGER,
  coins_gap_delta INTEGER,
  gift_sender_count_gap_delta INTEGER,
  count_peak INTEGER,
  coins_peak INTEGER,
  gift_sender_count_peak INTEGER
) STRICT;

CREATE TABLE gift_count_1d (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  total_count INTEGER,
  total_coins INTEGER,
  gift_sender_count INTEGER,
  count_delta INTEGER,
  coins_delta INTEGER,
  gift_sender_count_delta INTEGER,
  count_gap_delta INTEGER,
  coins_gap_delta INTEGER,
  gift_sender_count_gap_delta INTEGER,
  count_peak INTEGER,
  coins_peak INTEGER,
  gift_sender_count_peak INTEGER
) STRICT;

CREATE TABLE gift_count_1mo (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  total_count INTEGER,
  total_coins INTEGER,
  gift_sender_count INTEGER,
  count_delta INTEGER,
  coins_delta INTEGER,
  gift_sender_count_delta INTEGER,
  count_gap_delta INTEGER,
  coins_gap_delta INTEGER,
  gift_sender_count_gap_delta INTEGER,
  count_peak INTEGER,
  coins_peak INTEGER,
  gift_sender_count_peak INTEGER
) STRICT;

CREATE TABLE gift_count_session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  total_count INTEGER,
  total_coins INTEGER,
  gift_sender_count INTEGER,
  count_opening INTEGER,
  coins_opening INTEGER,
  gift_sender_count_opening INTEGER,
  count_peak INTEGER,
  coins_peak INTEGER,
  gift_sender_count_peak INTEGER
) STRICT;

CREATE INDEX room_stats_session_by_series ON room_stats_session (series_id, start_ms);
CREATE INDEX gift_count_session_by_series ON gift_count_session (series_id, start_ms);

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
