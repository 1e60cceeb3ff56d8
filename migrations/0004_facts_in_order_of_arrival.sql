-- Facts lie in the order they came, found by their id through an index of its own. Their rows are
-- long: a table laid out by id holds ten of them to a page, so that each look-up goes through six
-- pages and each new fact moves others. The columns stay as they are.

CREATE TABLE fact_as_it_came (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    service       BLOB    CHECK (service IS NULL OR length(service) = 16),
    kind          TEXT    NOT NULL,
    occurred_at   INTEGER NOT NULL,
    hlc           INTEGER NOT NULL,
    device        BLOB    NOT NULL CHECK (length(device) = 16),
    seq           INTEGER NOT NULL,
    actor         BLOB    NOT NULL CHECK (length(actor) = 16),
    body          TEXT    NOT NULL
) STRICT;

INSERT INTO fact_as_it_came
SELECT id, service, kind, occurred_at, hlc, device, seq, actor, body FROM fact
ORDER BY hlc, device, seq, id;

DROP TABLE fact;
ALTER TABLE fact_as_it_came RENAME TO fact;

CREATE INDEX fact_by_kind ON fact (kind, occurred_at) WHERE kind <> 'finding';
CREATE INDEX fact_by_service ON fact (service, hlc, device, seq);
CREATE INDEX fact_recorded_late ON fact (service, occurred_at, hlc)
    WHERE occurred_at < (hlc >> 16);
