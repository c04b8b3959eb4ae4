-- A subscription: two documents, and the numbers by which a save sees that nobody else has saved.
CREATE TABLE subscriptions (
  id         TEXT    NOT NULL PRIMARY KEY, -- unique across tenants
  tenant     TEXT    NOT NULL,
  version    INTEGER NOT NULL,             -- Subscription.Version
  revision   INTEGER NOT NULL,             -- Checkpoint.Revision
  records    INTEGER NOT NULL DEFAULT 0,   -- how many records of usage came in
  late       INTEGER NOT NULL DEFAULT 0,   -- 1: usage came in of what was billed
  document   TEXT    NOT NULL,             -- the subscription
  checkpoint TEXT    NOT NULL,
  wake_at    INTEGER,                      -- microseconds since 1970; NULL: only a verb can bring more
  failures   INTEGER NOT NULL DEFAULT 0,   -- of the worker, since the last success
  failure    TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX subscriptions_wake ON subscriptions (wake_at);

-- What was billed: an invoice, or the difference that a reconciliation found. Amounts are in minor units.
CREATE TABLE invoices (
  id             TEXT    NOT NULL PRIMARY KEY, -- Invoice.ID
  subscription   TEXT    NOT NULL REFERENCES subscriptions,
  dated          INTEGER NOT NULL,
  currency       TEXT    NOT NULL,
  total          INTEGER NOT NULL,
  credit_applied INTEGER NOT NULL,
  amount_due     INTEGER NOT NULL,
  refund         INTEGER NOT NULL,
  document       TEXT    NOT NULL              -- Invoice or Reconciliation as JSON: it explains itself
) STRICT;
CREATE INDEX invoices_subscription ON invoices (subscription);

-- The lines of it, as Reconcile wants them back.
CREATE TABLE lines (
  invoice      TEXT    NOT NULL REFERENCES invoices,
  id           TEXT    NOT NULL,               -- Line.ID
  subscription TEXT    NOT NULL REFERENCES subscriptions,
  corrects     TEXT,                           -- the line that a correction changes
  adjusts      INTEGER NOT NULL DEFAULT 0,     -- 1: an adjustment of the service's own
  amount       INTEGER NOT NULL,
  currency     TEXT    NOT NULL,
  PRIMARY KEY (invoice, id)
) STRICT;
CREATE INDEX lines_subscription ON lines (subscription);

CREATE TABLE usage (
  subscription TEXT    NOT NULL REFERENCES subscriptions,
  id           TEXT    NOT NULL,               -- the meter's own: the same record twice counts once
  metric       TEXT    NOT NULL,
  used_at      INTEGER NOT NULL,
  quantity     TEXT    NOT NULL,               -- a decimal: SQLite has none
  key          TEXT    NOT NULL,               -- what is counted, of a metric that counts distinct keys
  PRIMARY KEY (subscription, id)
) STRICT;
CREATE INDEX usage_time ON usage (subscription, used_at);

-- What is to be told to others, in the transaction in which it became true.
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY,
  topic  TEXT NOT NULL,
  key    TEXT NOT NULL,                        -- the same thing told twice has the same key
  body   TEXT NOT NULL
) STRICT;
