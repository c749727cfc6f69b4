DROP TABLE suspension_proposal_spaces;
DROP TABLE suspension_proposals;
DROP TABLE usage_acceptances;
DROP TABLE usage_in_force;
DROP TABLE usage_events;
DROP TABLE usage_approvals;
DROP TABLE usage_terms_spaces;
DROP TABLE usage_terms;
