//! Routes, and the import as one call for who has no route.

use super::actions::{apply, import};
use super::model::{Applied, HubFile, Imported};
use super::rules::read_hub;
use super::{queries, yaml};
use crate::access::deeds::ImportHub;
use crate::access::{Caller, Place};
use crate::http::body::{bytes, is_one_of};
use crate::http::{Keyed, Problem, Query, Reply, commit, rehearse};
use crate::kernel::id::AccountId;
use crate::kernel::{Code, Fault, Outcome};
use crate::store::{Db, Tx, phrases};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, post};
use futures_util::future::LocalBoxFuture;

/// Content types of YAML: the registered one (RFC 9512) and those people send.
const TYPES: &[&str] = &["application/yaml", "text/yaml", "application/x-yaml"];
/// The same for `Accept-Post`.
const ACCEPT_POST: &str = "application/yaml, text/yaml, application/x-yaml";

/// The bytes of a hub file.
#[derive(Debug)]
pub struct Yaml(Vec<u8>);

impl FromRequest for Yaml {
    type Error = Fault;
    type Future = LocalBoxFuture<'static, Outcome<Self>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if !is_one_of(request.headers(), TYPES) {
                return Err(Fault::wrong_type(ACCEPT_POST));
            }
            Ok(Yaml(bytes(request.headers(), &mut payload, yaml::MOST_BYTES).await?.to_vec()))
        })
    }
}

/// Reads and checks a hub file against what the database knows; 422 with every fault and its line. Codes are never taken
/// back, so what was known a moment ago still is when the file goes in.
async fn read(db: &Db, bytes: Vec<u8>) -> Outcome<HubFile> {
    db.read(move |tx| {
        let known = queries::known(tx)?;
        read_hub(&bytes, &known).map_err(|errors| {
            let mut fault = Fault::from(Code::HubFileInvalid);
            fault.detail.errors = errors;
            fault
        })
    })
    .await
}

/// Imports a hub file, or tells what importing it would do. For who needs no permission: the command line.
pub async fn run(db: &Db, bytes: Vec<u8>, dry_run: bool, by: Option<AccountId>) -> Outcome<Imported> {
    let file = read(db, bytes).await?;
    let work = move |tx: &mut Tx| import(tx, &file, by.as_ref());
    if dry_run { rehearse(db, work).await } else { db.write(move |tx| work(tx)).await }
}

/// The import of a caller: asked of the permission table for every area it reaches, before a refusal tells anything.
fn permitted(tx: &mut Tx, caller: &Caller<ImportHub>, file: &HubFile) -> Outcome<Imported> {
    phrases::lock_imports(tx)?;
    // Read before anything is applied: no grant of the file may be what permits the file.
    let who = caller.standing(tx)?;
    let applied: Applied = apply(tx, file, Some(caller.account()))?;
    for path in &applied.reach {
        // Areas are public, so a refusal is 403.
        let place = Place { areas: vec![path.clone()], known_to_all: true, ..Place::default() };
        caller.permit_as(who.clone(), &place).map_err(|_| {
            let zh = "您只能导入自己社区里的东西；区、街道、谁代表单位，还有任职人员的姓名和联系方式，请平台管理员导入。";
            Fault::saying(
                Code::Forbidden,
                zh,
                "You may import what lies in your own area; districts, streets, who represents whom, and the names and contacts of whoever holds an office are for the platform administrator.",
            )
        })?;
    }
    if applied.reach.is_empty() {
        caller.permit_as(who, &Place { known_to_all: true, ..Place::default() })?;
    }
    applied.judge()
}

/// Import a hub file
///
/// Areas, households, organisations, people, roles, sites with spaces and prices, and agreements as drafts, from one YAML
/// file (at most 1 MiB). Everything or nothing. The same file again changes nothing; a change of what is signed or what a
/// space is made of refuses the whole file. A price or relocation that a site of the file has no more ends; `ended` names it,
/// and bookings made keep their price. `dry_run=true` tells what would happen and needs no Idempotency-Key. A platform
/// administrator may import anything; a community or a street what lies in its own area.
#[utoipa::path(tag = "hubs", security(("bearer" = [])),
    params(("dry_run" = Option<bool>, Query, description = "Only tell what would happen"),
        ("Idempotency-Key" = Option<String>, Header, description = "Required unless dry_run")),
    request_body(content = String, content_type = "application/yaml"),
    responses((status = 201, body = Imported, headers(("Location" = String))), (status = 200, description = "Dry run", body = Imported),
        (status = 409, description = "The whole file is refused; `errors` says why", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Every fault with its line", body = Problem, content_type = "application/problem+json")))]
#[post("/hub-imports")]
pub async fn post_hub_import(
    db: Data<Db>,
    caller: Caller<ImportHub>,
    query: Query,
    request: HttpRequest,
    yaml: Yaml,
) -> Outcome<HttpResponse> {
    let dry_run = query.dry_run()?;
    if dry_run {
        let file = read(&db, yaml.0).await?;
        let imported = rehearse(&db, move |tx| permitted(tx, &caller, &file)).await?;
        return Ok(Reply::ok(None, &imported)?.into_response());
    }
    let asked = Keyed::of(&request, yaml, |yaml| Some(yaml.0.clone()))?;
    let file = read(&db, asked.body.0).await?;
    let ask = Keyed { body: file, key: asked.key, fingerprint: asked.fingerprint };
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, file| Reply::created("/api/v1/sites", None, &permitted(tx, &caller, file)?)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use actix_web::{ResponseError, rt};

    fn read_body(content_type: &str, length: usize) -> Outcome<Yaml> {
        let (request, mut payload) =
            TestRequest::post().insert_header(("content-type", content_type)).set_payload(vec![b'#'; length]).to_http_parts();
        rt::System::new().block_on(Yaml::from_request(&request, &mut payload))
    }

    #[test]
    fn only_yaml_of_bounded_size_is_taken() {
        for kind in TYPES {
            assert_eq!(read_body(kind, yaml::MOST_BYTES).unwrap().0.len(), yaml::MOST_BYTES, "{kind}");
        }
        assert!(read_body("application/yaml; charset=utf-8", 1).is_ok());
        assert_eq!(read_body("application/yaml", yaml::MOST_BYTES + 1).unwrap_err().code, Code::TooLarge);
        for kind in ["application/json", "application/yaml; charset=gbk", "text/plain", "application/yamlx"] {
            let fault = read_body(kind, 1).unwrap_err();
            assert_eq!(fault.code, Code::UnsupportedMediaType, "{kind}");
            let response = fault.error_response();
            assert_eq!(response.headers().get("accept-post").and_then(|v| v.to_str().ok()), Some(ACCEPT_POST));
        }
        assert_eq!(TYPES.join(", "), ACCEPT_POST);
    }
}
