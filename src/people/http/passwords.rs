//! Passwords: given again, changed, or set with a code from the desk: the first one, or another where it was forgotten.

use super::Made;
use crate::access::deeds::{IssueClaimCode, OwnAccount};
use crate::access::{Caller, Place};
use crate::http::{Body, Origin};
use crate::kernel::form::{self, Form};
use crate::kernel::id::AreaId;
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::people::attempts::Attempts;
use crate::people::model::{LiveGrant, Role};
use crate::people::passwords::Passwords;
use crate::people::{actions, queries, rules};
use crate::store::Db;
use actix_web::post;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

/// Give the password again.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"password": "shangliang-2026"}))]
pub struct StepUp {
    /// Password.
    #[schema(max_length = 128)]
    password: String,
}

/// Until when the password counts as fresh.
#[derive(Debug, Serialize, ToSchema)]
pub struct SteppedUp {
    fresh_until: Instant,
}

/// Proof that the caller knows the password of their account: its hash. Tries count for the account, wherever it is asked for again.
async fn proved(
    db: &Db,
    passwords: &Passwords,
    attempts: &Attempts,
    from: Origin,
    who: &Caller<OwnAccount>,
    password: String,
) -> Outcome<String> {
    let name = format!("step-up {}", who.account());
    let now = db.clock().now();
    let asker = who.clone();
    // A session that has ended is told so before anything is hashed.
    let hash = db
        .read(move |tx| {
            let permit = asker.permit_own(tx)?;
            Ok(queries::account(tx, permit.account())?.and_then(|facts| facts.password_hash))
        })
        .await?;
    let attempt = attempts.begin(&name, from.0, now)?;
    let right = passwords.verify(password, hash.clone()).await?;
    match hash {
        Some(hash) if right => {
            attempt.right();
            Ok(hash)
        }
        _ => {
            attempt.wrong();
            tracing::info!(event = "step_up_failed", "authentication failed");
            Err(Code::WrongPassword.into())
        }
    }
}

/// Give the password again in this session
///
/// Signing, suspending and terminating need it fresh: given in this session within the last ten minutes, by signing in or
/// here; otherwise they answer 403 `step-up-required`. A wrong one is 403 `wrong-password`: the session still counts.
#[utoipa::path(tag = "people", security(("bearer" = [])), request_body = StepUp, responses((status = 200, body = SteppedUp)))]
#[post("/step-up")]
pub async fn post_step_up(
    db: Data<Db>,
    passwords: Data<Passwords>,
    attempts: Data<Attempts>,
    from: Origin,
    caller: Caller<OwnAccount>,
    body: Body,
) -> Outcome<Json<SteppedUp>> {
    let password = body.read(|form| form.need("password", form::raw(1..=rules::MOST_PASSWORD)))?;
    proved(&db, &passwords, &attempts, from, &caller, password).await?;
    let fresh_until = db
        .write(move |tx| {
            let permit = caller.permit_own(tx)?;
            actions::step_up(tx, permit.account(), caller.session())
        })
        .await?;
    Ok(Json(SteppedUp { fresh_until }))
}

/// Another password.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"current": "a long sentence of mine", "password": "another sentence of mine"}))]
pub struct NewPassword {
    /// The present one.
    #[schema(max_length = 128)]
    current: String,
    /// Another one: 10 to 128 characters.
    #[schema(min_length = 10, max_length = 128)]
    password: String,
}

/// What ended with the old password.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordChange {
    /// Sessions elsewhere.
    sessions_ended: usize,
}

/// Change one's password
///
/// The present one is needed: a wrong one is 403 `wrong-password`, and tries are counted together with those of `POST /step-up`.
/// Every other session of the account ends, this one goes on; a claim code that was issued before works no longer.
#[utoipa::path(tag = "people", security(("bearer" = [])), request_body = NewPassword, responses((status = 200, body = PasswordChange)))]
#[post("/me/password")]
pub async fn post_password(
    db: Data<Db>,
    passwords: Data<Passwords>,
    attempts: Data<Attempts>,
    from: Origin,
    caller: Caller<OwnAccount>,
    body: Body,
) -> Outcome<Json<PasswordChange>> {
    let (current, password) = body.read(|form| {
        let current = form.need("current", form::raw(1..=rules::MOST_PASSWORD));
        let password = form.need("password", rules::new_password);
        if password.is_some() && current == password {
            form.fault("password", "unchanged", "和现在的密码一样，请换一个。", "It is the present one; choose another.");
        }
        Some((current?, password?))
    })?;
    let before = proved(&db, &passwords, &attempts, from, &caller, current).await?;
    let hash = passwords.hash(password).await?;
    let sessions_ended = db
        .write(move |tx| {
            let permit = caller.permit_own(tx)?;
            actions::change_password(tx, permit.account(), caller.session(), &before, &hash)
        })
        .await?;
    Ok(Json(PasswordChange { sessions_ended }))
}

/// A claim code, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimCode {
    /// Hand it over on paper.
    code: String,
    /// It ends then.
    expires_at: Instant,
}

/// For whom a claim code is issued.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"login": "13900001014"}))]
pub struct ClaimCodeAsk {
    /// Mobile number or e-mail address the account was made with.
    #[schema(max_length = 254)]
    login: String,
    /// Its owner has a password and forgot it; without this an account that has one is 409.
    forgotten: Option<bool>,
}

/// Issue a claim code: for an account without a password, or for whoever forgot theirs
///
/// The code before it no longer works, so repeating the call is safe; it needs no idempotency key. An account outside the
/// desk's area is 404. For somebody who holds a role or signs for an organisation only the platform administrator issues a code:
/// a desk that runs a space must not be able to sign for the party that lends it. With `forgotten` a desk issues one only for whoever
/// holds no role and represents nobody; the old password works until the code is used, and its owner is told whose desk issued it.
#[utoipa::path(tag = "people", security(("bearer" = [])), request_body = ClaimCodeAsk, responses((status = 200, body = ClaimCode)))]
#[post("/claim-codes")]
pub async fn post_claim_code(db: Data<Db>, caller: Caller<IssueClaimCode>, body: Body) -> Outcome<Json<ClaimCode>> {
    let (login, forgotten) = body.read(|form| {
        let login = form.need("login", rules::login);
        let forgotten = form.may("forgotten", form::flag);
        Some((login?, forgotten.unwrap_or(false)))
    })?;
    let (code, expires_at) = db
        .write(move |tx| {
            let facts = queries::sign_in_facts(tx, &login)?;
            let (id, claimed) = facts.map(|facts| (facts.account, facts.password_hash.is_some())).unzip();
            let areas = id.as_ref().map_or(Ok(vec![]), |id| queries::area_paths(tx, id))?;
            let forgot = forgotten && claimed == Some(true);
            let from_above = id.as_ref().map_or(Ok(false), |id| queries::is_beyond_desks(tx, id, forgot))?;
            // Asked even for an unknown account, so that it answers as one outside the area does.
            let place = Place { areas: areas.clone(), ..Place::default() };
            let permit = caller.permit(tx, &place)?;
            if from_above && !permit.by(Role::PlatformAdmin) {
                return Err(Fault::saying(
                    Code::Forbidden,
                    "这个账号有职务或代表单位，领取码由平台管理员发放。",
                    "This account holds a role or represents an organisation; the platform administrator issues its code.",
                ));
            }
            let id = id.ok_or_else(|| Fault::from(Code::NotFound))?;
            let desk = permit.who().grants.iter().find_map(|grant| desk_of(grant, &areas));
            actions::issue_claim_code(tx, &id, forgotten, desk, permit.account())
        })
        .await?;
    Ok(Json(ClaimCode { code, expires_at }))
}

/// The area whose desk a grant is for, where one of some areas lies in it.
fn desk_of(grant: &LiveGrant, areas: &[String]) -> Option<AreaId> {
    let path = grant.area_path.as_ref().filter(|_| grant.role == Role::Community)?;
    let area = path.split('/').rfind(|id| !id.is_empty()).filter(|_| areas.iter().any(|area| area.starts_with(path.as_str())));
    area?.parse().ok()
}

/// Claim an account.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"login": "13900001014", "code": "K7QF-M2XD-9TRA", "password": "a long sentence of mine"}))]
pub struct Claim {
    /// Mobile number or e-mail address the desk entered.
    #[schema(value_type = String, max_length = 254)]
    login: rules::Login,
    /// The code on the slip; case, spaces and dashes do not matter.
    #[schema(max_length = 40)]
    code: String,
    /// The first password, or another for the forgotten one: 10 to 128 characters.
    #[schema(min_length = 10, max_length = 128)]
    password: String,
}

impl Claim {
    fn read(form: &mut Form) -> Option<Self> {
        let login = form.need("login", rules::login);
        let code = form.need("code", form::line(40)).map(|code| rules::normal_code(&code));
        let password = form.need("password", rules::new_password);
        Some(Self { login: login?, code: code?, password: password? })
    }
}

/// Set the first password with a claim code, or another for the forgotten one
///
/// With another one every session of the account ends.
#[utoipa::path(tag = "people", request_body = Claim, responses((status = 200, body = Made)))]
#[post("/claims")]
pub async fn post_claim(
    db: Data<Db>,
    passwords: Data<Passwords>,
    attempts: Data<Attempts>,
    from: Origin,
    body: Body,
) -> Outcome<Json<Made>> {
    let claim = body.read(Claim::read)?;
    let name = format!("claim {}", claim.login.as_str());
    let now = db.clock().now();
    let attempt = attempts.begin(&name, from.0, now)?;
    let hash = passwords.hash(claim.password).await?;
    match db.write(move |tx| actions::claim(tx, &claim.login, &claim.code, &hash)).await? {
        Some(id) => Ok(Json(Made { id })),
        None => {
            attempt.wrong();
            Err(Code::WrongClaimCode.into())
        }
    }
}
