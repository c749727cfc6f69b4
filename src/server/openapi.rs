//! The OpenAPI document: made of the routes, completed with what every operation shares, so that no handler repeats it.

use super::routes;
use crate::bookings::http::{PartOfDay, WhenWord};
use crate::bookings::search::Cost;
use crate::http::Problem;
use crate::http::query::Plain;
use crate::kernel::Code;
use crate::schedule::http::View;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpResponse, get, web};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Content, HeaderBuilder, Info, License, Object, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Schema, Tag, Type,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

const DESCRIPTION: &str = "共享空间的预订与多方协议。 Shared-space booking inside executable agreements.\n\n\
    Every error is `application/problem+json` with a stable `code`, a Chinese and an English text. Creating requests need an \
    `Idempotency-Key`; a repeated one gets the first reply. Instants are RFC 3339 with offset; money is integer fen; areas are \
    integers of 0.01 m². Lists are read by `cursor`.";

const TAGS: &[(&str, &str)] = &[
    ("people", "Signing in, accounts, notices"),
    ("places", "Areas, sites, spaces, uses, prices"),
    ("agreements", "Versions, signatures, terms in force"),
    ("schedule", "Availability"),
    ("bookings", "Check, book, see, cancel"),
    ("ledger", "What was charged and given back"),
    ("impact", "What a change does to bookings, and what their holders answer"),
    ("hubs", "Hub files"),
    ("operations", "Health"),
];

/// The whole document.
pub fn document() -> OpenApi {
    let (_, mut document) = App::new().into_utoipa_app().configure(routes::all).split_for_parts();
    let mut info = Info::new("Shangliang 商量", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.into());
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".into());
    info.license = Some(license);
    document.info = info;
    document.tags = Some(
        TAGS.iter()
            .map(|(name, text)| {
                let mut tag = Tag::new(*name);
                tag.description = Some((*text).into());
                tag
            })
            .collect(),
    );

    let components = document.components.get_or_insert_default();
    let mut schemas = vec![(Problem::name().into_owned(), problem_schema())];
    Problem::schemas(&mut schemas);
    // Lists that only a query names.
    schemas.push((View::name().into_owned(), View::schema()));
    schemas.push((WhenWord::name().into_owned(), WhenWord::schema()));
    schemas.push((PartOfDay::name().into_owned(), PartOfDay::schema()));
    schemas.push((Cost::name().into_owned(), Cost::schema()));
    components.schemas.extend(schemas);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.security_schemes.insert("bearer".into(), RefOr::T(SecurityScheme::Http(bearer)));

    let mut bodies = Vec::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            bodies.extend(request_schema(operation));
            complete(path, method, operation);
        }
    }
    // A body may hold the documented fields and no others; so may the objects in it.
    if let Some(components) = &mut document.components {
        close(components, bodies);
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", item.get.as_mut()),
        ("put", item.put.as_mut()),
        ("post", item.post.as_mut()),
        ("delete", item.delete.as_mut()),
        ("patch", item.patch.as_mut()),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation?)))
}

fn request_schema(operation: &Operation) -> Option<String> {
    let Some(RefOr::T(body)) = operation.request_body.as_ref() else { return None };
    let Some(RefOr::T(content)) = body.content.get("application/json") else { return None };
    match content.schema.as_ref()? {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    }
}

fn close(components: &mut utoipa::openapi::Components, mut names: Vec<String>) {
    let mut done = std::collections::BTreeSet::new();
    while let Some(name) = names.pop() {
        if !done.insert(name.clone()) {
            continue;
        }
        let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name) else { continue };
        if object.properties.is_empty() {
            continue;
        }
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        let refs = object.properties.values().filter_map(|property| serde_json::to_string(property).ok());
        for text in refs {
            names.extend(text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
}

/// A problem as it is sent: its code is a word of the one table.
fn problem_schema() -> RefOr<Schema> {
    let mut schema = Problem::schema();
    if let RefOr::T(Schema::Object(problem)) = &mut schema
        && let Some(RefOr::T(Schema::Object(code))) = problem.properties.get_mut("code")
    {
        code.enum_values = Some(Code::ALL.iter().map(|code| code.as_str().into()).collect());
    }
    schema
}

fn problem(description: &str) -> RefOr<Response> {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    RefOr::T(ResponseBuilder::new().description(description).content("application/problem+json", content).build())
}

/// Adds the answers an operation shares with its kind: what it takes tells what can be wrong with it.
fn complete(path: &str, method: &str, operation: &mut Operation) {
    let parameters: Vec<&Parameter> =
        operation.parameters.iter().flatten().filter_map(|p| if let RefOr::T(p) = p { Some(p) } else { None }).collect();
    let header =
        |name: &str| parameters.iter().any(|p| p.parameter_in == ParameterIn::Header && p.name == name && p.required == Required::True);
    let (keyed, conditional) = (header("Idempotency-Key"), header("If-Match"));
    let has_body = operation.request_body.is_some() || keyed;
    let secured = operation.security.is_some();
    let mut add = |status: &str, text: &str| {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| problem(text));
    };
    if path.contains('{') {
        add("404", "Absent, or none of the caller's business");
    }
    if path.starts_with("/api/") {
        add("400", "Malformed request");
    }
    if secured {
        add("401", "Not signed in, or the session has ended");
        add("403", "Not permitted");
    }
    // A parameter nobody asked for is wrong everywhere.
    if path.starts_with("/api/") {
        add("422", "Wrong values; `errors` names each");
    }
    if has_body {
        add("408", "The body did not arrive in time");
        add("413", "Body too large");
        add("415", "Wrong content type");
    }
    if keyed {
        add("409", "The rules or the state refuse; `reasons` names each");
        add("404", "Absent, or none of the caller's business");
    }
    if conditional {
        add("409", "The state refuses");
        add("412", "Changed since it was read");
        add("428", "If-Match is missing");
    }
    if ["sign-in", "claims", "first-administrator", "token-refresh"].iter().any(|route| path.ends_with(route)) {
        add("401", "Wrong credentials");
        add("429", "Too many attempts");
    }
    if path.ends_with("notices/reading") || path.ends_with("neighbour-lookups") {
        add("404", "Absent, or none of the caller's business");
    }
    if path.ends_with("me/calendars") && method == "post" {
        add("409", "As many addresses as one may have");
    }
    if path.ends_with("step-up") || path.ends_with("me/password") || path.ends_with("check-in") {
        add("429", "Too many attempts");
    }
    if path.ends_with("me/password") {
        add("409", "The password was changed elsewhere meanwhile");
    }
    if path.ends_with("claim-codes") {
        add("404", "No such account in the desk's area");
        add("409", "The account was claimed already, and nobody said that its password is forgotten");
    }
    if method != "get" || path != "/livez" {
        add("500", "A bug of ours");
        add("503", "Overloaded, or the database does not answer");
    }
    tell_headers(method, operation);
}

/// What an `Idempotency-Key` is, as `http::body` reads it and `http::commit` keeps it.
const KEY: &str = "1 to 128 visible ASCII characters other than `\"` and `\\`, bare or in double quotes: a UUID will do. The reply is \
    remembered for 3 days: the same request with the same key gets it again, and nothing is done twice. The same key with another \
    body, path or query is 422 `idempotency-key-reused`.";

/// Adds the headers that operations share, asked and answered: those `http::etag`, `http::commit` and `http::problem` read and send.
fn tell_headers(method: &str, operation: &mut Operation) {
    let conditional = method == "get" && operation.responses.responses.contains_key("304");
    if conditional {
        let tag = ParameterBuilder::new()
            .name("If-None-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("An `ETag` that was sent before: 304 while it is the present one"))
            .schema(Some(Object::with_type(Type::String)));
        operation.parameters.get_or_insert_default().push(RefOr::T(tag.build()));
    }
    let mut keyed = false;
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        if parameter.parameter_in == ParameterIn::Header && parameter.name == "Idempotency-Key" {
            let own = parameter.description.take().map(|own| format!("{own}. ")).unwrap_or_default();
            parameter.description = Some(format!("{own}{KEY}"));
            keyed = true;
        }
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let mut tell = |name: &str, kind: Type, text: &str| {
            let header = HeaderBuilder::new().schema(Some(Object::with_type(kind))).description(Some(text)).build();
            response.headers.insert(name.to_owned(), RefOr::T(header));
        };
        match status.as_str() {
            "200" | "304" if conditional => tell("ETag", Type::String, "The tag of what is shown"),
            "201" => {
                tell("Location", Type::String, "Where it is");
                if keyed {
                    tell("Idempotency-Replayed", Type::String, "`true` where it was done before and this is the first reply again");
                }
            }
            "401" => tell("WWW-Authenticate", Type::String, "`Bearer` with its realm"),
            "429" | "503" => tell("Retry-After", Type::Integer, "Seconds to wait before trying again"),
            _ => {}
        }
    }
}

#[get("/openapi.json")]
async fn get_document(document: web::Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document.as_ref())
}

#[get("/docs")]
async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("location", "/docs/")).finish()
}

/// The operations of the document that take no parameter.
pub fn plain(document: &OpenApi) -> Plain {
    Plain::of(document.paths.paths.iter().filter(|(path, _)| path.starts_with("/api/")).flat_map(|(path, item)| {
        let operations = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("DELETE", &item.delete)];
        let taken = |operation: &Operation| {
            operation.parameters.iter().flatten().any(|p| matches!(p, RefOr::T(p) if p.parameter_in == ParameterIn::Query))
        };
        operations
            .into_iter()
            .filter(move |(_, operation)| operation.as_ref().is_some_and(|operation| !taken(operation)))
            .map(|(method, _)| (method.to_owned(), path.clone()))
    }))
}

/// The document and the explorer.
pub fn explorer(cfg: &mut ServiceConfig) {
    let config = utoipa_swagger_ui::Config::from("/openapi.json");
    cfg.service(get_document).service(to_docs).service(SwaggerUi::new("/docs/{_:.*}").config(config));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_told_where_they_are_sent() {
        let whole = serde_json::to_value(document()).unwrap();
        let told = |path: &str, method: &str, status: &str| -> Vec<String> {
            let headers = &whole["paths"][path][method]["responses"][status]["headers"];
            headers.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
        };
        for (path, method, status, headers) in [
            ("/api/v1/bookings/{id}", "get", "200", vec!["ETag"]),
            ("/api/v1/bookings/{id}", "get", "401", vec!["WWW-Authenticate"]),
            ("/api/v1/me/notice-settings", "get", "304", vec!["ETag"]),
            ("/api/v1/bookings", "post", "201", vec!["Idempotency-Replayed", "Location"]),
            ("/api/v1/hub-imports", "post", "201", vec!["Idempotency-Replayed", "Location"]),
            ("/api/v1/bookings/{id}/check-in", "post", "429", vec!["Retry-After"]),
            ("/readyz", "get", "503", vec!["Retry-After"]),
            ("/api/v1/sites", "get", "200", vec![]),
        ] {
            assert_eq!(told(path, method, status), headers, "{method} {path} {status}");
        }
        let parameter = |path: &str, method: &str, name: &str| {
            let all = whole["paths"][path][method]["parameters"].as_array().unwrap();
            all.iter().find(|one| one["name"] == name).cloned().unwrap()
        };
        assert_eq!(parameter("/api/v1/bookings/{id}", "get", "If-None-Match")["required"], false);
        for path in ["/api/v1/bookings", "/api/v1/hub-imports"] {
            assert!(parameter(path, "post", "Idempotency-Key")["description"].as_str().unwrap().ends_with(KEY), "{path}");
        }
        let codes = &whole["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
        assert_eq!(codes.as_array().map(Vec::len), Some(Code::ALL.len()));
    }

    #[test]
    fn the_document_names_nothing_that_is_not_in_it_and_words_as_they_are_sent() {
        let text = serde_json::to_string(&document()).unwrap();
        let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
        let schemas = whole["components"]["schemas"].as_object().unwrap();
        for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(schemas.contains_key(name), "{name}");
        }
        for (name, schema) in schemas {
            for word in schema["enum"].as_array().into_iter().flatten() {
                assert!(word.as_str().unwrap().chars().all(|c| c.is_ascii_lowercase() || "-_".contains(c)), "{name}: {word}");
            }
        }
    }
}
