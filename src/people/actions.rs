//! Verbs.

use super::keys::{self, KeyRing};
pub use super::model::NewPerson;
use super::model::{
    GrantFacts, HouseholdFacts, NewGrant, OrganisationFacts, PasswordReplaced, Power, RepresentativeFacts, ResetOffered, Role, RoleClaim,
    Standing,
};
use super::rules::{CODE_ALPHABET, CODE_DAYS, CODE_LENGTH, CODE_TRIES, Login};
use super::{queries, rules, sql, tokens};
use crate::audit::{self, Entry, PLATFORM};
use crate::kernel::digest::{hex, sha256_hex};
use crate::kernel::id::{AccountId, AreaId, GrantId, HouseholdId, Id, OrganisationId, RepresentativeId, SessionId};
use crate::kernel::time::Instant;
use crate::kernel::{Change, Code, Fault, Outcome, Put};
use crate::outbox;
use crate::store::{Conn, Tx};
use serde_json::json;

/// A session ends after so many days however often it is refreshed.
const SESSION_DAYS: i64 = 90;
/// … or when it was not used for so many.
const IDLE_DAYS: i64 = 14;
/// A spent refresh token gives its successor again for so long (a lost answer, two tabs).
const GRACE_SECONDS: i64 = 10;

/// What a sign-in or a refresh gives.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Bearer token of the API.
    pub access: String,
    /// For the cookie.
    pub refresh: String,
    /// Who.
    pub account: AccountId,
    /// Roles at this moment.
    pub roles: Vec<RoleClaim>,
}

/// Begins a session for an account whose password was right.
pub fn sign_in(tx: &mut Tx, keys: &KeyRing, account: &AccountId) -> Outcome<Tokens> {
    let now = tx.now();
    let session = SessionId::fresh();
    sql::insert_session(tx, &session, account, now, now.plus_days(SESSION_DAYS))?;
    let refresh = hex(&keys::random_32()?);
    sql::insert_refresh(tx, &tokens::stored(&refresh), &session, now, now.plus_days(IDLE_DAYS))?;
    audit::record(
        tx,
        &Entry { chain: PLATFORM, actor: Some(account), action: "session.begun", subject: session.as_str(), detail: json!({}) },
    )?;
    issue(tx, keys, account, &session, refresh)
}

/// The same for a password that was right a moment ago, whose hash is `kept` instead from now on: one that was replaced since begins
/// no session.
pub fn sign_in_with(tx: &mut Tx, keys: &KeyRing, account: &AccountId, hash: &str, kept: &str) -> Outcome<Tokens> {
    if !sql::replace_password(tx, account, hash, kept)? {
        return Err(Code::WrongCredentials.into());
    }
    sign_in(tx, keys, account)
}

fn issue(tx: &mut Tx, keys: &KeyRing, account: &AccountId, session: &SessionId, refresh: String) -> Outcome<Tokens> {
    let now = tx.now();
    let roles = queries::role_claims(tx, account, now)?;
    let access = tokens::issue(keys, account, session, roles.clone(), now)?;
    Ok(Tokens { access, refresh, account: account.clone(), roles })
}

/// How a refresh ended.
pub enum Refreshed {
    /// New tokens.
    Tokens(Box<Tokens>),
    /// The token counts no longer.
    No,
    /// It was spent before. Committed: this has revoked the session.
    Reused,
}

/// Exchanges a refresh token for its successor (RFC 9700 section 4.14.2). Reuse after the grace revokes the session.
pub fn refresh(tx: &mut Tx, keys: &KeyRing, token: &str) -> Outcome<Refreshed> {
    let now = tx.now();
    let hash = tokens::stored(token);
    let Some(before) = sql::refresh_facts(tx, &hash)? else { return Ok(Refreshed::No) };
    if before.revoked_at.is_some() || before.disabled_at.is_some() || before.ends_at <= now.0 || before.idle_until <= now.0 {
        return Ok(Refreshed::No);
    }
    let next = tokens::successor(keys, token)?;
    if sql::spend_refresh(tx, &hash, now)? {
        sql::insert_refresh(tx, &tokens::stored(&next), &before.session, now, now.plus_days(IDLE_DAYS))?;
    } else {
        // Spent before, or by another request a moment ago: read when.
        let spent = sql::refresh_facts(tx, &hash)?.and_then(|facts| facts.spent_at).or(before.spent_at).unwrap_or(0);
        if Instant(spent).plus_seconds(GRACE_SECONDS) < now {
            sql::revoke_session(tx, &before.session, now)?;
            audit::record(
                tx,
                &Entry {
                    chain: PLATFORM,
                    actor: Some(&before.account),
                    action: "session.reuse",
                    subject: before.session.as_str(),
                    detail: json!({}),
                },
            )?;
            return Ok(Refreshed::Reused);
        }
    }
    issue(tx, keys, &before.account, &before.session, next).map(|tokens| Refreshed::Tokens(Box::new(tokens)))
}

/// The refresh token is of a session of the account that counts: whoever shows it has signed in here before.
pub fn is_known_device(tx: &mut Tx, account: &AccountId, token: &str) -> Outcome<bool> {
    let now = tx.now();
    let facts = sql::refresh_facts(tx, &tokens::stored(token))?;
    let counts = |of: sql::RefreshFacts| of.revoked_at.is_none() && now.0 < of.ends_at && now.0 < of.idle_until && of.account == *account;
    Ok(facts.is_some_and(counts))
}

/// Ends a session at once; its access tokens stop counting with it.
pub fn sign_out(tx: &mut Tx, account: &AccountId, session: &SessionId) -> Outcome<()> {
    let now = tx.now();
    if sql::revoke_session(tx, session, now)? {
        audit::record(
            tx,
            &Entry { chain: PLATFORM, actor: Some(account), action: "session.ended", subject: session.as_str(), detail: json!({}) },
        )?;
    }
    Ok(())
}

/// The password was given again in a session: what needs it fresh may be done until the moment returned.
pub fn step_up(tx: &mut Tx, account: &AccountId, session: &SessionId) -> Outcome<Instant> {
    let now = tx.now();
    if !sql::prove_session(tx, session, account, now)? {
        return Err(Code::Unauthenticated.into());
    }
    let entry = Entry { chain: PLATFORM, actor: Some(account), action: "session.proved", subject: session.as_str(), detail: json!({}) };
    audit::record(tx, &entry)?;
    Ok(rules::fresh_until(now))
}

/// Erases a person: everything personal goes, sessions and tokens are dead, roles and representations are revoked. What they
/// signed and did names their id still. The last platform administrator cannot leave: nobody could follow.
pub fn erase(tx: &mut Tx, account: &AccountId) -> Outcome<()> {
    let now = tx.now();
    if queries::platform_admins(tx, now)?.contains(account) {
        sql::take_the_administrators_turn(tx)?;
        if queries::platform_admins(tx, now)?.iter().all(|admin| admin == account) {
            return Err(Fault::saying(
                Code::StateConflict,
                "您是唯一的平台管理员，请先把管理交给另一位。",
                "You are the only platform administrator; hand over to another one first.",
            ));
        }
    }
    sql::erase_account(tx, account, now)
}

/// Creates an account without a password; it is claimed with a code.
pub fn create_account(tx: &mut Tx, person: &NewPerson, by: Option<&AccountId>) -> Outcome<AccountId> {
    let id = AccountId::fresh();
    let now = tx.now();
    let new = sql::NewAccount {
        id: &id,
        code: person.code.as_deref(),
        name: &person.name,
        mobile: person.mobile.as_deref(),
        email: person.email.as_deref(),
        password_hash: None,
        household: person.household.as_ref(),
        area: person.area.as_ref(),
        by,
    };
    sql::insert_account(tx, &new, now)?;
    audit::record(
        tx,
        &Entry {
            chain: PLATFORM,
            actor: by,
            action: "account.created",
            subject: id.as_str(),
            detail: json!({"household": person.household}),
        },
    )?;
    Ok(id)
}

/// Issues a claim code; the one before it no longer works. For an account that has a password only where its owner `forgot` it: they
/// are told that `desk` did, so that nobody is taken over unnoticed, and the password stays until the code is used.
pub fn issue_claim_code(
    tx: &mut Tx,
    account: &AccountId,
    forgot: bool,
    desk: Option<AreaId>,
    by: &AccountId,
) -> Outcome<(String, Instant)> {
    let facts = queries::account(tx, account)?.ok_or_else(|| Fault::from(Code::NotFound))?;
    let claimed = facts.password_hash.is_some();
    if claimed && !forgot {
        return Err(Fault::saying(
            Code::StateConflict,
            "这个账号已经领取过了。本人忘了密码的，请注明忘了密码再发。",
            "This account has been claimed already. If its owner forgot the password, say so to issue another code.",
        ));
    }
    let now = tx.now();
    let mut code = String::with_capacity(CODE_LENGTH);
    while code.len() < CODE_LENGTH {
        for byte in keys::random_32()? {
            // 240 = 8 × 30: the rest would favour the first letters.
            if byte < 240 && code.len() < CODE_LENGTH {
                code.push(char::from(*CODE_ALPHABET.get(usize::from(byte) % CODE_ALPHABET.len()).unwrap_or(&b'2')));
            }
        }
    }
    let expires = now.plus_days(CODE_DAYS);
    sql::replace_claim_code(tx, account, &sha256_hex(code.as_bytes()), expires, by, now)?;
    let detail = json!({"has_password": claimed});
    audit::record(tx, &Entry { chain: PLATFORM, actor: Some(by), action: "account.claim_code", subject: account.as_str(), detail })?;
    if claimed {
        outbox::enqueue(tx, &ResetOffered { account: account.clone(), desk })?;
    }
    Ok((code, expires))
}

/// Sets the first password with a claim code, or another for whoever forgot theirs, and then ends every session; `None` when login and
/// code do not fit (the try is counted and committed).
pub fn claim(tx: &mut Tx, login: &Login, code: &str, password_hash: &str) -> Outcome<Option<AccountId>> {
    let now = tx.now();
    let Some(facts) = queries::sign_in_facts(tx, login)? else { return Ok(None) };
    let account = facts.account;
    let forgot = facts.password_hash.is_some();
    let usable = facts.disabled_at.is_none() && opens(tx, &account, forgot)?;
    if !usable || !sql::spend_claim_code(tx, &account, &sha256_hex(code.as_bytes()), CODE_TRIES, now)? {
        sql::count_claim_try(tx, &account)?;
        return Ok(None);
    }
    if forgot {
        sql::reset_password(tx, &account, password_hash)?;
        let sessions_ended = sql::revoke_sessions(tx, &account, None, now)?;
        replaced(tx, &account, true, sessions_ended)?;
    } else if sql::set_password(tx, &account, password_hash)? {
        let (actor, subject) = (Some(&account), account.as_str());
        audit::record(tx, &Entry { chain: PLATFORM, actor, action: "account.claimed", subject, detail: json!({}) })?;
    } else {
        return Err(Fault::from(Code::StateConflict));
    }
    Ok(Some(account))
}

/// The code of an account opens it still, or may take the place of the password that was forgotten. Whoever came into office since it was
/// issued needs one from above: a desk must not hold a way into their shoes.
fn opens(tx: &mut Tx, account: &AccountId, forgot: bool) -> Outcome<bool> {
    if !queries::is_beyond_desks(tx, account, forgot)? {
        return Ok(true);
    }
    let now = tx.now();
    let by = sql::claim_code_by(tx, account)?;
    Ok(by.is_some() && queries::platform_admins(tx, now)?.into_iter().any(|admin| Some(admin) == by))
}

/// Another password instead of the one that was just shown; how many sessions elsewhere end with that. A code that was issued for the
/// account works no longer: whoever has it is not to undo this.
pub fn change_password(tx: &mut Tx, account: &AccountId, session: &SessionId, before: &str, hash: &str) -> Outcome<usize> {
    if !sql::replace_password(tx, account, before, hash)? {
        let (zh, en) = ("密码刚刚在别处改过，请重新登录。", "The password has just been changed elsewhere; please sign in again.");
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    let now = tx.now();
    sql::forget_claim_code(tx, account)?;
    let ended = sql::revoke_sessions(tx, account, Some(session), now)?;
    replaced(tx, account, false, ended)?;
    Ok(ended)
}

/// Stops an account: nobody signs in with it, its sessions end, its calendars are closed and the claim codes it issued work no longer;
/// gives how many sessions. For an operator, when a password is in the wrong hands; what was done with it stays.
pub fn disable(tx: &mut Tx, account: &AccountId) -> Outcome<usize> {
    let now = tx.now();
    sql::set_disabled(tx, account, Some(now))?;
    sql::forget_codes_by(tx, account)?;
    let sessions_ended = sql::revoke_sessions(tx, account, None, now)?;
    let detail = json!({"sessions_ended": sessions_ended});
    audit::record(tx, &Entry { chain: PLATFORM, actor: None, action: "account.disabled", subject: account.as_str(), detail })?;
    Ok(sessions_ended)
}

/// Lets an account sign in again; its sessions stay ended.
pub fn enable(tx: &mut Tx, account: &AccountId) -> Outcome<()> {
    sql::set_disabled(tx, account, None)?;
    audit::record(tx, &Entry { chain: PLATFORM, actor: None, action: "account.enabled", subject: account.as_str(), detail: json!({}) })
}

/// Records that an account has another password, and tells its owner.
fn replaced(tx: &mut Tx, account: &AccountId, by_code: bool, sessions_ended: usize) -> Outcome<()> {
    let action = if by_code { "account.password_reset" } else { "account.password_changed" };
    let detail = json!({"sessions_ended": sessions_ended});
    audit::record(tx, &Entry { chain: PLATFORM, actor: Some(account), action, subject: account.as_str(), detail })?;
    outbox::enqueue(tx, &PasswordReplaced { account: account.clone(), by_code })
}

/// Keeps the one-time token of the first administrator while there is none; gives it to be written to a file.
pub fn offer_first_admin(tx: &mut Tx) -> Outcome<Option<String>> {
    if queries::has_platform_admin(tx)? {
        return Ok(None);
    }
    let now = tx.now();
    let token = hex(&keys::random_32()?);
    Ok(sql::put_first_admin_token(tx, &sha256_hex(token.as_bytes()), now)?.then_some(token))
}

/// Makes the first administrator; `None` when the token does not fit or was used.
pub fn create_first_admin(tx: &mut Tx, token: &str, person: &NewPerson, password_hash: &str) -> Outcome<Option<AccountId>> {
    let now = tx.now();
    if !sql::spend_first_admin_token(tx, &sha256_hex(token.as_bytes()), now)? {
        return Ok(None);
    }
    let id = create_account(tx, person, None)?;
    sql::set_password(tx, &id, password_hash)?;
    grant(
        tx,
        &NewGrant {
            id: GrantId::fresh(),
            account: id.clone(),
            role: Role::PlatformAdmin,
            area: None,
            organisation: None,
            from: now,
            to: Instant::LATEST,
        },
        None,
    )?;
    Ok(Some(id))
}

/// Grants a role.
pub fn grant(tx: &mut Tx, grant: &NewGrant, by: Option<&AccountId>) -> Outcome<()> {
    if sql::grant_exists(tx, &grant.account, grant.role, grant.area.as_ref(), grant.organisation.as_ref())? {
        return Ok(());
    }
    record_grant(tx, grant, by)
}

fn record_grant(tx: &mut Tx, grant: &NewGrant, by: Option<&AccountId>) -> Outcome<()> {
    let now = tx.now();
    sql::insert_grant(tx, grant, by, now)?;
    let chain = grant.area.as_ref().map_or(PLATFORM, AreaId::as_str).to_owned();
    let detail = json!({"role": grant.role, "area": grant.area, "organisation": grant.organisation, "account": grant.account});
    audit::record(tx, &Entry { chain: &chain, actor: by, action: "role.granted", subject: grant.id.as_str(), detail })
}

/// Creates or describes the households of those codes (hub files). A household never moves to another door.
pub fn put_households(tx: &mut Tx, wanted: &[HouseholdFacts]) -> Outcome<Vec<Put<HouseholdId>>> {
    let now = tx.now();
    let codes: Vec<&str> = wanted.iter().map(|facts| facts.code.as_str()).collect();
    let known = sql::present_households(tx, &codes)?;
    let mut done = Vec::with_capacity(wanted.len());
    for facts in wanted {
        let present = known.get(&facts.code);
        done.push(match (present, rules::household_change(present, facts)) {
            (present, Err(refusal)) => Put::refused(present.map(|p| p.id.clone()), vec![refusal]),
            (None, Ok(change)) => Put::done(sql::insert_household(tx, facts, now)?, change),
            (Some(present), Ok(change)) => {
                if change == Change::Updated {
                    sql::describe_household(tx, &present.id, &facts.label)?;
                }
                Put::done(present.id.clone(), change)
            }
        });
    }
    Ok(done)
}

/// Creates or describes the organisations of those codes (hub files). What one is and where it belongs never changes.
pub fn put_organisations(tx: &mut Tx, wanted: &[OrganisationFacts]) -> Outcome<Vec<Put<OrganisationId>>> {
    let now = tx.now();
    let codes: Vec<String> = wanted.iter().map(|facts| facts.code.clone()).collect();
    let known = queries::organisations_by_code(tx, &codes)?;
    let mut done = Vec::with_capacity(wanted.len());
    for facts in wanted {
        let present = known.iter().find(|organisation| organisation.code == facts.code);
        done.push(match (present, rules::organisation_change(present, facts)) {
            (present, Err(refusals)) => Put::refused(present.map(|p| p.id.clone()), refusals),
            (None, Ok(change)) => Put::done(sql::insert_organisation(tx, facts, now)?, change),
            (Some(present), Ok(change)) => {
                if change == Change::Updated {
                    sql::describe_organisation(tx, &present.id, &facts.name_zh, facts.name_en.as_deref())?;
                }
                Put::done(present.id.clone(), change)
            }
        });
    }
    Ok(done)
}

/// Creates or describes the people of those codes (hub files). The household a file names is verified by that.
pub fn put_people(tx: &mut Tx, wanted: &[NewPerson], by: Option<&AccountId>) -> Outcome<Vec<Put<AccountId>>> {
    let now = tx.now();
    let codes: Vec<&str> = wanted.iter().filter_map(|person| person.code.as_deref()).collect();
    let known = queries::present_people(tx, &codes)?;
    let taken = sql::owners_of_contacts(tx, wanted)?;
    let mut done = Vec::with_capacity(wanted.len());
    for person in wanted {
        let present = person.code.as_ref().and_then(|code| known.get(code));
        done.push(match (present, rules::person_change(present, person, &taken)) {
            (present, Err(refusals)) => Put::refused(present.map(|p| p.id.clone()), refusals),
            (None, Ok(change)) => Put::done(create_account(tx, person, by)?, change),
            (Some(present), Ok(change)) => {
                if change == Change::Updated {
                    sql::describe_account(tx, &present.id, person, by, now)?;
                    let detail = json!({"household": person.household});
                    let subject = present.id.as_str();
                    audit::record(tx, &Entry { chain: PLATFORM, actor: by, action: "account.described", subject, detail })?;
                }
                Put::done(present.id.clone(), change)
            }
        });
    }
    Ok(done)
}

/// Records representatives (hub files). `signed` tells which of some representations stand behind a signature: what was
/// signed with does not change any more.
pub fn put_representatives(
    tx: &mut Tx,
    wanted: &[RepresentativeFacts],
    signed: fn(&mut Conn, &[RepresentativeId]) -> Outcome<Vec<RepresentativeId>>,
    by: Option<&AccountId>,
) -> Outcome<Vec<Put<RepresentativeId>>> {
    let now = tx.now();
    let accounts: Vec<&AccountId> = wanted.iter().map(|facts| &facts.account).collect();
    let known = sql::present_representatives(tx, &accounts)?;
    let ids: Vec<RepresentativeId> = known.iter().map(|present| present.id.clone()).collect();
    let signed = signed(tx, &ids)?;
    let mut done = Vec::with_capacity(wanted.len());
    for facts in wanted {
        let present = known.iter().find(|p| p.is_about(facts));
        let id = present.map_or_else(RepresentativeId::fresh, |present| present.id.clone());
        let change = match rules::representative_change(present, facts, signed.contains(&id)) {
            Ok(change) => change,
            Err(refusal) => {
                done.push(Put::refused(present.map(|p| p.id.clone()), vec![refusal]));
                continue;
            }
        };
        match change {
            Change::Created => sql::insert_representative(tx, &id, facts, now)?,
            Change::Updated => sql::change_representative(tx, &id, facts)?,
            Change::Unchanged => {}
        }
        if change != Change::Unchanged {
            let detail = json!({
                "account": facts.account, "organisation": facts.organisation, "powers": facts.powers, "from": facts.from, "to": facts.to,
            });
            audit::record(tx, &Entry { chain: PLATFORM, actor: by, action: "representative.recorded", subject: id.as_str(), detail })?;
        }
        done.push(Put::done(id, change));
    }
    Ok(done)
}

/// Revokes a representation: what was signed with it stays, and nothing is signed with it from this commit on, whatever a
/// token says.
pub fn revoke_representative(tx: &mut Tx, by: &AccountId, id: &RepresentativeId) -> Outcome<Instant> {
    let now = tx.now();
    if !sql::revoke_representative(tx, id, by, now)? {
        return Err(Fault::saying(Code::StateConflict, "这项授权已经撤销了。", "It is revoked already."));
    }
    let entry = Entry { chain: PLATFORM, actor: Some(by), action: "representative.revoked", subject: id.as_str(), detail: json!({}) };
    audit::record(tx, &entry)?;
    Ok(now)
}

/// The power of somebody to act for an organisation in an agreement, held until the commit: a revocation comes before it or after it,
/// never beside it. `None` where there is none, or it counts no longer.
pub fn hold_power(
    tx: &mut Tx,
    who: &Standing,
    organisation: &OrganisationId,
    power: Power,
    agreement: &str,
) -> Outcome<Option<RepresentativeId>> {
    let now = tx.now();
    match who.represents_in(organisation, power, agreement) {
        Some(held) if sql::hold_representative(tx, &held.id, now)? => Ok(Some(held.id.clone())),
        _ => Ok(None),
    }
}

/// Grants roles (hub files). One account has a role in one scope once; a grant that was revoked stays revoked unless the
/// new one begins later.
pub fn put_grants(tx: &mut Tx, wanted: &[GrantFacts], by: Option<&AccountId>) -> Outcome<Vec<Put<GrantId>>> {
    let now = tx.now();
    let accounts: Vec<&AccountId> = wanted.iter().map(|facts| &facts.account).collect();
    let known = sql::present_grants(tx, &accounts)?;
    let mut done = Vec::with_capacity(wanted.len());
    for facts in wanted {
        done.push(match rules::grant_change(&known, facts) {
            rules::GrantChange::Same(id) => Put::done(id, Change::Unchanged),
            rules::GrantChange::New => {
                let new = NewGrant {
                    id: GrantId::fresh(),
                    account: facts.account.clone(),
                    role: facts.role,
                    area: facts.area.clone(),
                    organisation: facts.organisation.clone(),
                    from: facts.from.unwrap_or(now),
                    to: facts.to,
                };
                record_grant(tx, &new, by)?;
                Put::done(new.id, Change::Created)
            }
            rules::GrantChange::Validity(id, from) => {
                sql::change_grant(tx, &id, from, facts.to)?;
                let chain = facts.area.as_ref().map_or(PLATFORM, AreaId::as_str);
                let detail = json!({"from": from, "to": facts.to});
                audit::record(tx, &Entry { chain, actor: by, action: "role.changed", subject: id.as_str(), detail })?;
                Put::done(id, Change::Updated)
            }
        });
    }
    Ok(done)
}

/// Forgets sessions that ended a day ago, with their tokens.
pub fn forget_ended_sessions(tx: &mut Tx) -> Outcome<usize> {
    let before = tx.now().plus_days(-1);
    sql::forget_ended(tx, before)
}
