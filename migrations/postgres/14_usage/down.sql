DROP TABLE usage_acceptances;
DROP TABLE usage_in_force;
DROP TABLE usage_events;
DROP TABLE usage_approvals;
DROP TABLE usage_terms_spaces;
DROP TABLE usage_terms;
DROP FUNCTION usage_events_append_only();
DROP FUNCTION usage_acceptances_append_only();
