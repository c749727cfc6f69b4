//! The canonical bytes of a version, read back: what a file must be to be one.

use crate::http::body;
use crate::kernel::digest::{canonical_json, sha256_hex};
use crate::kernel::form;
use crate::kernel::{Fault, FieldFault};
use crate::terms::model::Clause;

/// What the canonical bytes say.
#[derive(Debug, Clone, PartialEq)]
pub struct Signed {
    /// Natural code of the agreement.
    pub agreement: String,
    /// Title.
    pub title_zh: String,
    /// Number of the version.
    pub version: i32,
    /// Codes of the sites.
    pub sites: Vec<String>,
    /// Clauses in order.
    pub clauses: Vec<Clause>,
    /// SHA-256 of the bytes.
    pub sha256: String,
}

/// Why bytes are no canonical agreement.
#[derive(Debug)]
pub enum Unreadable {
    /// No JSON, or JSON with a key twice.
    NotJson(Fault),
    /// JSON, but no agreement of this program's.
    NotAnAgreement(Vec<FieldFault>),
    /// An agreement whose bytes are not in canonical form (RFC 8785): it was written anew by another program. With the hash
    /// the same content has in canonical form.
    NotCanonical {
        /// SHA-256 of the canonical form.
        sha256: String,
    },
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unreadable::NotJson(fault) => write!(f, "it is no JSON: {fault}"),
            Unreadable::NotAnAgreement(faults) => {
                write!(f, "it is no agreement of this program:")?;
                faults.iter().take(5).try_for_each(|fault| write!(f, " {} {}", fault.pointer, fault.en))
            }
            Unreadable::NotCanonical { sha256 } => {
                write!(f, "its bytes were written anew (not RFC 8785); the same content in canonical form has SHA-256 {sha256}")
            }
        }
    }
}

/// Reads canonical bytes; nothing but canonical bytes.
pub fn read(bytes: &[u8]) -> Result<Signed, Unreadable> {
    let document = body::parse(bytes).map_err(Unreadable::NotJson)?;
    let sha256 = sha256_hex(bytes);
    let signed = form::read(&document, |form| {
        form.need("v", form::int(1..=1));
        let agreement = form.need("agreement", form::code);
        let title_zh = form.need("title_zh", form::line(80));
        let version = form.need("version", form::int(1..=i64::from(i32::MAX)));
        let sites = form.need("sites", form::list(0..=usize::MAX, form::code));
        let clauses = form.need("clauses", form::list(0..=usize::MAX, Clause::read));
        let version = i32::try_from(version?).ok();
        Some(Signed { agreement: agreement?, title_zh: title_zh?, version: version?, sites: sites?, clauses: clauses?, sha256 })
    })
    .map_err(Unreadable::NotAnAgreement)?;
    match canonical_json(&document) {
        Some(canonical) if canonical.as_bytes() == bytes => Ok(signed),
        canonical => Err(Unreadable::NotCanonical { sha256: sha256_hex(canonical.unwrap_or_default().as_bytes()) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreements::model::Agreement;
    use crate::agreements::rules::document;
    use crate::kernel::id::{AgreementId, AreaId, Id};
    use serde_json::json;

    fn signed() -> (String, String) {
        let agreement = Agreement {
            id: AgreementId::fresh(),
            code: "yuxin".into(),
            area: AreaId::fresh(),
            area_path: String::new(),
            title_zh: "共建协议".into(),
            title_en: None,
            sites: vec![],
        };
        let clause = json!({"c": {"id": "c", "kind": "capacity", "text_zh": "五人", "text_en": "five", "payload": {"persons": 5}}});
        let clause = form::read(&clause, |form| form.need("c", Clause::read)).unwrap();
        document(&agreement, &["yuxin-centre".into()], 3, &[clause]).unwrap()
    }

    #[test]
    fn what_was_signed_reads_back_and_nothing_else_does() {
        let (canonical, sha256) = signed();
        let read_back = read(canonical.as_bytes()).unwrap();
        assert_eq!((read_back.agreement.as_str(), read_back.version, read_back.clauses.len()), ("yuxin", 3, 1));
        assert_eq!(read_back.sha256, sha256);

        // Written anew with spaces: another file, the same content.
        let value: serde_json::Value = serde_json::from_str(&canonical).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let Err(Unreadable::NotCanonical { sha256: same }) = read(pretty.as_bytes()) else { panic!("taken") };
        assert_eq!(same, sha256);
        assert!(matches!(read(format!("{canonical}\n").as_bytes()), Err(Unreadable::NotCanonical { .. })));
        for (bytes, json) in [("", false), ("{", false), ("{\"v\":1}", true), ("[]", true), ("{\"v\":1,\"v\":1}", false)] {
            match read(bytes.as_bytes()) {
                Err(Unreadable::NotJson(_)) => assert!(!json, "{bytes}"),
                Err(Unreadable::NotAnAgreement(_)) => assert!(json, "{bytes}"),
                other => panic!("{bytes}: {other:?}"),
            }
        }
        // One letter of the text makes another hash.
        assert_ne!(read(canonical.replace("五人", "六人").as_bytes()).unwrap().sha256, sha256);
    }
}
