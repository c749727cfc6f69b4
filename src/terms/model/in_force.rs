//! A compiled clause as it binds one space.

use super::clause::{ClauseKind, Payload};
use crate::kernel::id::{AgreementId, VersionId};
use crate::kernel::{Instant, Period, Reason};
use crate::words;

words! {
    /// Why a clause binds a space.
    pub enum Relation {
        /// The clause names the space (or the whole agreement).
        Own = "own",
        /// The clause names a hall the space is part of.
        Whole = "whole",
        /// The clause names a part of the space.
        Part = "part",
    }
}

/// One clause as it binds one space over one stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct TermInForce {
    /// Agreement.
    pub agreement: AgreementId,
    /// Its natural code, for refusals.
    pub agreement_code: String,
    /// Version.
    pub version: VersionId,
    /// Its number, from 1.
    pub version_no: i32,
    /// Clause id inside the version.
    pub clause: String,
    /// Kind.
    pub kind: ClauseKind,
    /// Clauses of one agreement, kind and origin replace each other (exception before base); different origins combine.
    pub origin: String,
    /// Why it binds this space.
    pub relation: Relation,
    /// An exception, not a base clause.
    pub exception: bool,
    /// First moment it binds.
    pub from: Instant,
    /// First moment it no longer binds.
    pub to: Instant,
    /// What it does.
    pub payload: Payload,
}

impl TermInForce {
    /// It binds at that moment.
    pub fn binds_at(&self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }
    /// The stretch it binds over.
    pub fn period(&self) -> Option<Period> {
        Period::new(self.from, self.to)
    }
    /// A refusal that names this clause.
    pub fn reason(&self, code: &str, zh: impl Into<String>, en: impl Into<String>) -> Reason {
        Reason {
            clause: Some(self.clause.clone()),
            agreement: Some(self.agreement_code.clone()),
            version: Some(self.version_no),
            ..Reason::plain(code, zh, en)
        }
    }
}
