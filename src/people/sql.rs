//! Writes.

use super::model::{NewGrant, Power, Role};
use crate::kernel::id::{AccountId, AreaId, HouseholdId, Id, OrganisationId, RepresentativeId, SessionId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::people::model::OrganisationKind;
use crate::store::Conn;
use crate::store::schema::{
    accounts, claim_codes, first_admin_tokens, households, organisations, refresh_tokens, representatives, role_grants, sessions,
};
use diesel::prelude::*;

pub(super) struct NewAccount<'a> {
    pub id: &'a AccountId,
    pub code: Option<&'a str>,
    pub name: &'a str,
    pub mobile: Option<&'a str>,
    pub email: Option<&'a str>,
    pub password_hash: Option<&'a str>,
    pub household: Option<&'a HouseholdId>,
    /// Who verified the household; `None` in a hub file, where the community's register itself is the source.
    pub by: Option<&'a AccountId>,
}

pub(super) fn insert_account(conn: &mut Conn, new: &NewAccount, now: Instant) -> Outcome<()> {
    let row = (
        accounts::id.eq(new.id),
        accounts::code.eq(new.code),
        accounts::name.eq(new.name),
        accounts::mobile.eq(new.mobile),
        accounts::email.eq(new.email),
        accounts::password_hash.eq(new.password_hash),
        accounts::household_id.eq(new.household),
        accounts::household_verified_at.eq(new.household.map(|_| now.0)),
        accounts::household_verified_by.eq(new.household.and(new.by)),
        accounts::created_at.eq(now.0),
        accounts::created_by.eq(new.by),
    );
    diesel::insert_into(accounts::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn describe_account(conn: &mut Conn, code: &str, name: &str, mobile: Option<&str>, email: Option<&str>) -> Outcome<()> {
    let row = accounts::table.filter(accounts::code.eq(code));
    diesel::update(row).set((accounts::name.eq(name), accounts::mobile.eq(mobile), accounts::email.eq(email))).execute(conn)?;
    Ok(())
}

pub(super) fn set_password(conn: &mut Conn, id: &AccountId, hash: &str) -> Outcome<bool> {
    // Only an account nobody has claimed: compare and swap.
    let unclaimed = accounts::table.find(id).filter(accounts::password_hash.is_null());
    Ok(diesel::update(unclaimed).set(accounts::password_hash.eq(hash)).execute(conn)? == 1)
}

pub(super) fn account_by_code(conn: &mut Conn, code: &str) -> Outcome<Option<AccountId>> {
    Ok(accounts::table.filter(accounts::code.eq(code)).select(accounts::id).first(conn).optional()?)
}

pub(super) fn household_by_code(conn: &mut Conn, code: &str) -> Outcome<Option<HouseholdId>> {
    Ok(households::table.filter(households::code.eq(code)).select(households::id).first(conn).optional()?)
}

pub(super) fn insert_household(conn: &mut Conn, code: &str, door: &AreaId, label: &str, now: Instant) -> Outcome<()> {
    let row = (
        households::id.eq(HouseholdId::fresh()),
        households::code.eq(code),
        households::door_id.eq(door),
        households::label.eq(label),
        households::created_at.eq(now.0),
    );
    diesel::insert_into(households::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn describe_household(conn: &mut Conn, id: &HouseholdId, label: &str) -> Outcome<()> {
    diesel::update(households::table.find(id)).set(households::label.eq(label)).execute(conn)?;
    Ok(())
}

pub(super) fn organisation_by_code(conn: &mut Conn, code: &str) -> Outcome<Option<(OrganisationId, OrganisationKind)>> {
    Ok(organisations::table.filter(organisations::code.eq(code)).select((organisations::id, organisations::kind)).first(conn).optional()?)
}

pub(super) fn insert_organisation(
    conn: &mut Conn,
    code: &str,
    kind: OrganisationKind,
    name_zh: &str,
    name_en: Option<&str>,
    area: &AreaId,
    now: Instant,
) -> Outcome<()> {
    let row = (
        organisations::id.eq(OrganisationId::fresh()),
        organisations::code.eq(code),
        organisations::kind.eq(kind),
        organisations::name_zh.eq(name_zh),
        organisations::name_en.eq(name_en),
        organisations::area_id.eq(area),
        organisations::created_at.eq(now.0),
    );
    diesel::insert_into(organisations::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn describe_organisation(conn: &mut Conn, id: &OrganisationId, name_zh: &str, name_en: Option<&str>) -> Outcome<()> {
    diesel::update(organisations::table.find(id))
        .set((organisations::name_zh.eq(name_zh), organisations::name_en.eq(name_en)))
        .execute(conn)?;
    Ok(())
}

pub(super) struct NewRepresentative<'a> {
    pub account: &'a AccountId,
    pub organisation: &'a OrganisationId,
    pub powers: &'a [Power],
    pub from: Instant,
    pub to: Instant,
    pub evidence: &'a str,
}

pub(super) fn put_representative(conn: &mut Conn, new: &NewRepresentative, now: Instant) -> Outcome<()> {
    let powers = serde_json::to_string(new.powers).map_err(Fault::internal)?;
    let row = (
        representatives::id.eq(RepresentativeId::fresh()),
        representatives::account_id.eq(new.account),
        representatives::organisation_id.eq(new.organisation),
        representatives::powers.eq(powers),
        representatives::from_at.eq(new.from.0),
        representatives::to_at.eq(new.to.0),
        representatives::evidence.eq(new.evidence),
        representatives::created_at.eq(now.0),
    );
    crate::insert_once!(conn, representatives::table, row)?;
    Ok(())
}

pub(super) fn grant_exists(
    conn: &mut Conn,
    account: &AccountId,
    role: Role,
    area: Option<&AreaId>,
    organisation: Option<&OrganisationId>,
) -> Outcome<bool> {
    let mut query = role_grants::table
        .filter(role_grants::account_id.eq(account).and(role_grants::role.eq(role)).and(role_grants::revoked_at.is_null()))
        .into_boxed();
    query = match area {
        Some(area) => query.filter(role_grants::area_id.eq(area)),
        None => query.filter(role_grants::area_id.is_null()),
    };
    query = match organisation {
        Some(organisation) => query.filter(role_grants::organisation_id.eq(organisation)),
        None => query.filter(role_grants::organisation_id.is_null()),
    };
    let n: i64 = query.count().get_result(conn)?;
    Ok(n > 0)
}

pub(super) fn insert_grant(conn: &mut Conn, grant: &NewGrant, by: Option<&AccountId>, now: Instant) -> Outcome<()> {
    let row = (
        role_grants::id.eq(&grant.id),
        role_grants::account_id.eq(&grant.account),
        role_grants::role.eq(grant.role),
        role_grants::area_id.eq(&grant.area),
        role_grants::organisation_id.eq(&grant.organisation),
        role_grants::from_at.eq(grant.from.0),
        role_grants::to_at.eq(grant.to.0),
        role_grants::granted_by.eq(by),
        role_grants::created_at.eq(now.0),
    );
    diesel::insert_into(role_grants::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn replace_claim_code(
    conn: &mut Conn,
    account: &AccountId,
    code_hash: &str,
    expires: Instant,
    by: Option<&AccountId>,
    now: Instant,
) -> Outcome<()> {
    diesel::delete(claim_codes::table.find(account)).execute(conn)?;
    let row = (
        claim_codes::account_id.eq(account),
        claim_codes::code_hash.eq(code_hash),
        claim_codes::expires_at.eq(expires.0),
        claim_codes::created_by.eq(by),
        claim_codes::created_at.eq(now.0),
    );
    diesel::insert_into(claim_codes::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn spend_claim_code(conn: &mut Conn, account: &AccountId, code_hash: &str, tries: i32, now: Instant) -> Outcome<bool> {
    let good = claim_codes::table
        .find(account)
        .filter(claim_codes::code_hash.eq(code_hash).and(claim_codes::expires_at.gt(now.0)).and(claim_codes::tries.lt(tries)));
    Ok(diesel::delete(good).execute(conn)? == 1)
}

pub(super) fn count_claim_try(conn: &mut Conn, account: &AccountId) -> Outcome<()> {
    diesel::update(claim_codes::table.find(account)).set(claim_codes::tries.eq(claim_codes::tries + 1)).execute(conn)?;
    Ok(())
}

pub(super) fn insert_session(conn: &mut Conn, session: &SessionId, account: &AccountId, now: Instant, ends: Instant) -> Outcome<()> {
    let row = (sessions::id.eq(session), sessions::account_id.eq(account), sessions::created_at.eq(now.0), sessions::ends_at.eq(ends.0));
    diesel::insert_into(sessions::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn insert_refresh(conn: &mut Conn, hash: &str, session: &SessionId, now: Instant, idle_until: Instant) -> Outcome<()> {
    let row = (
        refresh_tokens::token_hash.eq(hash),
        refresh_tokens::session_id.eq(session),
        refresh_tokens::created_at.eq(now.0),
        refresh_tokens::idle_until.eq(idle_until.0),
    );
    diesel::insert_into(refresh_tokens::table).values(row).execute(conn)?;
    Ok(())
}

/// `true` for the one that spends it.
pub(super) fn spend_refresh(conn: &mut Conn, hash: &str, now: Instant) -> Outcome<bool> {
    let unspent = refresh_tokens::table.find(hash).filter(refresh_tokens::spent_at.is_null());
    Ok(diesel::update(unspent).set(refresh_tokens::spent_at.eq(now.0)).execute(conn)? == 1)
}

#[derive(Queryable)]
pub(super) struct RefreshFacts {
    pub session: SessionId,
    pub account: AccountId,
    pub idle_until: i64,
    pub spent_at: Option<i64>,
    pub ends_at: i64,
    pub revoked_at: Option<i64>,
    pub disabled_at: Option<i64>,
}

pub(super) fn refresh_facts(conn: &mut Conn, hash: &str) -> Outcome<Option<RefreshFacts>> {
    Ok(refresh_tokens::table
        .inner_join(sessions::table.inner_join(accounts::table))
        .filter(refresh_tokens::token_hash.eq(hash))
        .select((
            sessions::id,
            accounts::id,
            refresh_tokens::idle_until,
            refresh_tokens::spent_at,
            sessions::ends_at,
            sessions::revoked_at,
            accounts::disabled_at,
        ))
        .first(conn)
        .optional()?)
}

pub(super) fn revoke_session(conn: &mut Conn, session: &SessionId, now: Instant) -> Outcome<bool> {
    let live = sessions::table.find(session).filter(sessions::revoked_at.is_null());
    Ok(diesel::update(live).set(sessions::revoked_at.eq(now.0)).execute(conn)? == 1)
}

/// Keeps the hash of the first-administrator token; an unused older one is replaced, a used one stays.
pub(super) fn put_first_admin_token(conn: &mut Conn, hash: &str, now: Instant) -> Outcome<bool> {
    diesel::delete(first_admin_tokens::table.filter(first_admin_tokens::used_at.is_null())).execute(conn)?;
    let row = (first_admin_tokens::id.eq(1), first_admin_tokens::token_hash.eq(hash), first_admin_tokens::created_at.eq(now.0));
    crate::insert_once!(conn, first_admin_tokens::table, row)
}

pub(super) fn spend_first_admin_token(conn: &mut Conn, hash: &str, now: Instant) -> Outcome<bool> {
    let unused = first_admin_tokens::table.filter(first_admin_tokens::token_hash.eq(hash).and(first_admin_tokens::used_at.is_null()));
    Ok(diesel::update(unused).set(first_admin_tokens::used_at.eq(now.0)).execute(conn)? == 1)
}

/// Sessions and tokens nobody can use any more.
pub(super) fn forget_ended(conn: &mut Conn, before: Instant) -> Outcome<usize> {
    let ended = sessions::table.filter(sessions::ends_at.lt(before.0)).select(sessions::id);
    let tokens = diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(ended))).execute(conn)?;
    Ok(tokens + diesel::delete(sessions::table.filter(sessions::ends_at.lt(before.0))).execute(conn)?)
}
