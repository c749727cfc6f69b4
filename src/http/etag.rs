//! Preconditions (RFC 9110 section 13). A strong tag is the revision of the thing, `"r3"`; where that does not count everything that
//! is shown, the hash of the answer.

use crate::kernel::digest::sha256_hex;
use crate::kernel::{Code, Fault, FieldFault, Outcome};
use actix_web::body::MessageBody;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_DISPOSITION, ETAG, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use std::future::{Ready, ready};

/// The strong tag of a revision.
pub fn of_revision(revision: i32) -> String {
    format!("\"r{revision}\"")
}

/// The strong tag of an answer itself, by the JSON it is sent as.
pub fn of_answer(json: &str) -> String {
    format!("\"{}\"", sha256_hex(json.as_bytes()))
}

/// `If-Match`, required on PUT, PATCH and DELETE.
#[derive(Debug, Clone)]
pub struct IfMatch(Vec<String>);

impl IfMatch {
    /// 412 unless one of the tags (or `*`) is the present one. A weak tag never matches.
    pub fn check(&self, present: &str) -> Outcome<()> {
        if self.0.iter().any(|tag| tag == "*" || tag == present) { Ok(()) } else { Err(Code::PreconditionFailed.into()) }
    }
}

fn tags(request: &HttpRequest, name: actix_web::http::header::HeaderName) -> Vec<String> {
    let values = request.headers().get_all(name).filter_map(|v| v.to_str().ok());
    values.flat_map(|v| v.split(',')).map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect()
}

fn missing() -> Fault {
    let (zh, en) = ("请带上读到的 ETag。", "Send the ETag that was read.");
    Fault::about(Code::PreconditionRequired, FieldFault::at("If-Match", "missing", zh, en))
}

impl FromRequest for IfMatch {
    type Error = Fault;
    type Future = Ready<Outcome<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let tags = tags(request, IF_MATCH);
        ready(if tags.is_empty() { Err(missing()) } else { Ok(IfMatch(tags)) })
    }
}

/// The same for a file of any type, with the name it is to be saved under.
pub fn show_bytes(request: &HttpRequest, tag: &str, kind: &str, bytes: impl MessageBody + 'static, disposition: &str) -> HttpResponse {
    unless_known(request, tag, |answer| answer.content_type(kind).insert_header((CONTENT_DISPOSITION, disposition)).body(bytes))
}

fn is_known(request: &HttpRequest, tag: &str) -> bool {
    tags(request, IF_NONE_MATCH).iter().any(|have| have == "*" || have.trim_start_matches("W/") == tag)
}

/// A GET's answer, tagged by itself; 304 when the caller has it already.
pub fn show_answer(request: &HttpRequest, body: &impl Serialize) -> Outcome<HttpResponse> {
    let json = serde_json::to_string(body).map_err(Fault::internal)?;
    Ok(show_json(request, &of_answer(&json), json))
}

/// The same of one that is written already.
pub fn show_json(request: &HttpRequest, tag: &str, json: String) -> HttpResponse {
    unless_known(request, tag, |answer| answer.content_type("application/json").body(json))
}

/// A GET's answer with its tag; 304 when the caller has it already.
pub fn show(request: &HttpRequest, tag: &str, body: &impl Serialize) -> HttpResponse {
    unless_known(request, tag, |answer| answer.json(body))
}

fn unless_known(request: &HttpRequest, tag: &str, say: impl FnOnce(&mut HttpResponseBuilder) -> HttpResponse) -> HttpResponse {
    if is_known(request, tag) {
        HttpResponse::NotModified().insert_header((ETAG, tag)).finish()
    } else {
        say(HttpResponse::Ok().insert_header((ETAG, tag)))
    }
}
