//! Routes: signing in and out, one's own account, the desk. [`passwords`]: giving, changing and setting one.

mod passwords;

pub use passwords::*;

use super::actions::{self, NewPerson, Refreshed, Tokens};
use super::attempts::Attempts;
use super::keys::KeyRing;
use super::model::{LiveGrant, Organisation, Power, Representative, Role, RoleClaim};
use super::passwords::Passwords;
use super::{queries, rules};
use crate::access::deeds::{CreateAccount, ManageRepresentatives, OwnAccount};
use crate::access::{Caller, Place};
use crate::areas;
use crate::http::metrics::Metrics;
use crate::http::{Body, CursorKey, KeyedBody, Origin, Page, Query, Reply, commit, paging};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{AccountId, AreaId, HouseholdId, OrganisationId, RepresentativeId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::store::{Db, Tx};
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Name of the refresh cookie.
pub const COOKIE: &str = "__Host-shangliang-refresh";

/// Sign in.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"login": "13900001014", "password": "shangliang-2026"}))]
pub struct SignIn {
    /// Mobile number or e-mail address.
    #[schema(value_type = String, max_length = 254)]
    login: rules::Login,
    /// Password.
    #[schema(max_length = 128)]
    password: String,
}

impl SignIn {
    fn read(form: &mut Form) -> Option<Self> {
        let login = form.need("login", rules::login);
        let password = form.need("password", form::raw(1..=rules::MOST_PASSWORD));
        Some(Self { login: login?, password: password? })
    }
}

/// Who signed in, and the token to call with.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    /// Send as `Authorization: Bearer …`; lives ten minutes.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until it ends.
    expires_in: i64,
    /// The account.
    account_id: AccountId,
    /// Roles with their scopes.
    roles: Vec<RoleClaim>,
}

fn cookie(value: String, days: i64) -> Cookie<'static> {
    Cookie::build(COOKIE, value).path("/").secure(true).http_only(true).same_site(SameSite::Strict).max_age(Duration::days(days)).finish()
}

fn refresh_token(request: &HttpRequest) -> Option<String> {
    request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).filter(|token| token.len() == 64)
}

fn signed_in(tokens: Tokens) -> HttpResponse {
    HttpResponse::Ok().cookie(cookie(tokens.refresh, 14)).json(SignedIn {
        access_token: tokens.access,
        token_type: "Bearer",
        expires_in: super::tokens::ACCESS_SECONDS,
        account_id: tokens.account,
        roles: tokens.roles,
    })
}

/// Sign in with mobile number or e-mail and password
///
/// The answer carries an access token; a refresh token comes as a cookie. Wrong name and wrong password answer the same. Whoever shows
/// a cookie of that account is not locked out by what others guess elsewhere.
#[utoipa::path(tag = "people", request_body = SignIn, responses((status = 200, body = SignedIn)))]
#[post("/sign-in")]
pub async fn post_sign_in(
    db: Data<Db>,
    keys: Data<KeyRing>,
    passwords: Data<Passwords>,
    attempts: Data<Attempts>,
    from: Origin,
    request: HttpRequest,
    body: Body,
) -> Outcome<HttpResponse> {
    let ask = body.read(SignIn::read)?;
    let (name, cookie, now) = (ask.login.as_str().to_owned(), refresh_token(&request), db.clock().now());
    let facts = db.read(move |tx| {
        let facts = queries::sign_in_facts(tx, &ask.login)?;
        let known = match (&facts, &cookie) {
            (Some(facts), Some(token)) => actions::is_known_device(tx, &facts.account, token)?,
            _ => false,
        };
        Ok((facts, known))
    });
    let (facts, known) = facts.await?;
    let attempt = if known { attempts.begin(&format!("known {name}"), None, now)? } else { attempts.begin(&name, from.0, now)? };
    let usable = facts.filter(|facts| facts.disabled_at.is_none());
    let hash = usable.as_ref().and_then(|facts| facts.password_hash.clone());
    let kept = passwords.verify_to_keep(ask.password, hash.clone()).await?;
    match usable.zip(hash).zip(kept) {
        Some(((facts, hash), kept)) => {
            attempt.right();
            let keys = keys.into_inner();
            let tokens = db.write(move |tx| actions::sign_in_with(tx, &keys, &facts.account, &hash, &kept)).await?;
            Ok(signed_in(tokens))
        }
        None => {
            attempt.wrong();
            tracing::info!(event = "sign_in_failed", "authentication failed");
            Err(Code::WrongCredentials.into())
        }
    }
}

/// Exchange the refresh cookie for a new access token
#[utoipa::path(tag = "people", responses((status = 200, body = SignedIn)))]
#[post("/token-refresh")]
pub async fn post_token_refresh(db: Data<Db>, keys: Data<KeyRing>, metrics: Data<Metrics>, request: HttpRequest) -> Outcome<HttpResponse> {
    let token = refresh_token(&request).ok_or_else(|| Fault::from(Code::Unauthenticated))?;
    let keys = keys.into_inner();
    match db.write(move |tx| actions::refresh(tx, &keys, &token)).await? {
        Refreshed::Tokens(tokens) => Ok(signed_in(*tokens)),
        Refreshed::No => Err(Code::Unauthenticated.into()),
        Refreshed::Reused => {
            metrics.refresh_reuse.inc();
            Err(Code::Unauthenticated.into())
        }
    }
}

/// End this session
///
/// Its access tokens stop counting at once.
#[utoipa::path(tag = "people", security(("bearer" = [])), responses((status = 204)))]
#[post("/sign-out")]
pub async fn post_sign_out(db: Data<Db>, caller: Caller<OwnAccount>) -> Outcome<HttpResponse> {
    db.write(move |tx| {
        let permit = caller.permit_own(tx)?;
        actions::sign_out(tx, permit.account(), caller.session())
    })
    .await?;
    Ok(HttpResponse::NoContent().cookie(cookie(String::new(), 0)).finish())
}

/// One's own account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    id: AccountId,
    name: String,
    mobile: Option<String>,
    email: Option<String>,
    household_id: Option<HouseholdId>,
    household_verified: bool,
    roles: Vec<RoleClaim>,
    representations: Vec<MyRepresentation>,
}

/// For whom the account may act.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyRepresentation {
    id: RepresentativeId,
    organisation: Organisation,
    powers: Vec<Power>,
}

/// One's own account, roles and representations
#[utoipa::path(tag = "people", security(("bearer" = [])), responses((status = 200, body = Me)))]
#[get("/me")]
pub async fn get_me(db: Data<Db>, caller: Caller<OwnAccount>) -> Outcome<Json<Me>> {
    let me = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            let now = tx.now();
            let facts = queries::account(tx, permit.account())?.ok_or_else(|| Fault::from(Code::NotFound))?;
            let roles = queries::role_claims(tx, permit.account(), now)?;
            let mine = queries::representations(tx, permit.account(), now)?;
            let ids: Vec<_> = mine.iter().map(|r| r.organisation.clone()).collect();
            let organisations = queries::organisations(tx, &ids)?;
            let representations = mine
                .into_iter()
                .filter_map(|r| {
                    let organisation = organisations.iter().find(|o| o.id == r.organisation)?.clone();
                    Some(MyRepresentation { id: r.id, organisation, powers: r.powers })
                })
                .collect();
            Ok(Me {
                id: facts.id,
                name: facts.name,
                mobile: facts.mobile,
                email: facts.email,
                household_id: facts.household_id,
                household_verified: facts.household_verified_at.is_some(),
                roles,
                representations,
            })
        })
        .await?;
    Ok(Json(me))
}

/// Somebody who represents, or represented, an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepresentativeView {
    id: RepresentativeId,
    account_id: AccountId,
    name: String,
    organisation_id: OrganisationId,
    powers: Vec<Power>,
    /// Natural codes of the only agreements it is about; null = every agreement.
    agreements: Option<Vec<String>>,
    from: Instant,
    to: Instant,
    /// The document that gives the power.
    evidence: String,
    revoked_at: Option<Instant>,
}

impl From<Representative> for RepresentativeView {
    fn from(r: Representative) -> Self {
        Self {
            id: r.id,
            account_id: r.account,
            name: r.name,
            organisation_id: r.organisation,
            powers: r.powers,
            agreements: r.agreements,
            from: r.from,
            to: r.to,
            evidence: r.evidence,
            revoked_at: r.revoked_at,
        }
    }
}

const REPRESENTATIVES: &str = "representatives";

/// The organisation as the table sees it; the same for one that does not exist.
fn of_organisation(tx: &mut Tx, id: &OrganisationId) -> Outcome<Place> {
    let areas = queries::organisation_area(tx, id)?.into_iter().collect();
    Ok(Place { areas, organisations: vec![id.clone()], ..Place::default() })
}

/// Who represents an organisation
///
/// With powers, validity and evidence, the latest first; for its own people and the desk in charge.
#[utoipa::path(tag = "people", security(("bearer" = [])), params(("id" = OrganisationId, Path),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<RepresentativeView>)))]
#[get("/organisations/{id}/representatives")]
pub async fn get_representatives(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<ManageRepresentatives>,
    id: Path<OrganisationId>,
    query: Query,
) -> Outcome<Json<Page<RepresentativeView>>> {
    let ask = paging::only_page(&keys, REPRESENTATIVES, &query)?;
    let page = db
        .read(move |tx| {
            let place = of_organisation(tx, &id)?;
            caller.permit(tx, &place)?;
            queries::representatives_of(tx, &id, &ask)
        })
        .await?;
    Ok(Json(keys.page(REPRESENTATIVES, page.map(RepresentativeView::from))))
}

/// When a representation was revoked.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevokedView {
    id: RepresentativeId,
    revoked_at: Instant,
}

/// Revoke a representation
///
/// By somebody who signs for the organisation, or the desk in charge. From that moment nothing is signed with it, whatever a
/// token says; what was signed stays.
#[utoipa::path(tag = "people", security(("bearer" = [])), params(("id" = RepresentativeId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = RevokedView)))]
#[post("/representatives/{id}/revocation")]
pub async fn post_revocation(
    db: Data<Db>,
    caller: Caller<ManageRepresentatives>,
    id: Path<RepresentativeId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, _| {
        let found = queries::representative(tx, &id)?;
        // Asked even for one that is not there, so that it answers as one elsewhere does.
        let place = found.as_ref().map_or(Ok(Place::default()), |r| of_organisation(tx, &r.organisation))?;
        let permit = caller.permit(tx, &place)?;
        let found = found.ok_or_else(|| Fault::from(Code::NotFound))?;
        let in_charge = |grant: &LiveGrant| {
            let covers = |path: &String| place.areas.iter().any(|area| area.starts_with(path.as_str()));
            matches!(grant.role, Role::Community | Role::Street) && grant.area_path.as_ref().is_some_and(covers)
        };
        let desk = permit.who().grants.iter().any(in_charge);
        if !desk && found.account != *permit.account() && permit.who().represents(&found.organisation, Power::Sign).is_none() {
            let (zh, en) = ("要由能代表这个单位签署的人来撤销。", "Somebody who signs for the organisation revokes it.");
            return Err(Fault::saying(Code::Forbidden, zh, en));
        }
        let revoked_at = actions::revoke_representative(tx, permit.account(), &id)?;
        Reply::created(
            format!("/api/v1/organisations/{}/representatives", found.organisation),
            None,
            &RevokedView { id: id.clone(), revoked_at },
        )
    })
    .await
}

/// An account made at the desk. A household the desk names is verified by that.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"name": "王淑珍", "mobile": "13900001014", "household_id": "household_01h455vb4pex5vsknk084sn02q"}))]
pub struct NewAccount {
    /// Name.
    #[schema(max_length = 40)]
    name: String,
    /// Chinese mobile number; this or an e-mail address.
    mobile: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Household in the desk's area; this or an area.
    household_id: Option<HouseholdId>,
    /// Area the person belongs to when there is no household.
    area_id: Option<AreaId>,
}

impl NewAccount {
    fn read(form: &mut Form) -> Option<Self> {
        let name = form.need("name", form::line(40));
        let mobile = form.may("mobile", rules::mobile);
        let email = form.may("email", rules::email);
        let household_id = form.may("household_id", form::id);
        let area_id = form.may("area_id", form::id);
        if !form.has("mobile") && !form.has("email") {
            form.fault("mobile", "missing", "手机号和电子邮箱至少填一个。", "A mobile number or an e-mail address is required.");
        }
        if !form.has("household_id") && !form.has("area_id") {
            form.fault("household_id", "missing", "请填户或地区。", "A household or an area is required.");
        } else if household_id.is_some() && area_id.is_some() {
            form.fault("area_id", "one-of-two", "户和地区只填一个。", "A household or an area, not both.");
        }
        Some(Self { name: name?, mobile, email, household_id, area_id })
    }
}

/// The id of what was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct Made {
    id: AccountId,
}

/// Create an account at the desk
///
/// It has no password yet: issue a claim code for it.
#[utoipa::path(tag = "people", security(("bearer" = [])), request_body = NewAccount,
    params(("Idempotency-Key" = String, Header)), responses((status = 201, body = Made)))]
#[post("/accounts")]
pub async fn post_account(db: Data<Db>, caller: Caller<CreateAccount>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        let new = body.read(NewAccount::read)?;
        let path = match (&new.household_id, &new.area_id) {
            (Some(household), _) => queries::household_door(tx, household)?,
            (None, Some(area)) => areas::queries::find(tx, area)?.map(|a| a.path),
            (None, None) => None,
        };
        let field = if new.household_id.is_some() { "/household_id" } else { "/area_id" };
        let path = path.ok_or_else(|| Fault::field(field, "unknown", "没有找到。", "There is no such thing."))?;
        let permit = caller.permit(tx, &Place { areas: vec![path], known_to_all: true, ..Place::default() })?;
        let person =
            NewPerson { code: None, name: new.name, mobile: new.mobile, email: new.email, household: new.household_id, area: new.area_id };
        let id = actions::create_account(tx, &person, Some(permit.account()))?;
        Reply::created(format!("/api/v1/accounts/{id}"), None, &Made { id })
    })
    .await
}

/// The first administrator.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"token": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "name": "平台管理员", "email": "admin@example.org", "password": "a long sentence of mine"}))]
pub struct FirstAdministrator {
    /// The one-time token from the file the server wrote.
    #[schema(min_length = 64, max_length = 64)]
    token: String,
    /// Name.
    #[schema(max_length = 40)]
    name: String,
    /// Mobile number; this or an e-mail address.
    mobile: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Password: 10 to 128 characters.
    #[schema(min_length = 10, max_length = 128)]
    password: String,
}

impl FirstAdministrator {
    fn read(form: &mut Form) -> Option<Self> {
        let token = form.need("token", form::raw(64..=64));
        let name = form.need("name", form::line(40));
        let mobile = form.may("mobile", rules::mobile);
        let email = form.may("email", rules::email);
        let password = form.need("password", rules::new_password);
        if !form.has("mobile") && !form.has("email") {
            form.fault("mobile", "missing", "手机号和电子邮箱至少填一个。", "A mobile number or an e-mail address is required.");
        }
        Some(Self { token: token?, name: name?, mobile, email, password: password? })
    }
}

/// Make the first platform administrator with the one-time token
#[utoipa::path(tag = "people", request_body = FirstAdministrator, responses((status = 200, body = Made)))]
#[post("/first-administrator")]
pub async fn post_first_administrator(
    db: Data<Db>,
    passwords: Data<Passwords>,
    attempts: Data<Attempts>,
    from: Origin,
    body: Body,
) -> Outcome<Json<Made>> {
    let ask = body.read(FirstAdministrator::read)?;
    let now = db.clock().now();
    let attempt = attempts.begin("first administrator", from.0, now)?;
    let hash = passwords.hash(ask.password).await?;
    let person = NewPerson { code: None, name: ask.name, mobile: ask.mobile, email: ask.email, household: None, area: None };
    match db.write(move |tx| actions::create_first_admin(tx, &ask.token, &person, &hash)).await? {
        Some(id) => Ok(Json(Made { id })),
        None => {
            attempt.wrong();
            Err(Fault::saying(Code::WrongCredentials, "一次性口令不对或已用过。", "The one-time token is wrong or was used."))
        }
    }
}

/// Public keys of access tokens
#[utoipa::path(tag = "people", responses((status = 200, body = Object)))]
#[get("/.well-known/jwks.json")]
pub async fn get_jwks(keys: Data<KeyRing>) -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "public, max-age=300")).json(keys.jwks())
}
