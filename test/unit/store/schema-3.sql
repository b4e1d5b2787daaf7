
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
