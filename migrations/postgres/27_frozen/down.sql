DROP TRIGGER signatures_frozen ON signatures;
DROP FUNCTION signatures_frozen();
DROP TRIGGER agreement_versions_frozen ON agreement_versions;
DROP FUNCTION agreement_versions_frozen();
