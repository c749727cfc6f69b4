-- The head of a chain when a day of its area had ended: public, written once.
CREATE TABLE audit_anchors (
  chain TEXT COLLATE "C" NOT NULL,
  day TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  hash TEXT COLLATE "C" NOT NULL,
  written_at BIGINT NOT NULL,
  PRIMARY KEY (chain, day)
);
CREATE INDEX audit_anchors_day_idx ON audit_anchors (day);
CREATE FUNCTION audit_anchors_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_anchors_append_only', MESSAGE = 'audit_anchors_append_only';
END $$;
CREATE TRIGGER audit_anchors_append_only BEFORE UPDATE OR DELETE ON audit_anchors FOR EACH ROW EXECUTE FUNCTION audit_anchors_append_only();

-- What the chain says of one thing; which text or scan a hash belongs to.
CREATE INDEX audit_chain_subject_idx ON audit_chain (subject, seq);
CREATE INDEX agreement_versions_sha256_idx ON agreement_versions (sha256);
CREATE INDEX signatures_evidence_sha256_idx ON signatures (evidence_sha256);
