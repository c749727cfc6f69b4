DROP INDEX signatures_evidence_sha256_idx;
DROP INDEX agreement_versions_sha256_idx;
DROP INDEX audit_chain_subject_idx;
DROP TABLE audit_anchors;
DROP FUNCTION audit_anchors_append_only();
