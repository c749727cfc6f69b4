//! What is wrong with an address that a route matches: an id of another kind, a version that is no number.

use crate::kernel::{Code, Fault, FieldFault};
use actix_web::HttpRequest;
use actix_web::error::PathError;

/// A 400 that names the part of the address.
pub fn malformed(error: &PathError, request: &HttpRequest) -> Fault {
    let parts = || request.match_info().iter();
    // `kernel::id` says which kind was wanted.
    let said = error.to_string();
    let kind = said.rsplit_once("starting with ").map(|(_, prefix)| prefix.trim_end_matches(['.', '_']));
    let (name, fault) = match kind {
        Some(kind) => {
            let other = |value: &str| !value.strip_prefix(kind).is_some_and(|rest| rest.starts_with('_') && rest.len() == 27);
            let name = parts().find(|(name, _)| *name == kind).or_else(|| parts().find(|(_, value)| other(value))).map(|(name, _)| name);
            (name, ("wrong-id", format!("应为 {kind}_ 开头的编号。"), format!("Must be an id starting with {kind}_.")))
        }
        None => {
            let name = parts().find(|(_, value)| !value.contains('_') && value.parse::<i32>().is_err()).map(|(name, _)| name);
            (name, ("wrong-type", "应为整数。".to_owned(), "Must be an integer.".to_owned()))
        }
    };
    let (code, zh, en) = fault;
    Fault::about(Code::MalformedRequest, FieldFault::at(name.unwrap_or_default(), code, zh, en))
}
