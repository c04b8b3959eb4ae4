-- One text for both databases. SERIAL and TXID are put in by migrate.go: the word for a key that
-- counts up, and the number of the transaction that wrote the row. Instants are microseconds since
-- 1970, amounts whole minor units of their currency, documents the library's own, byte for byte.

CREATE TABLE tenants (
  id TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE api_keys (
  hash   TEXT NOT NULL PRIMARY KEY,          -- SHA-256 of a key of 256 random bits
  tenant TEXT NOT NULL REFERENCES tenants
);

-- The test clock; without a row the clock is the machine's.
CREATE TABLE clock (
  id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  now    BIGINT  NOT NULL,
  target BIGINT  NOT NULL                    -- until when it is being moved
);

-- Every revision of a tenant's catalog is kept whole; a later one has all that an earlier one sold.
CREATE TABLE catalogs (
  tenant   TEXT   NOT NULL REFERENCES tenants,
  revision BIGINT NOT NULL,
  document TEXT   NOT NULL,
  PRIMARY KEY (tenant, revision)
);

CREATE TABLE customers (
  tenant TEXT NOT NULL REFERENCES tenants,
  id     TEXT NOT NULL,
  name   TEXT NOT NULL,
  card   TEXT NOT NULL,                      -- what the gateway knows the means of payment by
  PRIMARY KEY (tenant, id)
);

-- A subscription: two documents, and the two numbers by which a save sees that nobody else has saved.
CREATE TABLE subscriptions (
  tenant     TEXT    NOT NULL,
  id         TEXT    NOT NULL,
  customer   TEXT    NOT NULL,
  revision   BIGINT  NOT NULL,               -- counts the saves of the row
  records    BIGINT  NOT NULL DEFAULT 0,     -- how many records of usage came in
  late       BOOLEAN NOT NULL DEFAULT FALSE, -- usage came in of what was billed
  document   TEXT    NOT NULL,               -- the subscription; not jsonb, which writes it anew
  checkpoint TEXT    NOT NULL,
  wake_at    BIGINT,                         -- billing.WakeAt; NULL: only a verb can bring more
  boundary   BIGINT  NOT NULL,               -- counts the instants at which it was to wake
  told       BIGINT  NOT NULL,               -- until when its events were told
  PRIMARY KEY (tenant, id),
  FOREIGN KEY (tenant, customer) REFERENCES customers
);
CREATE INDEX subscriptions_wake ON subscriptions (wake_at, tenant, id) WHERE wake_at IS NOT NULL;

-- Every save of a row, once. A row that was set back, as from a backup, would have to make a save
-- that was made, and is refused.
CREATE TABLE saves (
  tenant       TEXT   NOT NULL,
  subscription TEXT   NOT NULL,
  revision     BIGINT NOT NULL,
  at           BIGINT NOT NULL,
  PRIMARY KEY (tenant, subscription, revision)
);

-- What was billed: an invoice, the difference that a reconciliation found, or a credit note.
CREATE TABLE invoices (
  tenant       TEXT   NOT NULL,
  id           TEXT   NOT NULL,              -- Invoice.ID
  subscription TEXT   NOT NULL,
  topic        TEXT   NOT NULL,              -- invoice, difference, credit_note
  dated        BIGINT NOT NULL,
  currency     TEXT   NOT NULL,
  total        BIGINT NOT NULL,
  left_due     BIGINT NOT NULL,              -- what is still to be paid
  attempts     BIGINT NOT NULL DEFAULT 0,    -- to collect it
  wake_at      BIGINT,                       -- when to attempt again
  document     TEXT   NOT NULL,              -- Invoice or Reconciliation as JSON: it explains itself
  PRIMARY KEY (tenant, id),
  FOREIGN KEY (tenant, subscription) REFERENCES subscriptions
);
CREATE INDEX invoices_subscription ON invoices (tenant, subscription, dated);
CREATE INDEX invoices_wake ON invoices (wake_at, tenant, id) WHERE wake_at IS NOT NULL;

-- The lines of it, as Reconcile wants them back.
CREATE TABLE lines (
  tenant       TEXT    NOT NULL,
  invoice      TEXT    NOT NULL,
  id           TEXT    NOT NULL,             -- Line.ID
  subscription TEXT    NOT NULL,
  corrects     TEXT,                         -- the line that a correction changes
  adjusts      BOOLEAN NOT NULL,             -- an adjustment of the service's own
  amount       BIGINT  NOT NULL,
  currency     TEXT    NOT NULL,
  PRIMARY KEY (tenant, invoice, id),
  FOREIGN KEY (tenant, invoice) REFERENCES invoices
);
CREATE INDEX lines_subscription ON lines (tenant, subscription);
CREATE INDEX lines_adjusts ON lines (tenant, subscription) WHERE adjusts;

-- What happened to an invoice: the facts of billing/collection.
CREATE TABLE payments (
  tenant    TEXT   NOT NULL,
  id        TEXT   NOT NULL,                 -- the key that the gateway was given, or that came with it
  invoice   TEXT   NOT NULL,
  at        BIGINT NOT NULL,
  kind      TEXT   NOT NULL,                 -- failed, paid
  amount    BIGINT NOT NULL,
  left_due  BIGINT NOT NULL,
  reference TEXT   NOT NULL,
  PRIMARY KEY (tenant, id),
  FOREIGN KEY (tenant, invoice) REFERENCES invoices
);
CREATE INDEX payments_invoice ON payments (tenant, invoice);

CREATE TABLE usage (
  tenant       TEXT   NOT NULL,
  subscription TEXT   NOT NULL,
  id           TEXT   NOT NULL,              -- the meter's own: the same record twice counts once
  metric       TEXT   NOT NULL,
  at           BIGINT NOT NULL,
  document     TEXT   NOT NULL,              -- billing.Record
  PRIMARY KEY (tenant, subscription, id),
  FOREIGN KEY (tenant, subscription) REFERENCES subscriptions
);
CREATE INDEX usage_time ON usage (tenant, subscription, at);

-- How much of a feature was used.
CREATE TABLE uses (
  tenant       TEXT NOT NULL,
  subscription TEXT NOT NULL,
  feature      TEXT NOT NULL,
  document     TEXT NOT NULL,                -- feature.QuotaUsage
  PRIMARY KEY (tenant, subscription, feature),
  FOREIGN KEY (tenant, subscription) REFERENCES subscriptions
);

-- The requests to consume that were allowed, by their idempotency keys.
CREATE TABLE consumed (
  tenant       TEXT NOT NULL,
  subscription TEXT NOT NULL,
  key          TEXT NOT NULL,
  asked        TEXT NOT NULL,                -- feature and amount
  PRIMARY KEY (tenant, subscription, key)
);

-- What is told to others, in the transaction in which it became true: the outbox, and the feed.
CREATE TABLE events (
  number       SERIAL,
  tx           TXID,
  tenant       TEXT   NOT NULL,
  id           TEXT   NOT NULL,              -- the same thing told twice has the same id
  topic        TEXT   NOT NULL,
  subscription TEXT   NOT NULL,
  at           BIGINT NOT NULL,
  body         TEXT   NOT NULL,
  delivered    BIGINT                        -- when the webhook was acknowledged
);
CREATE UNIQUE INDEX events_id ON events (tenant, id);
CREATE INDEX events_feed ON events (tenant, tx, number);

CREATE TABLE webhooks (
  tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants,
  url    TEXT NOT NULL,
  secret TEXT NOT NULL
);
