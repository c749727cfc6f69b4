//! JSON bodies: content type, size, time, UTF-8, depth and duplicate keys are checked here; fields by `kernel::form`.
//!
//! Syntax errors are 400, wrong values 422 with every field named.

use crate::kernel::digest::{canonical_json, sha256_hex};
use crate::kernel::form::{self, Form};
use crate::kernel::{Code, Fault, FieldFault, Outcome};
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::time::Duration;

/// What a JSON route takes.
const JSON: &str = "application/json";
/// Largest JSON body.
pub const MOST_BYTES: usize = 64 * 1024;
/// Largest body of all: a file to be verified, a scan of many pages.
pub const MOST_OF_ANY: usize = 5 * 1024 * 1024;
/// Deepest nesting.
pub const MOST_DEPTH: usize = 32;
/// Most values of a document. A body holds fewer; a file that is read back as an agreement is larger, and eight bytes of it are
/// enough for a value that takes a hundred times as much memory.
const MOST_VALUES: usize = 100_000;
/// The whole body must arrive within this.
pub const BODY_TIME: Duration = Duration::from_secs(10);

/// A JSON document, syntactically sound. An empty body reads as `{}`.
#[derive(Debug)]
pub struct Body(pub Value);

impl Body {
    /// Reads the fields; every fault at once → 422.
    pub fn read<T>(&self, parse: impl for<'a> FnOnce(&mut Form<'a>) -> Option<T>) -> Outcome<T> {
        form::read(&self.0, parse).map_err(Fault::invalid)
    }
}

/// The body of a creating or verb POST with its `Idempotency-Key` and the fingerprint of the request.
#[derive(Debug)]
pub struct Keyed<B> {
    /// The document.
    pub body: B,
    /// The key, 1 to 128 visible characters.
    pub key: String,
    /// SHA-256 over method, path, query and body.
    pub fingerprint: String,
}

/// A JSON body with its key; the fingerprint is over its canonical form.
pub type KeyedBody = Keyed<Body>;

impl<B> Keyed<B> {
    /// With the key of the request; `bytes` is what makes the body the same one.
    pub fn of(request: &HttpRequest, body: B, bytes: impl FnOnce(&B) -> Option<Vec<u8>>) -> Outcome<Self> {
        let key = idempotency_key(request.headers())?;
        let query = match request.query_string() {
            "" => String::new(),
            query => format!("?{query}"),
        };
        let mut all = format!("{}\n{}{query}\n", request.method(), request.path()).into_bytes();
        all.extend(bytes(&body).ok_or_else(|| Fault::from(Code::MalformedBody))?);
        Ok(Self { body, key, fingerprint: sha256_hex(&all) })
    }
}

/// How long a body says it is.
pub fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Collects the bytes of a body: at most `most`, within ten seconds.
pub async fn bytes(headers: &HeaderMap, payload: &mut Payload, most: usize) -> Outcome<BytesMut> {
    if announced(headers).is_some_and(|n| n > most) {
        return Err(too_large(most));
    }
    let collect = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|e| Fault::from(Code::MalformedBody).because(e))?;
            if body.len() + chunk.len() > most {
                return Err(too_large(most));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    tokio::time::timeout(BODY_TIME, collect).await.unwrap_or_else(|_| Err(Fault::from(Code::RequestTimeout)))
}

fn too_large(most: usize) -> Fault {
    Fault::saying(Code::TooLarge, format!("最多 {} KiB。", most / 1024), format!("At most {} KiB.", most / 1024))
}

/// The content type is one of `types` (lower case), in UTF-8.
pub fn is_one_of(headers: &HeaderMap, types: &[&str]) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()) else { return false };
    let mut parts = value.split(';').map(str::trim);
    let known = parts.next().is_some_and(|kind| types.iter().any(|known| kind.eq_ignore_ascii_case(known)));
    known
        && parts.all(|parameter| {
            let parameter = parameter.to_ascii_lowercase();
            !parameter.starts_with("charset") || parameter.trim_start_matches("charset=").trim_matches('"') == "utf-8"
        })
}

async fn document(request: HttpRequest, mut payload: Payload) -> Outcome<Value> {
    let has_type = request.headers().contains_key(CONTENT_TYPE);
    if has_type && !is_one_of(request.headers(), &[JSON]) {
        return Err(Fault::wrong_type(JSON));
    }
    let bytes = bytes(request.headers(), &mut payload, MOST_BYTES).await?;
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    if !has_type {
        return Err(Fault::wrong_type(JSON));
    }
    parse(&bytes)
}

/// Reads JSON strictly: UTF-8 without BOM, no duplicate keys, at most 32 levels and 100,000 values.
pub fn parse(bytes: &[u8]) -> Outcome<Value> {
    let malformed = |en: String| Fault::saying(Code::MalformedBody, "请检查 JSON。", en);
    let text = std::str::from_utf8(bytes).map_err(|e| malformed(format!("Not UTF-8 at byte {}.", e.valid_up_to())))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: 0, values: &Cell::new(0) }.deserialize(&mut reader).map_err(|e| malformed(format!("{e}.")))?;
    reader.end().map_err(|e| malformed(format!("{e}.")))?;
    Ok(value)
}

impl FromRequest for Body {
    type Error = Fault;
    type Future = LocalBoxFuture<'static, Outcome<Self>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { document(request, payload).await.map(Body) })
    }
}

/// `"uuid"` (a structured-field string, as the draft says) or the bare form.
fn idempotency_key(headers: &HeaderMap) -> Outcome<String> {
    let missing = || {
        let (zh, en) = (
            "请带上 Idempotency-Key：1 到 128 个可见的 ASCII 字符，每件事一个。",
            "Send an Idempotency-Key: 1 to 128 visible ASCII characters, another for each deed.",
        );
        Fault::about(Code::IdempotencyKeyMissing, FieldFault::at("Idempotency-Key", "missing", zh, en))
    };
    let mut values = headers.get_all("idempotency-key");
    let (Some(value), None) = (values.next(), values.next()) else { return Err(missing()) };
    let value = value.to_str().map_err(|_| missing())?.trim();
    let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    let sound = (1..=128).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    if sound { Ok(bare.to_owned()) } else { Err(missing()) }
}

impl FromRequest for KeyedBody {
    type Error = Fault;
    type Future = LocalBoxFuture<'static, Outcome<Self>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            idempotency_key(request.headers())?;
            let body = document(request.clone(), payload).await.map(Body)?;
            Keyed::of(&request, body, |body| canonical_json(&body.0).map(String::into_bytes))
        })
    }
}

/// Builds a [`Value`] and refuses duplicate keys, deep nesting and too many values.
struct Strict<'c> {
    depth: usize,
    /// Read so far, of the whole document.
    values: &'c Cell<usize>,
}

impl<'c> Strict<'c> {
    fn deeper<E: de::Error>(&self) -> Result<Strict<'c>, E> {
        if self.depth >= MOST_DEPTH { Err(E::custom("nested too deep")) } else { Ok(Strict { depth: self.depth + 1, values: self.values }) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.values.set(self.values.get() + 1);
        if self.values.get() > MOST_VALUES {
            return Err(de::Error::custom("too many values"));
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;
    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.deeper()?)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            let value = fields.next_value_seed(self.deeper()?)?;
            if map.contains_key(&key) {
                return Err(de::Error::custom(format_args!("{key:?} stands twice in one object")));
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_is_judged_strictly() {
        assert!(parse(br#"{"a": [1, -2, "x", null, true, 1.5]}"#).is_ok());
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        let bad: [&[u8]; 9] =
            [b"{", b"{\"a\":1,\"a\":2}", b"\xff\xfe", b"[1] x", b"\"\\ud800\"", b"\xef\xbb\xbf{}", b"NaN", b"{'a':1}", deep.as_bytes()];
        for bytes in bad {
            assert_eq!(parse(bytes).unwrap_err().code, Code::MalformedBody, "{:?}", String::from_utf8_lossy(bytes));
        }
        assert!(parse(format!("{}{}", "[".repeat(32), "]".repeat(32)).as_bytes()).is_ok());
        // The list is one of them.
        let many = |n: usize| format!("[{}1]", "{},".repeat(n - 2));
        assert!(parse(many(MOST_VALUES).as_bytes()).is_ok());
        assert_eq!(parse(many(MOST_VALUES + 1).as_bytes()).unwrap_err().code, Code::MalformedBody);
    }

    #[test]
    fn a_fingerprint_covers_the_query_and_every_byte() {
        let of = |uri: &str, body: &str| {
            let request = actix_web::test::TestRequest::post().uri(uri).insert_header(("idempotency-key", "k")).to_http_request();
            Keyed::of(&request, body.to_owned(), |body| Some(body.clone().into_bytes())).unwrap().fingerprint
        };
        assert_eq!(of("/x?a=1", "y"), of("/x?a=1", "y"));
        for (uri, body) in [("/x", "y"), ("/x?a=2", "y"), ("/z?a=1", "y"), ("/x?a=1", "y ")] {
            assert_ne!(of("/x?a=1", "y"), of(uri, body), "{uri} {body}");
        }
        let json = |body: &Body| canonical_json(&body.0).map(String::into_bytes);
        let request = actix_web::test::TestRequest::post().uri("/x").insert_header(("idempotency-key", "k")).to_http_request();
        let same = |text: &[u8]| Keyed::of(&request, Body(parse(text).unwrap()), json).unwrap().fingerprint;
        assert_eq!(same(br#"{"a": 1, "b": 2}"#), same(br#"{"b":2,"a":1}"#));
        let without = actix_web::test::TestRequest::post().uri("/x").to_http_request();
        assert_eq!(Keyed::of(&without, Body(Value::Null), json).unwrap_err().code, Code::IdempotencyKeyMissing);
    }

    #[test]
    fn content_types_are_compared_as_types() {
        let mut headers = HeaderMap::new();
        assert!(!is_one_of(&headers, &[JSON]));
        for (text, fits) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json; charset=gbk", false),
            ("application/jsonp", false),
            ("application/yaml", false),
        ] {
            headers.insert(CONTENT_TYPE, text.parse().unwrap());
            assert_eq!(is_one_of(&headers, &[JSON]), fits, "{text}");
        }
    }

    #[test]
    fn keys_come_quoted_or_bare() {
        let mut headers = HeaderMap::new();
        assert!(idempotency_key(&headers).is_err());
        let name = actix_web::http::header::HeaderName::from_static("idempotency-key");
        for (text, key) in [("abc-1", Some("abc-1")), ("\"abc-1\"", Some("abc-1")), ("", None), ("a b", None), ("\"", None)] {
            headers.insert(name.clone(), text.parse().unwrap());
            assert_eq!(idempotency_key(&headers).ok().as_deref(), key, "{text}");
        }
        headers.append(name, "second".parse().unwrap());
        assert!(idempotency_key(&headers).is_err());
    }
}
