-- Facts of the past are kept once. A file whose read model an older version made is folded again
-- when it is opened.

-- Versions before this one look for a fact's register where it is not any more: they may read.
PRAGMA user_version = 2;

-- Read model ----------------------------------------------------------------------------------

-- The writes that are being folded, spelt once for all that is made of them. Empty but for the
-- middle of a transaction.
CREATE TABLE slice (
    entity        BLOB    NOT NULL,
    path          TEXT    NOT NULL,
    hlc           INTEGER NOT NULL,
    device        BLOB    NOT NULL,
    seq           INTEGER NOT NULL,
    value         TEXT    NOT NULL,
    -- 1 where another write of the slice names it.
    named         INTEGER NOT NULL,
    -- 1 for the greatest write to its register.
    wins          INTEGER NOT NULL,
    -- Of facts that are understood.
    kind          TEXT,
    service       BLOB,
    occurred_at   INTEGER,
    actor         BLOB
) STRICT;

-- Findings are most of all facts, and nobody asks for all of them.
DROP INDEX fact_by_kind;
CREATE INDEX fact_by_kind ON fact (kind, occurred_at) WHERE kind <> 'finding';

-- A fact that was written once, naming nothing, is a row of `fact` and nothing else: no register,
-- no write, not in `touched`. This index says in its place which batches a service's facts came
-- with; in which order they happened, whoever reads them all sorts out.
DROP INDEX fact_by_service;
CREATE INDEX fact_by_service ON fact (service, hlc, device, seq);
