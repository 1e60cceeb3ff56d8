-- One programme, one file. The log is the truth and insert-only; everything below "read model"
-- can be dropped and folded again.

CREATE TABLE workspace (
    only          INTEGER PRIMARY KEY CHECK (only = 1),
    id            BLOB    NOT NULL CHECK (length(id) = 16),
    created_at    INTEGER NOT NULL,
    -- Highest clock reading seen; the next one is drawn from it inside the writing transaction.
    clock         INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE device (
    device        BLOB    NOT NULL PRIMARY KEY CHECK (length(device) = 16),
    name          TEXT    NOT NULL CHECK (length(name) <= 200),
    seq           INTEGER NOT NULL DEFAULT 0,
    hlc           INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE batch (
    device        BLOB    NOT NULL CHECK (length(device) = 16),
    seq           INTEGER NOT NULL CHECK (seq > 0),
    hlc           INTEGER NOT NULL,
    -- What the log calls "wall": the author's clock, for people only.
    wall          INTEGER NOT NULL,
    writes        INTEGER NOT NULL,
    -- The canonical line, byte for byte.
    body          BLOB    NOT NULL CHECK (length(body) <= 262144),
    -- Names the command that made it, so that a lost reply can be asked for again.
    command       BLOB    UNIQUE CHECK (command IS NULL OR length(command) = 16),
    PRIMARY KEY (device, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX batch_by_wall ON batch (wall);

-- Kept, shown, never folded: batches that break a rule of the log, and those after a gap.
CREATE TABLE quarantine (
    id            INTEGER PRIMARY KEY,
    device        BLOB    NOT NULL CHECK (length(device) = 16),
    body          BLOB    NOT NULL,
    reason        TEXT    NOT NULL,
    UNIQUE (device, body)
) STRICT;

-- Read model ----------------------------------------------------------------------------------

-- Every write of every folded batch: history, conflicts and undo read it.
CREATE TABLE register_write (
    entity        BLOB    NOT NULL CHECK (length(entity) = 16),
    path          TEXT    NOT NULL CHECK (length(path) <= 512),
    hlc           INTEGER NOT NULL,
    device        BLOB    NOT NULL CHECK (length(device) = 16),
    seq           INTEGER NOT NULL,
    value         TEXT    NOT NULL CHECK (length(value) <= 65536),
    -- 1 once another write names this one: then it is no head.
    named         INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (entity, path, hlc, device)
) STRICT, WITHOUT ROWID;

-- Versions that somebody saw and that have not arrived here yet.
CREATE TABLE awaited (
    entity        BLOB    NOT NULL CHECK (length(entity) = 16),
    path          TEXT    NOT NULL,
    hlc           INTEGER NOT NULL,
    device        BLOB    NOT NULL CHECK (length(device) = 16),
    PRIMARY KEY (entity, path, hlc, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE register (
    entity        BLOB    NOT NULL CHECK (length(entity) = 16),
    path          TEXT    NOT NULL,
    value         TEXT    NOT NULL,
    hlc           INTEGER NOT NULL,
    device        BLOB    NOT NULL CHECK (length(device) = 16),
    seq           INTEGER NOT NULL,
    conflict      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (entity, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX register_in_conflict ON register (entity, path) WHERE conflict = 1;

CREATE TABLE entity (
    entity        BLOB    NOT NULL PRIMARY KEY CHECK (length(entity) = 16),
    kind          TEXT    NOT NULL,
    -- Milliseconds of the first write that made it.
    created_at    INTEGER NOT NULL,
    alive         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX entity_by_kind ON entity (kind, alive);

CREATE TABLE fact (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    service       BLOB    CHECK (service IS NULL OR length(service) = 16),
    kind          TEXT    NOT NULL,
    occurred_at   INTEGER NOT NULL,
    hlc           INTEGER NOT NULL,
    device        BLOB    NOT NULL CHECK (length(device) = 16),
    seq           INTEGER NOT NULL,
    actor         BLOB    NOT NULL CHECK (length(actor) = 16),
    body          TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX fact_by_service ON fact (service, occurred_at);
CREATE INDEX fact_by_kind ON fact (kind, occurred_at);

-- Which services a batch is about: timelines read it.
CREATE TABLE touched (
    service       BLOB    NOT NULL CHECK (length(service) = 16),
    hlc           INTEGER NOT NULL,
    device        BLOB    NOT NULL CHECK (length(device) = 16),
    seq           INTEGER NOT NULL,
    PRIMARY KEY (service, hlc, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE dependency (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    caller        BLOB    NOT NULL CHECK (length(caller) = 16),
    callee        BLOB    NOT NULL CHECK (length(callee) = 16),
    kind          TEXT    NOT NULL,
    confidence    INTEGER NOT NULL CHECK (confidence BETWEEN 0 AND 100),
    evidence      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dependency_by_caller ON dependency (caller);
CREATE INDEX dependency_by_callee ON dependency (callee);

-- Where each node stands, as computed when it last changed. `valid_until` says from when on time
-- alone may change it.
CREATE TABLE node (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name          TEXT    NOT NULL,
    class         TEXT    NOT NULL,
    changed_at    INTEGER NOT NULL,
    valid_until   INTEGER,
    -- The small part of the journey that lists need, other fields they show, and all of it.
    summary       TEXT    NOT NULL,
    listed        TEXT    NOT NULL,
    journey       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX node_due ON node (valid_until) WHERE valid_until IS NOT NULL;
