DROP TABLE owners_votes;
DROP TABLE pending_signatures;
DROP TABLE agency_consents;
DROP TABLE signing_reminders;
DROP TABLE signing_windows;
