//! The OpenAPI document: made of the routes, completed with what every operation shares, so that no handler repeats it.

use super::routes;
use crate::bookings::http::{PartOfDay, WhenWord};
use crate::bookings::search::Cost;
use crate::http::Problem;
use crate::schedule::http::View;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpResponse, get, web};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Info, License, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Schema, Tag};
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
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
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
    let has_query = parameters.iter().any(|p| p.parameter_in == ParameterIn::Query);
    let has_body = operation.request_body.is_some() || keyed;
    let secured = operation.security.is_some();
    let mut add = |status: &str, text: &str| {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| problem(text));
    };
    if path.contains('{') {
        add("404", "Absent, or none of the caller's business");
    }
    if path.contains('{') || has_query || has_body {
        add("400", "Malformed request");
    }
    if secured {
        add("401", "Not signed in, or the session has ended");
        add("403", "Not permitted");
    }
    if has_query || has_body {
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
    if path.ends_with("step-up") || path.ends_with("me/password") {
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
}

#[get("/openapi.json")]
async fn get_document(document: web::Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document.as_ref())
}

#[get("/docs")]
async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("location", "/docs/")).finish()
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
