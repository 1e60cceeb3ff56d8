-- What folding in slices, past days, merged services and search need. The log stays as it is; a
-- file whose read model an older version made is folded again when it is opened.

-- Which form of the read model the file holds; see `READ_MODEL` in crates/store/src/rebuild.rs.
ALTER TABLE workspace ADD COLUMN folded INTEGER NOT NULL DEFAULT 0;

-- The log in order of the clock: a rebuild reads it in slices. With the number of writes, so that
-- they are counted without reading the log itself.
CREATE INDEX batch_by_clock ON batch (hlc, device, seq, writes);

-- Read model ----------------------------------------------------------------------------------

-- Services that turned out to be others, each with the one it counts as in the end.
CREATE TABLE merged (
    service       BLOB    NOT NULL PRIMARY KEY CHECK (length(service) = 16),
    root          BLOB    NOT NULL CHECK (length(root) = 16)
) STRICT, WITHOUT ROWID;

CREATE INDEX merged_by_root ON merged (root);
CREATE INDEX register_of_merged ON register (entity) WHERE path = 'merged_into';

-- Where a node stood at every moment, apart from `node`, so that lists of today pass it over.
CREATE TABLE node_course (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    course        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- What a search looks through.
CREATE TABLE node_text (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    texts         TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Facts recorded after they happened: a past day as it was known then is another one without them.
CREATE INDEX fact_recorded_late ON fact (service, occurred_at, hlc)
    WHERE occurred_at < (hlc >> 16);
