-- What was put to the parties is what they sign: its text and its hash do not change any more, nor what somebody put their name to.
CREATE TRIGGER agreement_versions_frozen BEFORE UPDATE OF agreement_id, version_no, clauses, canonical, sha256 ON agreement_versions
WHEN OLD.canonical IS NOT NULL
  AND (OLD.agreement_id, OLD.version_no, OLD.clauses, OLD.canonical, OLD.sha256)
    IS NOT (NEW.agreement_id, NEW.version_no, NEW.clauses, NEW.canonical, NEW.sha256)
BEGIN
  SELECT RAISE(ABORT, 'agreement_versions_frozen');
END;
CREATE TRIGGER signatures_frozen BEFORE UPDATE OF version_id, organisation_id, version_sha256 ON signatures
WHEN (OLD.version_id, OLD.organisation_id, OLD.version_sha256) IS NOT (NEW.version_id, NEW.organisation_id, NEW.version_sha256)
BEGIN
  SELECT RAISE(ABORT, 'signatures_frozen');
END;
