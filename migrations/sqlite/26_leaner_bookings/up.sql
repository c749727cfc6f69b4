-- Every booking writes to these: a table that is its own key is one tree instead of two.
CREATE TABLE lean_occupancy (
  atom_id TEXT NOT NULL REFERENCES atoms (id),
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  claimant TEXT NOT NULL,
  CONSTRAINT occupancy_period_check CHECK (starts_at < ends_at),
  PRIMARY KEY (atom_id, starts_at, claimant)
) STRICT, WITHOUT ROWID;
INSERT INTO lean_occupancy SELECT atom_id, starts_at, ends_at, claimant FROM occupancy ORDER BY atom_id, starts_at, claimant;
DROP TABLE occupancy;
ALTER TABLE lean_occupancy RENAME TO occupancy;
CREATE INDEX occupancy_claimant_idx ON occupancy (claimant);
-- Written as "the last start before my end still running": free, where a plain EXISTS is five times slower on a busy room.
CREATE TRIGGER occupancy_no_overlap BEFORE INSERT ON occupancy
WHEN COALESCE((SELECT o.ends_at FROM occupancy o WHERE o.atom_id = NEW.atom_id AND o.starts_at < NEW.ends_at
               ORDER BY o.starts_at DESC LIMIT 1), NEW.starts_at) > NEW.starts_at
BEGIN
  SELECT RAISE(ABORT, 'occupancy_no_overlap');
END;
CREATE TRIGGER occupancy_immutable BEFORE UPDATE ON occupancy
BEGIN
  SELECT RAISE(ABORT, 'occupancy_immutable');
END;

CREATE TABLE lean_outbox (
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
) STRICT, WITHOUT ROWID;
INSERT INTO lean_outbox
SELECT id, kind, lane, payload, run_at, attempts, leased_by, leased_until, parked_at, last_error, created_at FROM outbox ORDER BY id;
DROP TABLE outbox;
ALTER TABLE lean_outbox RENAME TO outbox;
CREATE INDEX outbox_due_idx ON outbox (lane, run_at) WHERE parked_at IS NULL;

CREATE TABLE lean_audit_pending (
  id TEXT NOT NULL PRIMARY KEY,
  chain TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO lean_audit_pending SELECT id, chain, at, actor, action, subject, detail FROM audit_pending ORDER BY id;
DROP TABLE audit_pending;
ALTER TABLE lean_audit_pending RENAME TO audit_pending;

-- Most bookings are a household's.
DROP INDEX bookings_organisation_id_starts_at_idx;
CREATE INDEX bookings_organisation_id_starts_at_idx ON bookings (organisation_id, starts_at, id) WHERE organisation_id IS NOT NULL;
