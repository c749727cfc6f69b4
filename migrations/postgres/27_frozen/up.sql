-- What was put to the parties is what they sign: its text and its hash do not change any more, nor what somebody put their name to.
CREATE FUNCTION agreement_versions_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'agreement_versions_frozen', MESSAGE = 'agreement_versions_frozen';
END $$;
CREATE TRIGGER agreement_versions_frozen BEFORE UPDATE OF agreement_id, version_no, clauses, canonical, sha256 ON agreement_versions FOR EACH ROW
  WHEN (OLD.canonical IS NOT NULL
    AND (OLD.agreement_id, OLD.version_no, OLD.clauses, OLD.canonical, OLD.sha256)
      IS DISTINCT FROM (NEW.agreement_id, NEW.version_no, NEW.clauses, NEW.canonical, NEW.sha256))
  EXECUTE FUNCTION agreement_versions_frozen();
CREATE FUNCTION signatures_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'signatures_frozen', MESSAGE = 'signatures_frozen';
END $$;
CREATE TRIGGER signatures_frozen BEFORE UPDATE OF version_id, organisation_id, version_sha256 ON signatures FOR EACH ROW
  WHEN ((OLD.version_id, OLD.organisation_id, OLD.version_sha256) IS DISTINCT FROM (NEW.version_id, NEW.organisation_id, NEW.version_sha256))
  EXECUTE FUNCTION signatures_frozen();
