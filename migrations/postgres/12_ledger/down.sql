DROP TABLE postings;
DROP FUNCTION postings_append_only();
