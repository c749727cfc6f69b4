-- Compiled clauses: what binds a space at an instant is one indexed query.
CREATE TABLE terms (
  space_id TEXT NOT NULL REFERENCES spaces (id),
  version_id TEXT NOT NULL REFERENCES agreement_versions (id),
  clause TEXT NOT NULL,
  origin TEXT NOT NULL,
  agreement_id TEXT NOT NULL REFERENCES agreements (id),
  agreement_code TEXT NOT NULL,
  version_no INTEGER NOT NULL,
  kind TEXT NOT NULL,
  judges INTEGER NOT NULL,
  relation TEXT NOT NULL,
  exception INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  payload TEXT NOT NULL,
  text_zh TEXT NOT NULL,
  text_en TEXT,
  PRIMARY KEY (space_id, version_id, clause, origin)
) STRICT;
CREATE INDEX terms_space_id_judges_idx ON terms (space_id, judges, to_at, from_at);
CREATE INDEX terms_agreement_id_idx ON terms (agreement_id, to_at);
CREATE INDEX terms_version_id_idx ON terms (version_id);
