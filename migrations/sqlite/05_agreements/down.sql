DROP TABLE version_effects;
DROP TABLE declines;
DROP TABLE signatures;
DROP TABLE version_parties;
DROP TABLE version_events;
DROP TABLE agreement_versions;
DROP TABLE agreement_sites;
DROP TABLE agreements;
