-- What every write leaves behind: idempotency keys, jobs, the audit trail, leases.
CREATE TABLE idempotency_keys (
  account_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  location TEXT,
  etag TEXT,
  reply TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, key)
) STRICT;
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

CREATE TABLE outbox (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  -- What is done in the database waits for nothing that is done outside.
  lane TEXT NOT NULL,
  payload TEXT NOT NULL,
  run_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  leased_by TEXT,
  leased_until INTEGER NOT NULL DEFAULT 0,
  parked_at INTEGER,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  CONSTRAINT outbox_lane_check CHECK (lane IN ('inside', 'outside'))
) STRICT;
CREATE INDEX outbox_due_idx ON outbox (lane, run_at) WHERE parked_at IS NULL;

CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  until_at INTEGER NOT NULL
) STRICT;

-- Recorded in the effect's transaction, not yet linked.
CREATE TABLE audit_pending (
  id TEXT NOT NULL PRIMARY KEY,
  chain TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

-- Linked by the one leased linker; never changed after.
CREATE TABLE audit_chain (
  chain TEXT NOT NULL,
  seq INTEGER NOT NULL,
  entry_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (chain, seq),
  CONSTRAINT audit_chain_chain_prev_hash_key UNIQUE (chain, prev_hash),
  CONSTRAINT audit_chain_entry_id_key UNIQUE (entry_id)
) STRICT;
CREATE TRIGGER audit_chain_append_only_update BEFORE UPDATE ON audit_chain
BEGIN
  SELECT RAISE(ABORT, 'audit_chain_append_only');
END;
CREATE TRIGGER audit_chain_append_only_delete BEFORE DELETE ON audit_chain
BEGIN
  SELECT RAISE(ABORT, 'audit_chain_append_only');
END;

-- What a transaction changed, for processes that remember what they read; forgotten within the hour. SQLite's server is one process.
CREATE TABLE read_changes (
  id TEXT NOT NULL PRIMARY KEY,
  process TEXT NOT NULL,
  -- The transaction, as the server counts them: whoever has seen all before one need not look at them again.
  xact INTEGER NOT NULL DEFAULT 0,
  names TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX read_changes_xact_idx ON read_changes (xact);
CREATE INDEX read_changes_at_idx ON read_changes (at);
