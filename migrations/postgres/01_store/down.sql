DROP TABLE read_changes;
DROP TABLE audit_chain;
DROP TABLE audit_pending;
DROP TABLE leases;
DROP TABLE outbox;
DROP TABLE idempotency_keys;
DROP FUNCTION audit_chain_append_only();
