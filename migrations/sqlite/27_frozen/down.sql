DROP TRIGGER signatures_frozen;
DROP TRIGGER agreement_versions_frozen;
