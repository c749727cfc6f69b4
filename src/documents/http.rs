//! Routes: the paper of a version, its canonical bytes, and whose a file is.

use super::model::Known;
use super::queries;
use super::rules::{Unreadable, canonical, page, style_hash};
use crate::access::Caller;
use crate::access::deeds::SeeAgreement;
use crate::agreements::http::{found, found_version, insight};
use crate::agreements::model::{Effect, Shared, Version, VersionState};
use crate::agreements::queries as agreements;
use crate::http::body::{self, Body};
use crate::http::etag;
use crate::kernel::digest::sha256_hex;
use crate::kernel::form;
use crate::kernel::id::{AgreementId, VersionId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::store::{Db, Tx};
use crate::words;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::web::{BytesMut, Data, Json, Path};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use utoipa::ToSchema;

/// The version, for one who may see it; and whether the negotiation may be seen too.
fn seen(
    tx: &mut Tx,
    caller: Option<&Caller<SeeAgreement>>,
    id: &AgreementId,
    no: i32,
) -> Outcome<(crate::agreements::model::Agreement, Version)> {
    let (agreement, shared, version) = found_version(tx, id, no)?;
    let inside = insight(tx, caller, &shared)?;
    if inside || version.state == VersionState::Agreed { Ok((agreement, version)) } else { Err(Code::NotFound.into()) }
}

/// The caller acts for a party of the version.
fn acts_for_a_party(tx: &mut Tx, caller: Option<&Caller<SeeAgreement>>, version: &Version) -> Outcome<bool> {
    let Some(caller) = caller else { return Ok(false) };
    let who = caller.standing(tx)?;
    let parties = agreements::parties(tx, &version.id)?;
    Ok(parties.iter().any(|party| {
        who.represents.iter().any(|r| r.organisation == party.organisation)
            || who.grants.iter().any(|grant| grant.organisation.as_ref() == Some(&party.organisation))
    }))
}

/// A version as a paper
///
/// An HTML page in Chinese to read, print (A4) and file: the clauses in their binding text with what each does, and the
/// completion certificate. Drafts and versions that are not agreed are marked 未签署, for those who may see them. Names of
/// representatives are in full for the parties only.
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path)),
    responses((status = 200, body = String, content_type = "text/html")))]
#[get("/agreements/{id}/versions/{no}/document")]
pub async fn get_document(db: Data<Db>, request: HttpRequest, path: Path<(AgreementId, i32)>) -> Outcome<HttpResponse> {
    let caller = Caller::<SeeAgreement>::maybe(&request)?;
    let (id, no) = path.into_inner();
    let paper = db
        .read(move |tx| {
            let (agreement, version) = seen(tx, caller.as_ref(), &id, no)?;
            let full_names = acts_for_a_party(tx, caller.as_ref(), &version)?;
            let now = tx.now();
            queries::paper(tx, &agreement, &version, full_names, now)
        })
        .await?;
    // Of its own: this very style, and no script at all.
    let policy = format!("default-src 'none'; style-src '{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", style_hash());
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{}-v{}.html\"", paper.agreement, paper.version)))
        .body(page(&paper)))
}

/// The canonical bytes of a version
///
/// The very bytes the parties sign (RFC 8785): their SHA-256 is the version's `sha256`. Of a draft there are none yet (409).
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path)),
    responses((status = 200, body = Object), (status = 304),
        (status = 409, description = "A draft is not frozen yet", body = crate::http::Problem, content_type = "application/problem+json")))]
#[get("/agreements/{id}/versions/{no}/canonical")]
pub async fn get_canonical(db: Data<Db>, request: HttpRequest, path: Path<(AgreementId, i32)>) -> Outcome<HttpResponse> {
    let caller = Caller::<SeeAgreement>::maybe(&request)?;
    let (id, no) = path.into_inner();
    let (agreement, version) = db.read(move |tx| seen(tx, caller.as_ref(), &id, no)).await?;
    let (Some(bytes), Some(sha256)) = (version.canonical, version.sha256) else {
        return Err(Fault::saying(
            Code::StateConflict,
            "草稿还没有定稿，没有可核对的原文。",
            "A draft is not frozen yet; there are no bytes to verify.",
        ));
    };
    let name = format!("attachment; filename=\"{}-v{}.json\"", agreement.code, version.no);
    Ok(etag::show_bytes(&request, &format!("\"{sha256}\""), "application/json", bytes, &name))
}

words! {
    /// What a file or hash turned out to be.
    pub enum Match {
        /// The text of a version, to the byte.
        Text = "text",
        /// The same content, written anew by another program: not the signed bytes.
        SameContent = "same_content",
        /// The scan of a paper signature.
        Scan = "scan",
        /// Nothing that is known here.
        Unknown = "unknown",
    }
}

/// Whose a file or hash is.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerificationOfFile {
    /// SHA-256 of what was sent.
    sha256: String,
    #[serde(rename = "match")]
    #[schema(rename = "match")]
    matched: Match,
    agreement_id: Option<AgreementId>,
    /// Natural code of the agreement.
    agreement: Option<String>,
    title_zh: Option<String>,
    version: Option<i32>,
    version_id: Option<VersionId>,
    state: Option<VersionState>,
    /// All parties have signed these very bytes.
    signed: bool,
    /// Where the version stands now.
    effect: Option<Effect>,
    /// It governs now.
    in_force: bool,
    agreed_at: Option<Instant>,
    /// Of a scan: for whom it was recorded.
    party_zh: Option<String>,
    zh: String,
    en: String,
}

impl VerificationOfFile {
    fn unknown(sha256: String, why: Option<Unreadable>) -> Self {
        let (more_zh, more_en) = match why {
            Some(Unreadable::NotCanonical { .. }) => (
                "它的格式像一份协议，但内容不是这里签署过的。",
                " It reads like an agreement, but nothing with this content was signed here.",
            ),
            _ => ("", ""),
        };
        Self {
            sha256,
            matched: Match::Unknown,
            agreement_id: None,
            agreement: None,
            title_zh: None,
            version: None,
            version_id: None,
            state: None,
            signed: false,
            effect: None,
            in_force: false,
            agreed_at: None,
            party_zh: None,
            zh: format!("这里没有这份文件的记录。{more_zh}"),
            en: format!("Nothing is known of this file here.{more_en}"),
        }
    }

    fn of(
        sha256: String,
        matched: Match,
        agreement: crate::agreements::model::Agreement,
        version: &Version,
        party_zh: Option<String>,
        now: Instant,
    ) -> Self {
        let effect = queries::in_effect(version).map(|dates| dates.at(now));
        let signed = matches!(version.state, VersionState::Agreed | VersionState::Annulled);
        let (title, no) = (&agreement.title_zh, version.no);
        let title_en = agreement.title_en.as_deref().unwrap_or(title);
        let (stand_zh, stand_en) = match (signed, effect) {
            (_, _) if version.state == VersionState::Annulled => {
                ("各方签署后又一致撤销", "signed by all, and annulled by all before it took effect")
            }
            (false, _) => ("还没有签署完成", "not signed by all"),
            (true, Some(Effect::InForce)) => ("各方已签署，正在执行", "signed by all and in force"),
            (true, Some(Effect::Pending)) => ("各方已签署，还没到执行的日子", "signed by all, not in force yet"),
            (true, Some(Effect::Superseded)) => ("各方签署过，已由后来的版本代替", "signed by all, superseded by a later version"),
            (true, _) => ("各方签署过，已经结束", "signed by all, it has ended"),
        };
        let (zh, en) = match matched {
            Match::Text => (
                format!("这是《{title}》第 {no} 版的原文，一字不差；{stand_zh}。"),
                format!("This is the text of version {no} of “{title_en}”, to the byte; {stand_en}."),
            ),
            Match::SameContent => (
                format!("内容与《{title}》第 {no} 版相同（{stand_zh}），但文件被别的程序重新写过，不是签署的原文。"),
                format!(
                    "The content is that of version {no} of “{title_en}” ({stand_en}), but another program has written the file anew: these are not the signed bytes."
                ),
            ),
            Match::Scan | Match::Unknown => {
                let party = party_zh.as_deref().unwrap_or_default();
                (
                    format!("这是{party}在《{title}》第 {no} 版上纸质签署的扫描件；这一版{stand_zh}。"),
                    format!("This is the scan of the paper signature of {party} on version {no} of “{title_en}”, which is {stand_en}."),
                )
            }
        };
        Self {
            sha256,
            matched,
            agreement_id: Some(agreement.id),
            agreement: Some(agreement.code),
            title_zh: Some(agreement.title_zh),
            version: Some(version.no),
            version_id: Some(version.id.clone()),
            state: Some(version.state),
            signed: signed && matched == Match::Text,
            effect,
            in_force: effect == Some(Effect::InForce),
            agreed_at: version.effect.map(|dates| dates.agreed_at),
            party_zh,
            zh,
            en,
        }
    }
}

/// A hash to be verified; or send the file itself as `application/octet-stream`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))]
pub struct VerificationAsk {
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
}

/// What was sent: a hash, or a file.
#[derive(Debug)]
pub enum Sent {
    /// A document with the hash.
    Hash(Body),
    /// The bytes of a file.
    File(BytesMut),
}

/// What the route takes.
const TYPES: &str = "application/json, application/octet-stream";

impl FromRequest for Sent {
    type Error = Fault;
    type Future = LocalBoxFuture<'static, Outcome<Self>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if body::is_one_of(request.headers(), &["application/json"]) {
                return Body::from_request(&request, &mut payload).await.map(Sent::Hash);
            }
            if !body::is_one_of(request.headers(), &["application/octet-stream"]) {
                return Err(Fault::wrong_type(TYPES));
            }
            Ok(Sent::File(body::bytes(request.headers(), &mut payload, body::MOST_OF_ANY).await?))
        })
    }
}

/// Verify a file
///
/// Which agreement and version a file is, whether it is the signed text to the byte, and whether that is in force now. Send the
/// file (`application/octet-stream`, at most 5 MiB) or its SHA-256 (JSON). Nothing is kept. Of versions that are not agreed only
/// those who may see them are told.
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])),
    request_body(content((VerificationAsk = "application/json"), (Vec<u8> = "application/octet-stream"))),
    responses((status = 200, body = VerificationOfFile)))]
#[post("/verifications")]
pub async fn post_verification(db: Data<Db>, request: HttpRequest, sent: Sent) -> Outcome<Json<VerificationOfFile>> {
    let caller = Caller::<SeeAgreement>::maybe(&request)?;
    let (sha256, unreadable) = match sent {
        Sent::Hash(body) => (body.read(|form| form.need("sha256", form::sha256))?, None),
        // Megabytes are read beside the threads that answer.
        Sent::File(bytes) => {
            let reading = tokio::task::spawn_blocking(move || (sha256_hex(&bytes), canonical::read(&bytes).err()));
            reading.await.map_err(Fault::internal)?
        }
    };
    // The same content in other bytes has another hash: the canonical one is looked for too.
    let anew = match &unreadable {
        Some(Unreadable::NotCanonical { sha256 }) => Some(sha256.clone()),
        _ => None,
    };
    let asked = sha256.clone();
    let found = db
        .read(move |tx| {
            // A token that is there must be good, whatever there is to find.
            caller.as_ref().map_or(Ok(()), |caller| caller.standing(tx).map(drop))?;
            if let Some(found) = whose(tx, caller.as_ref(), &asked, &asked, Match::Text)? {
                return Ok(Some(found));
            }
            anew.as_ref().map_or(Ok(None), |anew| whose(tx, caller.as_ref(), &asked, anew, Match::SameContent))
        })
        .await?;
    Ok(Json(found.unwrap_or_else(|| VerificationOfFile::unknown(sha256, unreadable))))
}

/// The first thing of that hash that the caller may know of.
fn whose(
    tx: &mut Tx,
    caller: Option<&Caller<SeeAgreement>>,
    asked: &str,
    sha256: &str,
    as_text: Match,
) -> Outcome<Option<VerificationOfFile>> {
    let now = tx.now();
    for known in queries::known(tx, sha256)? {
        let (id, matched, party) = match known {
            Known::Text(id) => (id, as_text, None),
            Known::Scan(id, party) => (id, Match::Scan, Some(party)),
        };
        let Some((agreement, no)) = agreements::version_of(tx, &id)? else { continue };
        let (agreement, shared) = found(tx, &agreement)?;
        let Some(version) = agreements::version_no(tx, &agreement.id, no)? else { continue };
        if version.state == VersionState::Agreed || may_see(tx, caller, &shared)? {
            return Ok(Some(VerificationOfFile::of(asked.to_owned(), matched, agreement, &version, party, now)));
        }
    }
    Ok(None)
}

fn may_see(tx: &mut Tx, caller: Option<&Caller<SeeAgreement>>, shared: &Shared) -> Outcome<bool> {
    match insight(tx, caller, shared) {
        Err(fault) if fault.code == Code::NotFound => Ok(false),
        told => told,
    }
}
