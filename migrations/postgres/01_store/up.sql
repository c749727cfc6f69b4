-- What every write leaves behind: idempotency keys, jobs, the audit trail, leases.
CREATE TABLE idempotency_keys (
  account_id TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  fingerprint TEXT COLLATE "C" NOT NULL,
  status INTEGER NOT NULL,
  location TEXT COLLATE "C",
  etag TEXT COLLATE "C",
  reply TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

CREATE TABLE outbox (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  -- What is done in the database waits for nothing that is done outside.
  lane TEXT COLLATE "C" NOT NULL,
  payload TEXT COLLATE "C" NOT NULL,
  run_at BIGINT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  leased_by TEXT COLLATE "C",
  leased_until BIGINT NOT NULL DEFAULT 0,
  parked_at BIGINT,
  last_error TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  CONSTRAINT outbox_lane_check CHECK (lane IN ('inside', 'outside'))
);
CREATE INDEX outbox_due_idx ON outbox (lane, run_at) WHERE parked_at IS NULL;

CREATE TABLE leases (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  holder TEXT COLLATE "C" NOT NULL,
  until_at BIGINT NOT NULL
);

-- Recorded in the effect's transaction, not yet linked.
CREATE TABLE audit_pending (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  chain TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT COLLATE "C",
  action TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C" NOT NULL
);

-- Linked by the one leased linker; never changed after.
CREATE TABLE audit_chain (
  chain TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  entry_id TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT COLLATE "C",
  action TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C" NOT NULL,
  prev_hash TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (chain, seq),
  CONSTRAINT audit_chain_chain_prev_hash_key UNIQUE (chain, prev_hash),
  CONSTRAINT audit_chain_entry_id_key UNIQUE (entry_id)
);
CREATE FUNCTION audit_chain_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_chain_append_only', MESSAGE = 'audit_chain_append_only';
END $$;
CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_chain_append_only();

-- What a transaction changed, for processes that remember what they read; forgotten within the hour. SQLite's server is one process.
CREATE TABLE read_changes (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  process TEXT COLLATE "C" NOT NULL,
  -- The transaction, as the server counts them: whoever has seen all before one need not look at them again.
  xact BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  names TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX read_changes_xact_idx ON read_changes (xact);
CREATE INDEX read_changes_at_idx ON read_changes (at);
