//! Query strings, read by the same forms as bodies: unknown or wrong parameters are 422 with their name, a parameter that
//! stands twice is 400 (there is no right one of the two).

use crate::kernel::form::{self, Form, Spot};
use crate::kernel::{Code, Fault, FieldFault, Outcome};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::future::{Ready, ready};
use std::ops::RangeInclusive;

/// The parameters, as an object of texts.
#[derive(Debug)]
pub struct Query(Value);

impl Query {
    /// Reads the parameters.
    pub fn read<T>(&self, parse: impl for<'a> FnOnce(&mut Form<'a>) -> Option<T>) -> Outcome<T> {
        form::read(&self.0, parse).map_err(|errors| {
            // A parameter has a name, not a pointer.
            let errors = errors.into_iter().map(|e| FieldFault { pointer: e.pointer.trim_start_matches('/').to_owned(), ..e }).collect();
            Fault::invalid(errors)
        })
    }

    /// Whether only to tell what would happen: `dry_run=true`, the one parameter of such a route.
    pub fn dry_run(&self) -> Outcome<bool> {
        Ok(self.read(|form| Some(form.may("dry_run", flag)))?.unwrap_or(false))
    }

    fn of(request: &HttpRequest) -> Outcome<Query> {
        // A plus means a plus (RFC 3986): `at=2026-11-28T14:00:00+08:00` is what people type, and no value of ours has spaces.
        let text = &request.query_string().replace('+', "%2B");
        // `serde_urlencoded` replaces broken escapes and bytes; a parameter must mean what was sent.
        let sound = percent_encoding::percent_decode_str(text).decode_utf8().is_ok();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(|e| Fault::from(Code::MalformedRequest).because(e))?;
        let mut map = Map::new();
        for (name, value) in pairs {
            if map.insert(name, Value::String(value)).is_some() {
                return Err(Fault::saying(Code::MalformedRequest, "同一个参数写了两次。", "A parameter stands twice."));
            }
        }
        if sound { Ok(Query(Value::Object(map))) } else { Err(Fault::from(Code::MalformedRequest)) }
    }
}

/// The operations that take no parameter, as `GET /api/v1/uses`.
pub struct Plain(HashSet<(String, String)>);

impl Plain {
    /// Of method and route pattern each.
    pub fn of(operations: impl Iterator<Item = (String, String)>) -> Self {
        Self(operations.collect())
    }
}

/// A parameter of an operation that takes none is unknown too: whoever sends `dry_run=true` where nothing can be tried must not find
/// it done.
pub fn refuse_unasked(request: &ServiceRequest, route: &str) -> Outcome<()> {
    let plain = request.app_data::<Data<Plain>>().is_some_and(|plain| plain.0.contains(&(request.method().to_string(), route.to_owned())));
    if plain { Query::of(request.request())?.read(|_| Some(())) } else { Ok(()) }
}

impl FromRequest for Query {
    type Error = Fault;
    type Future = Ready<Outcome<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Query::of(request))
    }
}

/// An integer written as text.
pub fn int<'a>(range: RangeInclusive<i64>) -> impl Fn(&Spot<'a>) -> Option<i64> {
    move |spot| {
        let (least, most) = (range.start(), range.end());
        let number = spot.value.as_str().filter(|t| t.len() <= 19).and_then(|t| t.parse::<i64>().ok());
        match number {
            Some(n) if range.contains(&n) => Some(n),
            Some(_) => spot.fault("out-of-range", format!("应在 {least} 到 {most} 之间。"), format!("Must be {least} to {most}.")),
            None => spot.fault("wrong-type", "应为整数。", "Must be an integer."),
        }
    }
}

/// `true` or `false`.
pub fn flag(spot: &Spot) -> Option<bool> {
    match spot.value.as_str() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => spot.fault("unknown-word", "只能是 true 或 false。", "Must be true or false."),
    }
}
