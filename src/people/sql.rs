//! Writes.

use super::model::{
    GrantFacts, HouseholdFacts, NewGrant, NewPerson, OrganisationFacts, PresentGrant, PresentHousehold, PresentRepresentative,
    RepresentativeFacts, Role,
};
use super::queries;
use crate::kernel::id::{AccountId, AreaId, GrantId, HouseholdId, Id, OrganisationId, RepresentativeId, SessionId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{
    accounts, claim_codes, first_admin_tokens, households, organisations, refresh_tokens, representatives, role_grants, sessions,
};
use diesel::prelude::*;
use std::collections::BTreeMap;

pub(super) struct NewAccount<'a> {
    pub id: &'a AccountId,
    pub code: Option<&'a str>,
    pub name: &'a str,
    pub mobile: Option<&'a str>,
    pub email: Option<&'a str>,
    pub password_hash: Option<&'a str>,
    pub household: Option<&'a HouseholdId>,
    pub area: Option<&'a AreaId>,
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
        accounts::area_id.eq(new.area),
        accounts::household_verified_at.eq(new.household.map(|_| now.0)),
        accounts::household_verified_by.eq(new.household.and(new.by)),
        accounts::created_at.eq(now.0),
        accounts::created_by.eq(new.by),
    );
    diesel::insert_into(accounts::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn set_password(conn: &mut Conn, id: &AccountId, hash: &str) -> Outcome<bool> {
    // Only an account nobody has claimed: compare and swap.
    let unclaimed = accounts::table.find(id).filter(accounts::password_hash.is_null());
    Ok(diesel::update(unclaimed).set(accounts::password_hash.eq(hash)).execute(conn)? == 1)
}

/// Another password for whoever has one.
pub(super) fn reset_password(conn: &mut Conn, id: &AccountId, hash: &str) -> Outcome<()> {
    diesel::update(accounts::table.find(id)).set(accounts::password_hash.eq(hash)).execute(conn)?;
    Ok(())
}

/// Another password instead of one that was just shown; `false` when it is another already.
pub(super) fn replace_password(conn: &mut Conn, id: &AccountId, before: &str, hash: &str) -> Outcome<bool> {
    let same = accounts::table.find(id).filter(accounts::password_hash.eq(before));
    Ok(diesel::update(same).set(accounts::password_hash.eq(hash)).execute(conn)? == 1)
}

/// Name, ways to reach and a household that is verified by this; without one the present household stays.
pub(super) fn describe_account(conn: &mut Conn, id: &AccountId, person: &NewPerson, by: Option<&AccountId>, now: Instant) -> Outcome<()> {
    let facts = (accounts::name.eq(&person.name), accounts::mobile.eq(&person.mobile), accounts::email.eq(&person.email));
    diesel::update(accounts::table.find(id)).set(facts).execute(conn)?;
    if let Some(household) = &person.household {
        let row = accounts::table.find(id).filter(accounts::household_verified_at.is_null().or(accounts::household_id.is_null()));
        let verified =
            (accounts::household_id.eq(household), accounts::household_verified_at.eq(now.0), accounts::household_verified_by.eq(by));
        diesel::update(row).set(verified).execute(conn)?;
    }
    Ok(())
}

/// The rest of a person: everything personal goes, the id stays. Sessions and tokens are deleted, so that none counts from
/// the commit on; the evidence of a representation stays without the person's name.
pub(super) fn erase_account(conn: &mut Conn, id: &AccountId, now: Instant) -> Outcome<()> {
    use representatives as r;
    let name: String = accounts::table.find(id).select(accounts::name).first(conn)?;
    let theirs = sessions::table.filter(sessions::account_id.eq(id)).select(sessions::id);
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(theirs))).execute(conn)?;
    diesel::delete(sessions::table.filter(sessions::account_id.eq(id))).execute(conn)?;
    diesel::delete(claim_codes::table.find(id)).execute(conn)?;
    let live = role_grants::table.filter(role_grants::account_id.eq(id).and(role_grants::revoked_at.is_null()));
    diesel::update(live).set((role_grants::revoked_at.eq(now.0), role_grants::revoked_by.eq(id))).execute(conn)?;
    let live = r::table.filter(r::account_id.eq(id).and(r::revoked_at.is_null()));
    diesel::update(live).set((r::revoked_at.eq(now.0), r::revoked_by.eq(id))).execute(conn)?;
    let evidence: Vec<(RepresentativeId, String)> = r::table.filter(r::account_id.eq(id)).select((r::id, r::evidence)).load(conn)?;
    for (representative, text) in evidence.into_iter().filter(|(_, text)| !name.is_empty() && text.contains(&name)) {
        diesel::update(r::table.find(representative)).set(r::evidence.eq(text.replace(&name, "（已注销）"))).execute(conn)?;
    }
    let nothing = (
        accounts::name.eq(""),
        accounts::mobile.eq(None::<String>),
        accounts::email.eq(None::<String>),
        accounts::password_hash.eq(None::<String>),
        accounts::household_id.eq(None::<HouseholdId>),
        accounts::household_verified_at.eq(None::<i64>),
        accounts::area_id.eq(None::<AreaId>),
        accounts::erased_at.eq(now.0),
    );
    diesel::update(accounts::table.find(id)).set(nothing).execute(conn)?;
    Ok(())
}

/// Administrators leave one after another: the second to ask waits here, and then counts those who are left.
pub(super) fn take_the_administrators_turn(conn: &mut Conn) -> Outcome<()> {
    use first_admin_tokens as t;
    diesel::update(t::table.find(1)).set(t::used_at.eq(t::used_at)).execute(conn)?;
    Ok(())
}

/// Whose the mobile numbers and e-mail addresses of some people are now.
pub(super) fn owners_of_contacts(conn: &mut Conn, people: &[NewPerson]) -> Outcome<BTreeMap<String, AccountId>> {
    let mobiles: Vec<&String> = people.iter().filter_map(|person| person.mobile.as_ref()).collect();
    let emails: Vec<&String> = people.iter().filter_map(|person| person.email.as_ref()).collect();
    let mut rows: Vec<(Option<String>, AccountId)> =
        accounts::table.filter(accounts::mobile.eq_any(mobiles)).select((accounts::mobile, accounts::id)).load(conn)?;
    rows.extend::<Vec<(Option<String>, AccountId)>>(
        accounts::table.filter(accounts::email.eq_any(emails)).select((accounts::email, accounts::id)).load(conn)?,
    );
    Ok(rows.into_iter().filter_map(|(contact, id)| Some((contact?, id))).collect())
}

pub(super) fn present_households(conn: &mut Conn, codes: &[&str]) -> Outcome<BTreeMap<String, PresentHousehold>> {
    let rows: Vec<(HouseholdId, String, AreaId, String)> = households::table
        .filter(households::code.eq_any(codes))
        .select((households::id, households::code, households::door_id, households::label))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, code, door, label)| (code, PresentHousehold { id, door, label })).collect())
}

pub(super) fn insert_household(conn: &mut Conn, facts: &HouseholdFacts, now: Instant) -> Outcome<HouseholdId> {
    let id = HouseholdId::fresh();
    let row = (
        households::id.eq(&id),
        households::code.eq(&facts.code),
        households::door_id.eq(&facts.door),
        households::label.eq(&facts.label),
        households::created_at.eq(now.0),
    );
    diesel::insert_into(households::table).values(row).execute(conn)?;
    Ok(id)
}

pub(super) fn describe_household(conn: &mut Conn, id: &HouseholdId, label: &str) -> Outcome<()> {
    diesel::update(households::table.find(id)).set(households::label.eq(label)).execute(conn)?;
    Ok(())
}

pub(super) fn insert_organisation(conn: &mut Conn, facts: &OrganisationFacts, now: Instant) -> Outcome<OrganisationId> {
    let id = OrganisationId::fresh();
    let row = (
        organisations::id.eq(&id),
        organisations::code.eq(&facts.code),
        organisations::kind.eq(facts.kind),
        organisations::name_zh.eq(&facts.name_zh),
        organisations::name_en.eq(&facts.name_en),
        organisations::area_id.eq(&facts.area),
        organisations::created_at.eq(now.0),
    );
    diesel::insert_into(organisations::table).values(row).execute(conn)?;
    Ok(id)
}

pub(super) fn describe_organisation(conn: &mut Conn, id: &OrganisationId, name_zh: &str, name_en: Option<&str>) -> Outcome<()> {
    diesel::update(organisations::table.find(id))
        .set((organisations::name_zh.eq(name_zh), organisations::name_en.eq(name_en)))
        .execute(conn)?;
    Ok(())
}

/// Every representation of some accounts, revoked ones too.
pub(super) fn present_representatives(conn: &mut Conn, accounts: &[&AccountId]) -> Outcome<Vec<PresentRepresentative>> {
    use representatives as r;
    type Row = (RepresentativeId, AccountId, OrganisationId, String, Option<String>, i64, i64, String);
    let rows: Vec<Row> = r::table
        .filter(r::account_id.eq_any(accounts.iter().copied()))
        .order(r::id)
        .select((r::id, r::account_id, r::organisation_id, r::powers, r::agreements, r::from_at, r::to_at, r::evidence))
        .load(conn)?;
    let present = |(id, account, organisation, powers, agreements, from, to, evidence): Row| {
        let powers = queries::powers_of(&powers)?;
        let agreements = queries::agreements_of(agreements.as_deref())?;
        let facts = RepresentativeFacts { account, organisation, powers, agreements, from: Instant(from), to: Instant(to), evidence };
        Ok(PresentRepresentative { id, facts })
    };
    rows.into_iter().map(present).collect()
}

fn stored_codes(codes: Option<&[String]>) -> Outcome<Option<String>> {
    codes.map(|codes| serde_json::to_string(codes).map_err(Fault::internal)).transpose()
}

/// `true` while it was not revoked.
pub(super) fn revoke_representative(conn: &mut Conn, id: &RepresentativeId, by: &AccountId, now: Instant) -> Outcome<bool> {
    let live = representatives::table.find(id).filter(representatives::revoked_at.is_null());
    Ok(diesel::update(live).set((representatives::revoked_at.eq(now.0), representatives::revoked_by.eq(by))).execute(conn)? == 1)
}

/// Takes its row until the commit, so that no revocation comes in between. `false` when it is revoked, or not in its time.
pub(super) fn hold_representative(conn: &mut Conn, id: &RepresentativeId, now: Instant) -> Outcome<bool> {
    use representatives as r;
    let live = r::table.find(id).filter(r::revoked_at.is_null().and(r::from_at.le(now.0)).and(r::to_at.gt(now.0)));
    Ok(diesel::update(live).set(r::from_at.eq(r::from_at)).execute(conn)? == 1)
}

pub(super) fn insert_representative(conn: &mut Conn, id: &RepresentativeId, facts: &RepresentativeFacts, now: Instant) -> Outcome<()> {
    let powers = serde_json::to_string(&facts.powers).map_err(Fault::internal)?;
    let row = (
        representatives::id.eq(id),
        representatives::account_id.eq(&facts.account),
        representatives::organisation_id.eq(&facts.organisation),
        representatives::powers.eq(powers),
        representatives::agreements.eq(stored_codes(facts.agreements.as_deref())?),
        representatives::from_at.eq(facts.from.0),
        representatives::to_at.eq(facts.to.0),
        representatives::evidence.eq(&facts.evidence),
        representatives::created_at.eq(now.0),
    );
    diesel::insert_into(representatives::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn change_representative(conn: &mut Conn, id: &RepresentativeId, facts: &RepresentativeFacts) -> Outcome<()> {
    let powers = serde_json::to_string(&facts.powers).map_err(Fault::internal)?;
    let row = (
        representatives::powers.eq(powers),
        representatives::agreements.eq(stored_codes(facts.agreements.as_deref())?),
        representatives::to_at.eq(facts.to.0),
        representatives::evidence.eq(&facts.evidence),
    );
    diesel::update(representatives::table.find(id)).set(row).execute(conn)?;
    Ok(())
}

/// Every grant of some accounts, revoked ones too.
pub(super) fn present_grants(conn: &mut Conn, accounts: &[&AccountId]) -> Outcome<Vec<PresentGrant>> {
    use role_grants as g;
    type Row = (GrantId, AccountId, Role, Option<AreaId>, Option<OrganisationId>, i64, i64, Option<i64>);
    let rows: Vec<Row> = g::table
        .filter(g::account_id.eq_any(accounts.iter().copied()))
        .order(g::id)
        .select((g::id, g::account_id, g::role, g::area_id, g::organisation_id, g::from_at, g::to_at, g::revoked_at))
        .load(conn)?;
    let present = |(id, account, role, area, organisation, from, to, revoked): Row| PresentGrant {
        id,
        facts: GrantFacts { account, role, area, organisation, from: Some(Instant(from)), to: Instant(to) },
        revoked_at: revoked.map(Instant),
    };
    Ok(rows.into_iter().map(present).collect())
}

pub(super) fn change_grant(conn: &mut Conn, id: &GrantId, from: Instant, to: Instant) -> Outcome<()> {
    diesel::update(role_grants::table.find(id)).set((role_grants::from_at.eq(from.0), role_grants::to_at.eq(to.0))).execute(conn)?;
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
    by: &AccountId,
    now: Instant,
) -> Outcome<()> {
    diesel::delete(claim_codes::table.find(account)).execute(conn)?;
    let row = (
        claim_codes::account_id.eq(account),
        claim_codes::code_hash.eq(code_hash),
        claim_codes::expires_at.eq(expires.0),
        claim_codes::created_by.eq(Some(by)),
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

/// Who issued the code of an account that has one.
pub(super) fn claim_code_by(conn: &mut Conn, account: &AccountId) -> Outcome<Option<AccountId>> {
    let by: Option<Option<AccountId>> = claim_codes::table.find(account).select(claim_codes::created_by).first(conn).optional()?;
    Ok(by.flatten())
}

pub(super) fn forget_claim_code(conn: &mut Conn, account: &AccountId) -> Outcome<()> {
    diesel::delete(claim_codes::table.find(account)).execute(conn)?;
    Ok(())
}

/// The codes that somebody issued work no longer.
pub(super) fn forget_codes_by(conn: &mut Conn, issuer: &AccountId) -> Outcome<()> {
    diesel::delete(claim_codes::table.filter(claim_codes::created_by.eq(issuer))).execute(conn)?;
    Ok(())
}

pub(super) fn count_claim_try(conn: &mut Conn, account: &AccountId) -> Outcome<()> {
    diesel::update(claim_codes::table.find(account)).set(claim_codes::tries.eq(claim_codes::tries + 1)).execute(conn)?;
    Ok(())
}

pub(super) fn insert_session(conn: &mut Conn, session: &SessionId, account: &AccountId, now: Instant, ends: Instant) -> Outcome<()> {
    let row = (
        sessions::id.eq(session),
        sessions::account_id.eq(account),
        sessions::created_at.eq(now.0),
        sessions::ends_at.eq(ends.0),
        sessions::proved_at.eq(now.0),
    );
    diesel::insert_into(sessions::table).values(row).execute(conn)?;
    Ok(())
}

/// `true` while the session counts.
pub(super) fn prove_session(conn: &mut Conn, session: &SessionId, account: &AccountId, now: Instant) -> Outcome<bool> {
    let live = sessions::table
        .find(session)
        .filter(sessions::account_id.eq(account).and(sessions::revoked_at.is_null()).and(sessions::ends_at.gt(now.0)));
    Ok(diesel::update(live).set(sessions::proved_at.eq(now.0)).execute(conn)? == 1)
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

/// Since when nobody may use an account; `None`: it may be used.
pub(super) fn set_disabled(conn: &mut Conn, account: &AccountId, since: Option<Instant>) -> Outcome<()> {
    diesel::update(accounts::table.find(account)).set(accounts::disabled_at.eq(since.map(|at| at.0))).execute(conn)?;
    Ok(())
}

/// Ends every session of an account but one; how many.
pub(super) fn revoke_sessions(conn: &mut Conn, account: &AccountId, but: Option<&SessionId>, now: Instant) -> Outcome<usize> {
    let live = sessions::account_id.eq(account).and(sessions::revoked_at.is_null()).and(sessions::ends_at.gt(now.0));
    let others = sessions::table.filter(live.and(sessions::id.ne_all(but)));
    Ok(diesel::update(others).set(sessions::revoked_at.eq(now.0)).execute(conn)?)
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
