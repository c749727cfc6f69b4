-- The head of a chain when a day of its area had ended: public, written once.
CREATE TABLE audit_anchors (
  chain TEXT NOT NULL,
  day TEXT NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  written_at INTEGER NOT NULL,
  PRIMARY KEY (chain, day)
) STRICT;
CREATE INDEX audit_anchors_day_idx ON audit_anchors (day);
CREATE TRIGGER audit_anchors_append_only_update BEFORE UPDATE ON audit_anchors
BEGIN
  SELECT RAISE(ABORT, 'audit_anchors_append_only');
END;
CREATE TRIGGER audit_anchors_append_only_delete BEFORE DELETE ON audit_anchors
BEGIN
  SELECT RAISE(ABORT, 'audit_anchors_append_only');
END;

-- What the chain says of one thing; which text or scan a hash belongs to.
CREATE INDEX audit_chain_subject_idx ON audit_chain (subject, seq);
CREATE INDEX agreement_versions_sha256_idx ON agreement_versions (sha256);
CREATE INDEX signatures_evidence_sha256_idx ON signatures (evidence_sha256);
