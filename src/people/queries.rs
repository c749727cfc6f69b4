//! Reads.

use super::model::{
    LiveGrant, Organisation, OrganisationKind, Power, PresentPerson, Representation, Representative, Role, RoleClaim, Scope, Standing,
};
use super::rules::Login;
use crate::kernel::id::{AccountId, AreaId, HouseholdId, OrganisationId, RepresentativeId, SessionId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{accounts, areas, households, organisations, representatives, role_grants, sessions};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A row of [`standing_rows`].
pub type StandingRow = (
    Option<HouseholdId>,
    Option<i64>,
    Option<(Role, Option<OrganisationId>)>,
    Option<String>,
    Option<(RepresentativeId, OrganisationId, String, Option<String>)>,
    i64,
);

/// Who the caller is now, in one query (a row per grant × representation, of which people have few), to be asked alone or beside other
/// things; for [`standing_of`].
#[diesel::dsl::auto_type(no_type_alias)]
pub fn standing_rows<'a>(account: &'a AccountId, session: &'a SessionId, at: Instant) -> _ {
    let now: i64 = at.0;
    let live = role_grants::from_at.le(now).and(role_grants::to_at.gt(now)).and(role_grants::revoked_at.is_null());
    let acting = representatives::from_at.le(now).and(representatives::to_at.gt(now)).and(representatives::revoked_at.is_null());
    let power = (representatives::id, representatives::organisation_id, representatives::powers, representatives::agreements);
    sessions::table
        .inner_join(accounts::table)
        .left_join(role_grants::table.on(role_grants::account_id.eq(accounts::id).and(live)))
        .left_join(areas::table.on(role_grants::area_id.eq(areas::id.nullable())))
        .left_join(representatives::table.on(representatives::account_id.eq(accounts::id).and(acting)))
        .filter(sessions::id.eq(session).and(sessions::account_id.eq(account)))
        .filter(sessions::revoked_at.is_null().and(sessions::ends_at.gt(now)).and(accounts::disabled_at.is_null()))
        .select((
            accounts::household_id,
            accounts::household_verified_at,
            (role_grants::role, role_grants::organisation_id).nullable(),
            areas::path.nullable(),
            power.nullable(),
            sessions::proved_at,
        ))
}

/// Who the caller is now; `None` when the account or the session no longer counts.
pub fn standing(conn: &mut Conn, account: &AccountId, session: &SessionId, now: Instant) -> Outcome<Option<Standing>> {
    standing_of(account, standing_rows(account, session, now).load(conn)?)
}

/// Whom the rows are of.
pub fn standing_of(account: &AccountId, rows: Vec<StandingRow>) -> Outcome<Option<Standing>> {
    let Some((household, verified, .., proved_at)) = rows.first().cloned() else { return Ok(None) };
    let mut standing = Standing {
        account: account.clone(),
        household: household.filter(|_| verified.is_some()),
        grants: Vec::new(),
        represents: Vec::new(),
        proved_at: Instant(proved_at),
    };
    for (_, _, grant, area_path, representation, _) in rows {
        if let Some((role, organisation)) = grant {
            let grant = LiveGrant { role, area_path, organisation };
            if !standing.grants.contains(&grant) {
                standing.grants.push(grant);
            }
        }
        if let Some((id, organisation, powers, agreements)) = representation
            && !standing.represents.iter().any(|r| r.id == id)
        {
            let (powers, agreements) = (powers_of(&powers)?, agreements_of(agreements.as_deref())?);
            standing.represents.push(Representation { id, organisation, powers, agreements });
        }
    }
    // Whose mandate has ended or was revoked has no say in the organisation's name any more, whatever role they were given there.
    let Standing { grants, represents, .. } = &mut standing;
    grants.retain(|grant| grant.organisation.as_ref().is_none_or(|of| represents.iter().any(|r| r.organisation == *of)));
    Ok(Some(standing))
}

/// The roles of an account as a token carries them.
pub fn role_claims(conn: &mut Conn, account: &AccountId, now: Instant) -> Outcome<Vec<RoleClaim>> {
    let resident: Option<Option<i64>> = accounts::table.find(account).select(accounts::household_verified_at).first(conn).optional()?;
    let granted: Vec<(Role, Option<String>, Option<String>)> = role_grants::table
        .filter(role_grants::account_id.eq(account))
        .filter(role_grants::from_at.le(now.0).and(role_grants::to_at.gt(now.0)).and(role_grants::revoked_at.is_null()))
        .order(role_grants::id)
        .select((role_grants::role, role_grants::area_id, role_grants::organisation_id))
        .load(conn)?;
    let mut claims: Vec<RoleClaim> = granted
        .into_iter()
        .map(|(role, area, organisation)| RoleClaim {
            role,
            scope: match (area, organisation) {
                (Some(area), _) => Scope::Area(area),
                (None, Some(organisation)) => Scope::Organisation(organisation),
                (None, None) => Scope::Platform,
            },
        })
        .collect();
    if resident.flatten().is_some() {
        let household: Option<String> =
            accounts::table.find(account).inner_join(households::table).select(households::door_id).first(conn).optional()?;
        if let Some(door) = household {
            claims.insert(0, RoleClaim { role: Role::Resident, scope: Scope::Area(door) });
        }
    }
    Ok(claims)
}

/// What signing in needs.
#[derive(Debug, Clone, Queryable)]
pub struct SignInFacts {
    /// Who.
    pub account: AccountId,
    /// PHC string; `None` until claimed.
    pub password_hash: Option<String>,
    /// Set when disabled.
    pub disabled_at: Option<i64>,
}

/// The account of a login.
pub fn sign_in_facts(conn: &mut Conn, login: &Login) -> Outcome<Option<SignInFacts>> {
    let columns = (accounts::id, accounts::password_hash, accounts::disabled_at);
    let found = match login {
        Login::Email(email) => accounts::table.filter(accounts::email.eq(email)).select(columns).first(conn).optional()?,
        Login::Mobile(mobile) => accounts::table.filter(accounts::mobile.eq(mobile)).select(columns).first(conn).optional()?,
    };
    Ok(found)
}

/// An account as its owner sees it.
#[derive(Debug, Clone, Queryable)]
pub struct AccountFacts {
    /// Id.
    pub id: AccountId,
    /// Name.
    pub name: String,
    /// E.164.
    pub mobile: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Household.
    pub household_id: Option<HouseholdId>,
    /// When the community verified it.
    pub household_verified_at: Option<i64>,
    /// PHC string; `None` until claimed.
    pub password_hash: Option<String>,
}

/// The account of that id.
pub fn account(conn: &mut Conn, id: &AccountId) -> Outcome<Option<AccountFacts>> {
    let columns = (
        accounts::id,
        accounts::name,
        accounts::mobile,
        accounts::email,
        accounts::household_id,
        accounts::household_verified_at,
        accounts::password_hash,
    );
    Ok(accounts::table.find(id).select(columns).first(conn).optional()?)
}

/// Paths of the areas an account belongs to: its household's door, the area whose desk made it, the areas of its roles and of its organisations.
pub fn area_paths(conn: &mut Conn, id: &AccountId) -> Outcome<Vec<String>> {
    let mut paths: Vec<String> =
        accounts::table.find(id).inner_join(households::table.inner_join(areas::table)).select(areas::path).load(conn)?;
    let made_for = accounts::table.inner_join(areas::table.on(accounts::area_id.eq(areas::id.nullable())));
    paths.extend(made_for.filter(accounts::id.eq(id)).select(areas::path).load::<String>(conn)?);
    paths.extend(
        role_grants::table.inner_join(areas::table).filter(role_grants::account_id.eq(id)).select(areas::path).load::<String>(conn)?,
    );
    paths.extend(
        role_grants::table
            .inner_join(organisations::table.inner_join(areas::table))
            .filter(role_grants::account_id.eq(id))
            .select(areas::path)
            .load::<String>(conn)?,
    );
    paths.extend(
        representatives::table
            .inner_join(organisations::table.inner_join(areas::table))
            .filter(representatives::account_id.eq(id))
            .select(areas::path)
            .load::<String>(conn)?,
    );
    Ok(paths)
}

/// Officers among some accounts: who was granted a role, or may sign for an organisation. What was revoked does not count.
pub fn officers(conn: &mut Conn, ids: &[AccountId]) -> Outcome<BTreeSet<AccountId>> {
    let granted = role_grants::account_id.eq_any(ids).and(role_grants::revoked_at.is_null());
    let holders: Vec<AccountId> = role_grants::table.filter(granted).select(role_grants::account_id).load(conn)?;
    let mut all: BTreeSet<AccountId> = holders.into_iter().collect();
    let acting: Vec<(AccountId, String)> = representatives::table
        .filter(representatives::account_id.eq_any(ids).and(representatives::revoked_at.is_null()))
        .select((representatives::account_id, representatives::powers))
        .load(conn)?;
    for (account, powers) in acting {
        if powers_of(&powers)?.contains(&Power::Sign) {
            all.insert(account);
        }
    }
    Ok(all)
}

/// Only the platform administrator hands out a claim code for the account: a desk must not hold a way into the shoes of an officer, nor,
/// in place of a password that was `forgotten`, into those of whoever represents an organisation in whatever.
pub fn is_beyond_desks(conn: &mut Conn, id: &AccountId, forgotten: bool) -> Outcome<bool> {
    if !officers(conn, std::slice::from_ref(id))?.is_empty() {
        return Ok(true);
    }
    let acting = representatives::account_id.eq(id).and(representatives::revoked_at.is_null());
    Ok(forgotten && representatives::table.filter(acting).count().get_result::<i64>(conn)? > 0)
}

/// The household of that id and the path of its door.
pub fn household_door(conn: &mut Conn, id: &HouseholdId) -> Outcome<Option<String>> {
    Ok(households::table.find(id).inner_join(areas::table).select(areas::path).first(conn).optional()?)
}

fn organisation(row: (OrganisationId, String, OrganisationKind, String, Option<String>, AreaId)) -> Organisation {
    let (id, code, kind, name_zh, name_en, area_id) = row;
    Organisation { id, code, kind, name_zh, name_en, area_id }
}

/// The organisations of those natural codes.
pub fn organisations_by_code(conn: &mut Conn, codes: &[String]) -> Outcome<Vec<Organisation>> {
    use organisations as o;
    let rows = o::table
        .filter(o::code.eq_any(codes))
        .order(o::code)
        .select((o::id, o::code, o::kind, o::name_zh, o::name_en, o::area_id))
        .load(conn)?;
    Ok(rows.into_iter().map(organisation).collect())
}

/// The organisations of those ids.
pub fn organisations(conn: &mut Conn, ids: &[OrganisationId]) -> Outcome<Vec<Organisation>> {
    use organisations as o;
    let rows = o::table
        .filter(o::id.eq_any(ids))
        .order(o::code)
        .select((o::id, o::code, o::kind, o::name_zh, o::name_en, o::area_id))
        .load(conn)?;
    Ok(rows.into_iter().map(organisation).collect())
}

/// Representations of an account that hold now, with their powers.
pub fn representations(conn: &mut Conn, account: &AccountId, now: Instant) -> Outcome<Vec<Representation>> {
    use representatives as r;
    let rows: Vec<(RepresentativeId, OrganisationId, String, Option<String>)> = r::table
        .filter(r::account_id.eq(account).and(r::from_at.le(now.0)).and(r::to_at.gt(now.0)).and(r::revoked_at.is_null()))
        .order(r::id)
        .select((r::id, r::organisation_id, r::powers, r::agreements))
        .load(conn)?;
    let representation = |(id, organisation, powers, agreements): (_, _, String, Option<String>)| {
        Ok(Representation { id, organisation, powers: powers_of(&powers)?, agreements: agreements_of(agreements.as_deref())? })
    };
    rows.into_iter().map(representation).collect()
}

type RepresentativeRow = (RepresentativeId, AccountId, String, OrganisationId, (String, Option<String>), (i64, i64), String, Option<i64>);

fn representative_of(row: RepresentativeRow) -> Outcome<Representative> {
    let (id, account, name, organisation, (powers, agreements), (from, to), evidence, revoked_at) = row;
    Ok(Representative {
        id,
        account,
        name,
        organisation,
        powers: powers_of(&powers)?,
        agreements: agreements_of(agreements.as_deref())?,
        from: Instant(from),
        to: Instant(to),
        evidence,
        revoked_at: revoked_at.map(Instant),
    })
}

/// The representation of that id, whenever it holds.
pub fn representative(conn: &mut Conn, id: &RepresentativeId) -> Outcome<Option<Representative>> {
    use representatives as r;
    let columns = (
        r::id,
        r::account_id,
        accounts::name,
        r::organisation_id,
        (r::powers, r::agreements),
        (r::from_at, r::to_at),
        r::evidence,
        r::revoked_at,
    );
    let row: Option<RepresentativeRow> = r::table.find(id).inner_join(accounts::table).select(columns).first(conn).optional()?;
    row.map(representative_of).transpose()
}

/// Everybody who represents or represented an organisation, the latest first.
pub fn representatives_of(conn: &mut Conn, organisation: &OrganisationId, ask: &PageAsk) -> Outcome<PageOf<Representative>> {
    use representatives as r;
    let columns = (
        r::id,
        r::account_id,
        accounts::name,
        r::organisation_id,
        (r::powers, r::agreements),
        (r::from_at, r::to_at),
        r::evidence,
        r::revoked_at,
    );
    let mut query = r::table.inner_join(accounts::table).filter(r::organisation_id.eq(organisation)).select(columns).into_boxed();
    if let Some(after) = &ask.after {
        query = query.filter(r::id.lt(after.clone()));
    }
    let page = ask.cut(query.order(r::id.desc()).limit(ask.fetch()).load::<RepresentativeRow>(conn)?, |row| row.0.to_string());
    let items = page.items.into_iter().map(representative_of).collect::<Outcome<Vec<_>>>()?;
    Ok(PageOf { items, next: page.next })
}

/// The property managers whose area is one of those a path leads through.
pub fn managers_of(conn: &mut Conn, area_path: &str) -> Outcome<Vec<OrganisationId>> {
    use organisations as o;
    let areas: Vec<&str> = area_path.split('/').filter(|area| !area.is_empty()).collect();
    let here = o::kind.eq(OrganisationKind::PropertyManager).and(o::area_id.eq_any(areas));
    Ok(o::table.filter(here).order(o::id).select(o::id).load(conn)?)
}

/// The organisation of that id with the path of its area.
pub fn organisation_area(conn: &mut Conn, id: &OrganisationId) -> Outcome<Option<String>> {
    Ok(organisations::table.find(id).inner_join(areas::table).select(areas::path).first(conn).optional()?)
}

pub(super) fn agreements_of(text: Option<&str>) -> Outcome<Option<Vec<String>>> {
    text.map(|text| serde_json::from_str(text).map_err(|e| Fault::internal(format!("agreements of a representative: {e}")))).transpose()
}

pub(super) fn powers_of(text: &str) -> Outcome<Vec<Power>> {
    serde_json::from_str(text).map_err(|e| Fault::internal(format!("powers of a representative: {e}")))
}

/// Accounts that represent any of the organisations now, with the organisation: who is told about an agreement, and for whom.
pub fn representing(conn: &mut Conn, organisations: &[OrganisationId], now: Instant) -> Outcome<Vec<(AccountId, OrganisationId)>> {
    use representatives as r;
    Ok(r::table
        .filter(r::organisation_id.eq_any(organisations).and(r::from_at.le(now.0)).and(r::to_at.gt(now.0)).and(r::revoked_at.is_null()))
        .select((r::account_id, r::organisation_id))
        .distinct()
        .order((r::account_id, r::organisation_id))
        .load(conn)?)
}

/// Accounts that hold a role over an area now, by a grant for it or for one it lies in.
pub fn in_charge(conn: &mut Conn, role: Role, area_path: &str, now: Instant) -> Outcome<Vec<AccountId>> {
    // The path is its ids: every prefix of it is an area above.
    let above: Vec<&str> = area_path.split('/').filter(|id| !id.is_empty()).collect();
    let live = role_grants::from_at.le(now.0).and(role_grants::to_at.gt(now.0)).and(role_grants::revoked_at.is_null());
    Ok(role_grants::table
        .filter(role_grants::role.eq(role).and(role_grants::area_id.eq_any(above)).and(live))
        .select(role_grants::account_id)
        .distinct()
        .order(role_grants::account_id)
        .load(conn)?)
}

/// Those of some accounts that have an e-mail address, each once.
pub fn with_email(conn: &mut Conn, ids: &[AccountId]) -> Outcome<Vec<AccountId>> {
    let reachable = accounts::id.eq_any(ids).and(accounts::email.is_not_null()).and(accounts::disabled_at.is_null());
    Ok(accounts::table.filter(reachable).order(accounts::id).select(accounts::id).load(conn)?)
}

/// Accounts of a household.
pub fn members(conn: &mut Conn, household: &HouseholdId) -> Outcome<Vec<AccountId>> {
    let usable = accounts::household_id.eq(household).and(accounts::disabled_at.is_null());
    Ok(accounts::table.filter(usable).order(accounts::id).select(accounts::id).load(conn)?)
}

/// Accounts of several households.
pub fn members_of(conn: &mut Conn, households: &[HouseholdId]) -> Outcome<Vec<(HouseholdId, AccountId)>> {
    let rows: Vec<(Option<HouseholdId>, AccountId)> = accounts::table
        .filter(accounts::household_id.eq_any(households).and(accounts::disabled_at.is_null()))
        .order(accounts::id)
        .select((accounts::household_id, accounts::id))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(household, account)| Some((household?, account))).collect())
}

/// True once somebody administers the platform.
pub fn has_platform_admin(conn: &mut Conn) -> Outcome<bool> {
    let n: i64 = role_grants::table.filter(role_grants::role.eq(Role::PlatformAdmin)).count().get_result(conn)?;
    Ok(n > 0)
}

/// People erased since a moment.
pub fn erased_since(conn: &mut Conn, since: Instant) -> Outcome<Vec<AccountId>> {
    Ok(accounts::table.filter(accounts::erased_at.ge(since.0)).order(accounts::id).select(accounts::id).load(conn)?)
}

/// Who administers the platform now. Whose account was stopped does not.
pub fn platform_admins(conn: &mut Conn, now: Instant) -> Outcome<Vec<AccountId>> {
    let live = role_grants::from_at.le(now.0).and(role_grants::to_at.gt(now.0)).and(role_grants::revoked_at.is_null());
    Ok(role_grants::table
        .inner_join(accounts::table.on(accounts::id.eq(role_grants::account_id)))
        .filter(role_grants::role.eq(Role::PlatformAdmin).and(live).and(accounts::disabled_at.is_null()))
        .select(role_grants::account_id)
        .distinct()
        .order(role_grants::account_id)
        .load(conn)?)
}

/// Natural codes that exist with their ids, for hub imports.
pub type Codes<T> = BTreeMap<String, T>;

/// Every household.
pub fn household_codes(conn: &mut Conn) -> Outcome<Codes<HouseholdId>> {
    let rows: Vec<(String, HouseholdId)> = households::table.select((households::code, households::id)).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Every organisation with its area.
pub fn organisation_codes(conn: &mut Conn) -> Outcome<Codes<(OrganisationId, AreaId)>> {
    let columns = (organisations::code, organisations::id, organisations::area_id);
    let rows: Vec<(String, OrganisationId, AreaId)> = organisations::table.select(columns).load(conn)?;
    Ok(rows.into_iter().map(|(code, id, area)| (code, (id, area))).collect())
}

/// Every account that has a code.
pub fn account_codes(conn: &mut Conn) -> Outcome<Codes<AccountId>> {
    let rows: Vec<(Option<String>, AccountId)> =
        accounts::table.filter(accounts::code.is_not_null()).select((accounts::code, accounts::id)).load(conn)?;
    Ok(rows.into_iter().filter_map(|(code, id)| Some((code?, id))).collect())
}

/// The people of those codes as they stand.
pub fn present_people(conn: &mut Conn, codes: &[&str]) -> Outcome<Codes<PresentPerson>> {
    type Flags = (Option<i64>, Option<String>, Option<i64>);
    type Row = (AccountId, Option<String>, String, Option<String>, Option<String>, Option<HouseholdId>, Flags);
    let rows: Vec<Row> = accounts::table
        .filter(accounts::code.eq_any(codes))
        .select((
            accounts::id,
            accounts::code,
            accounts::name,
            accounts::mobile,
            accounts::email,
            accounts::household_id,
            (accounts::household_verified_at, accounts::password_hash, accounts::erased_at),
        ))
        .load(conn)?;
    let person = |(id, code, name, mobile, email, household, (verified, password, erased)): Row| {
        let (verified, claimed, erased) = (verified.is_some(), password.is_some(), erased.is_some());
        Some((code?, PresentPerson { id, name, mobile, email, household, verified, claimed, erased }))
    };
    Ok(rows.into_iter().filter_map(person).collect())
}

/// Names of people.
pub fn names(conn: &mut Conn, ids: &[AccountId]) -> Outcome<Vec<(AccountId, String)>> {
    Ok(accounts::table.filter(accounts::id.eq_any(ids)).select((accounts::id, accounts::name)).load(conn)?)
}

/// A household with the people whom the community has verified in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbours {
    /// The household.
    pub household: HouseholdId,
    /// Its natural code.
    pub code: String,
    /// Its door.
    pub door: AreaId,
    /// Accounts with their names, in order of account.
    pub people: Vec<(AccountId, String)>,
}

fn neighbours(conn: &mut Conn, households: Vec<(HouseholdId, String, AreaId)>) -> Outcome<Vec<Neighbours>> {
    let ids: Vec<&HouseholdId> = households.iter().map(|(id, ..)| id).collect();
    let there = accounts::household_id.eq_any(ids).and(accounts::household_verified_at.is_not_null());
    let people: Vec<(Option<HouseholdId>, AccountId, String)> = accounts::table
        .filter(there.and(accounts::disabled_at.is_null()))
        .order(accounts::id)
        .select((accounts::household_id, accounts::id, accounts::name))
        .load(conn)?;
    let of = |id: &HouseholdId| -> Vec<(AccountId, String)> {
        let theirs = people.iter().filter(|(of, ..)| of.as_ref() == Some(id));
        theirs.map(|(_, account, name)| (account.clone(), name.clone())).collect()
    };
    Ok(households.into_iter().map(|(id, code, door)| Neighbours { people: of(&id), household: id, code, door }).collect())
}

/// The households behind a door, in order of code.
pub fn neighbours_at(conn: &mut Conn, door: &AreaId) -> Outcome<Vec<Neighbours>> {
    let behind = households::table.filter(households::door_id.eq(door)).order(households::code);
    let found = behind.select((households::id, households::code, households::door_id)).load(conn)?;
    neighbours(conn, found)
}

/// The household of that natural code.
pub fn neighbours_of_code(conn: &mut Conn, code: &str) -> Outcome<Option<Neighbours>> {
    let named = households::table.filter(households::code.eq(code));
    let found = named.select((households::id, households::code, households::door_id)).load(conn)?;
    Ok(neighbours(conn, found)?.pop())
}

/// The account is of that household, as the community has verified.
pub fn is_verified_member(conn: &mut Conn, account: &AccountId, household: &HouseholdId) -> Outcome<bool> {
    let there = accounts::household_id.eq(household).and(accounts::household_verified_at.is_not_null());
    let n: i64 =
        accounts::table.filter(accounts::id.eq(account).and(there).and(accounts::disabled_at.is_null())).count().get_result(conn)?;
    Ok(n == 1)
}
