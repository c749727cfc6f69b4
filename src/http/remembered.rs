//! Answers that were worked out before, as they went out. A remembered answer is given again while nothing it was made of has
//! changed and no minute has begun that it was not made for; it never feeds a write. `Cache-Control: no-cache` asks anew. Only what
//! everybody may know is remembered: who asks is no part of the question.
//!
//! They are known by path and query as these were sent: whoever asks the same again is answered at the edge ([`super::edge`]), before
//! a turn is waited for, a route looked for and a parameter read. They are packed once for all who take them packed.

use crate::kernel::bounded::Bounded;
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Db;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, ContentEncoding, Encoding, HeaderValue};
use actix_web::http::{Method, Uri};
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use std::io::Write;
use std::sync::{Arc, OnceLock};

/// Most bytes remembered, with what each is known by and what it depends on.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Room for a month of a room, which is asked for most.
const USUAL_BYTES: usize = 64 * 1024;

/// An answer that was worked out, and what makes it good for another time.
#[derive(Debug)]
pub struct Worked {
    json: Bytes,
    names: Vec<String>,
    from: Instant,
    until: Instant,
}

impl Worked {
    /// Writes an answer down. `names`: everything it depends on, as [`crate::store::Changes`] calls it; good from the first moment until
    /// before the other.
    pub fn out(answer: &impl Serialize, names: Vec<String>, (from, until): (Instant, Instant)) -> Outcome<Self> {
        // Grown from nothing, the text of a month would be moved ten times.
        let mut json = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut json, answer).map_err(Fault::internal)?;
        json.shrink_to_fit();
        Ok(Self { json: json.into(), names, from, until })
    }

    /// Bytes it takes to remember it by what was `asked`. It may be packed later, and takes its room a second time at most.
    fn weight(&self, asked: &str) -> usize {
        let names: usize = self.names.iter().map(|name| size_of::<String>() + name.len()).sum();
        size_of::<Known>() + 2 * self.json.len() + names + asked.len()
    }
}

/// An answer that is remembered.
pub(super) struct Known {
    worked: Worked,
    /// Pattern of the route that gave it, once somebody has asked again.
    route: OnceLock<String>,
    /// Moment of [`crate::store::Changes`] before anything was read.
    read_at: u64,
    /// The same packed, once somebody has taken it so.
    gzip: OnceLock<Bytes>,
}

impl Known {
    /// Pattern of the route that gave it.
    pub(super) fn route(&self, request: &ServiceRequest) -> String {
        self.route.get_or_init(|| request.match_pattern().unwrap_or_default()).clone()
    }

    fn pack(&self) -> Outcome<()> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&self.worked.json).map_err(Fault::internal)?;
        // Of two who pack at once one is too late, with the same.
        let _ = self.gzip.set(gzip.finish().map_err(Fault::internal)?.into());
        Ok(())
    }

    /// As it goes out to somebody who takes it `packed`.
    pub(super) async fn reply(self: &Arc<Self>, packed: bool) -> Outcome<HttpResponse> {
        if !packed {
            return Ok(reply(&self.worked.json));
        }
        if self.gzip.get().is_none() {
            let known = self.clone();
            tokio::task::spawn_blocking(move || known.pack()).await.map_err(Fault::internal)??;
        }
        let mut reply = reply(self.gzip.get().unwrap_or(&Bytes::new()));
        reply.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(ContentEncoding::Gzip.as_str()));
        Ok(reply)
    }
}

fn reply(json: &Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(json.clone())
}

/// Whether an answer is to be packed; `None`: whoever asks takes neither.
fn packed(request: &ServiceRequest) -> Option<bool> {
    let Some(accepted) = request.get_header::<AcceptEncoding>() else { return Some(false) };
    let chosen = accepted.negotiate([Encoding::identity(), Encoding::gzip()].iter())?;
    Some(chosen == Encoding::gzip())
}

/// Answers by what was asked.
pub struct Remembered {
    db: Db,
    answers: Bounded<String, Arc<Known>>,
}

/// What was asked, as it was sent.
fn question(uri: &Uri) -> &str {
    uri.path_and_query().map_or("", |asked| asked.as_str())
}

impl Remembered {
    /// Nothing yet. What is remembered is good as long as nothing of it changes in this database.
    pub fn new(db: Db) -> Self {
        Self { db, answers: Bounded::new(MOST_BYTES) }
    }

    /// The answer of the same question, if it is good still and the caller takes it: packed or not.
    pub(super) fn find(&self, request: &ServiceRequest) -> Option<(Arc<Known>, bool)> {
        let known = self.answers.get(question(request.uri()))?;
        let anew = request.headers().get_all(CACHE_CONTROL).filter_map(|value| value.to_str().ok()).any(|value| value.contains("no-cache"));
        let (now, worked) = (self.db.clock().now(), &known.worked);
        let good = worked.from <= now && now < worked.until && self.db.changes().unchanged(&worked.names, known.read_at);
        if request.method() == Method::GET && !anew && good { Some((known, packed(request)?)) } else { None }
    }

    /// Keeps an answer and gives it. `read_at`: the moment of the changes before anything was read.
    pub fn keep(&self, request: &HttpRequest, read_at: u64, worked: Worked) -> HttpResponse {
        let (json, asked) = (worked.json.clone(), question(request.uri()));
        let weight = worked.weight(asked);
        let known = Arc::new(Known { worked, route: OnceLock::new(), read_at, gzip: OnceLock::new() });
        self.answers.keep(asked.to_owned(), weight, known);
        reply(&json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_and_what_it_depends_on_weigh_too() {
        let of = |answer: &str, names: usize| {
            let names = vec!["space_01h455vb4pex5vsknk084sn02q".to_owned(); names];
            Worked::out(&answer, names, (Instant(0), Instant(1))).unwrap()
        };
        let least = of("", 0).weight("");
        assert_eq!(of("", 0).weight(&"q".repeat(4096)) - least, 4096);
        assert!(of("", 100).weight("") - least >= 3200);
        assert_eq!(of(&"x".repeat(1000), 0).weight("") - least, 2000, "itself and what it is packed into");
    }
}
