-- Compiled clauses: what binds a space at an instant is one indexed query.
CREATE TABLE terms (
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  clause TEXT COLLATE "C" NOT NULL,
  origin TEXT COLLATE "C" NOT NULL,
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
  agreement_code TEXT COLLATE "C" NOT NULL,
  version_no INTEGER NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  judges BOOLEAN NOT NULL,
  relation TEXT COLLATE "C" NOT NULL,
  exception BOOLEAN NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  payload TEXT COLLATE "C" NOT NULL,
  text_zh TEXT COLLATE "C" NOT NULL,
  text_en TEXT COLLATE "C",
  PRIMARY KEY (space_id, version_id, clause, origin)
);
CREATE INDEX terms_space_id_judges_idx ON terms (space_id, judges, to_at, from_at);
CREATE INDEX terms_agreement_id_idx ON terms (agreement_id, to_at);
CREATE INDEX terms_version_id_idx ON terms (version_id);
