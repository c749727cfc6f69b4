DROP TABLE agreement_events;
DROP TABLE withdrawal_spaces;
DROP TABLE withdrawals;
DROP TABLE terminations;
DROP TABLE suspension_spaces;
DROP TABLE suspensions;
