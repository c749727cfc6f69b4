//! Reads.

pub mod lifecycle;
pub mod rounds;
pub mod signing;
pub mod votes;
pub mod waiting;

use crate::agreements::model::signing::Window;
use crate::agreements::model::{Agreement, EffectDates, EventKind, Method, PartyState, Shared, Signature, Version, VersionState, Wording};
use crate::kernel::id::{AccountId, AgreementId, AreaId, OrganisationId, RepresentativeId, SignatureId, SiteId, VersionId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{
    agreement_sites, agreement_versions as versions, agreements, areas, declines, floors, organisations, signatures, signing_windows,
    sites, spaces, version_effects, version_events, version_parties,
};
use crate::terms::model::PartyCapacity;
use diesel::prelude::*;

type AgreementRow = (AgreementId, String, AreaId, String, String, Option<String>);

fn agreement(row: AgreementRow, sites: Vec<SiteId>) -> Agreement {
    let (id, code, area, area_path, title_zh, title_en) = row;
    Agreement { id, code, area, area_path, title_zh, title_en, sites }
}

fn sites_of(conn: &mut Conn, ids: &[AgreementId]) -> Outcome<Vec<(AgreementId, SiteId)>> {
    use agreement_sites as s;
    Ok(s::table.filter(s::agreement_id.eq_any(ids)).order((s::agreement_id, s::site_id)).load(conn)?)
}

/// The agreement of that id.
pub fn find(conn: &mut Conn, id: &AgreementId) -> Outcome<Option<Agreement>> {
    let columns = (agreements::id, agreements::code, agreements::area_id, areas::path, agreements::title_zh, agreements::title_en);
    let row: Option<AgreementRow> = agreements::table.find(id).inner_join(areas::table).select(columns).first(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let sites = sites_of(conn, std::slice::from_ref(id))?.into_iter().map(|(_, site)| site).collect();
    Ok(Some(agreement(row, sites)))
}

/// The agreement of that natural code.
pub fn by_code(conn: &mut Conn, code: &str) -> Outcome<Option<Agreement>> {
    let id: Option<AgreementId> = agreements::table.filter(agreements::code.eq(code)).select(agreements::id).first(conn).optional()?;
    match id {
        Some(id) => find(conn, &id),
        None => Ok(None),
    }
}

/// Agreements everybody may know of (a version was agreed) and those the caller may see besides, in order of code.
pub fn page(conn: &mut Conn, ask: &PageAsk, visible: &Visible, which: &Which) -> Outcome<PageOf<Agreement>> {
    let columns = (agreements::id, agreements::code, agreements::area_id, areas::path, agreements::title_zh, agreements::title_en);
    let agreed = versions::table.filter(versions::agreement_id.eq(agreements::id).and(versions::state.eq(VersionState::Agreed)));
    let party = version_parties::table
        .inner_join(versions::table.on(versions::id.eq(version_parties::version_id)))
        .filter(versions::agreement_id.eq(agreements::id).and(version_parties::organisation_id.eq_any(visible.organisations.clone())));
    let public = diesel::dsl::exists(agreed.select(versions::id)).or(diesel::dsl::exists(party.select(version_parties::stage)));
    // Every branch of the OR carries the page key; the empty key lies before every code.
    let after = ask.after.clone().unwrap_or_default();
    let mut query = agreements::table.inner_join(areas::table).select(columns).order(agreements::code).limit(ask.fetch()).into_boxed();
    query = query.filter(public.and(agreements::code.gt(after.clone())));
    for path in &visible.area_paths {
        query = query.or_filter(areas::path.like(format!("{path}%")).and(agreements::code.gt(after.clone())));
    }
    if let Some(area) = &which.area {
        query = query.filter(agreements::area_id.eq(area));
    }
    if let Some(site) = &which.site {
        let covering = agreement_sites::table.filter(agreement_sites::site_id.eq(site)).select(agreement_sites::agreement_id);
        query = query.filter(agreements::id.eq_any(covering));
    }
    if let Some(organisation) = &which.party {
        let of_party = version_parties::table
            .inner_join(versions::table.on(versions::id.eq(version_parties::version_id)))
            .filter(version_parties::organisation_id.eq(organisation))
            .select(versions::agreement_id);
        query = query.filter(agreements::id.eq_any(of_party));
    }
    let page = ask.cut(query.load::<AgreementRow>(conn)?, |row| row.1.clone());
    let ids: Vec<AgreementId> = page.items.iter().map(|row| row.0.clone()).collect();
    let sites = sites_of(conn, &ids)?;
    Ok(page.map(|row| {
        let mine = sites.iter().filter(|(id, _)| *id == row.0).map(|(_, site)| site.clone()).collect();
        agreement(row, mine)
    }))
}

/// Which agreements are asked for; of all that may be seen, unless something is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Managed by this area.
    pub area: Option<AreaId>,
    /// Covering this site.
    pub site: Option<SiteId>,
    /// A version of which names this organisation as a party.
    pub party: Option<OrganisationId>,
}

/// What a caller may see besides what is public.
#[derive(Debug, Clone, Default)]
pub struct Visible {
    /// Areas in which the caller may see every agreement.
    pub area_paths: Vec<String>,
    /// Organisations whose agreements the caller may see.
    pub organisations: Vec<OrganisationId>,
}

type VersionRow =
    ((VersionId, AgreementId, i32, VersionState, String, Option<String>, Option<String>, i32), Option<(i64, i64)>, Option<(i64, i64, i64)>);

fn version(row: VersionRow) -> Version {
    let ((id, agreement, no, state, clauses, canonical, sha256, revision), signing, effect) = row;
    let signing = signing.map(|(opened_at, closes_at)| Window { opened_at: Instant(opened_at), closes_at: Instant(closes_at) });
    let effect = effect.map(|(agreed_at, from, to)| EffectDates {
        agreed_at: Instant(agreed_at),
        from: Instant(from),
        to: Instant(to),
        superseded: false,
    });
    Version { wording: Wording::stored(clauses), id, agreement, no, state, canonical, sha256, revision, signing, effect }
}

/// Which versions of an agreement.
enum Wanted {
    All,
    No(i32),
    /// The latest one agreed before this number.
    AgreedBefore(i32),
}

/// The latest first.
fn read(conn: &mut Conn, agreement: &AgreementId, wanted: &Wanted) -> Outcome<Vec<Version>> {
    let mut query = versions::table
        .left_join(version_effects::table)
        .left_join(signing_windows::table)
        .filter(versions::agreement_id.eq(agreement))
        .order(versions::version_no.desc())
        .select((
            (
                versions::id,
                versions::agreement_id,
                versions::version_no,
                versions::state,
                versions::clauses,
                versions::canonical,
                versions::sha256,
                versions::revision,
            ),
            (signing_windows::opened_at, signing_windows::closes_at).nullable(),
            (version_effects::agreed_at, version_effects::from_at, version_effects::to_at).nullable(),
        ))
        .into_boxed();
    query = match wanted {
        Wanted::All => query,
        Wanted::No(no) => query.filter(versions::version_no.eq(*no)),
        Wanted::AgreedBefore(no) => query.filter(versions::version_no.lt(*no).and(versions::state.eq(VersionState::Agreed))).limit(1),
    };
    let mut found: Vec<Version> = query.load::<VersionRow>(conn)?.into_iter().map(version).collect();
    if found.iter().all(|version| version.effect.is_none()) {
        return Ok(found);
    }
    let begins: Vec<(i32, i64)> = versions::table
        .inner_join(version_effects::table)
        .filter(versions::agreement_id.eq(agreement))
        .select((versions::version_no, version_effects::from_at))
        .load(conn)?;
    for version in &mut found {
        if let Some(dates) = &mut version.effect {
            dates.superseded = begins.iter().any(|(no, from)| *no > version.no && Instant(*from) <= dates.to);
        }
    }
    Ok(found)
}

/// Every version of an agreement, the latest first.
pub fn versions(conn: &mut Conn, agreement: &AgreementId) -> Outcome<Vec<Version>> {
    read(conn, agreement, &Wanted::All)
}

/// One version by its number.
pub fn version_no(conn: &mut Conn, agreement: &AgreementId, no: i32) -> Outcome<Option<Version>> {
    Ok(read(conn, agreement, &Wanted::No(no))?.pop())
}

/// The latest version that was agreed before the one of that number.
pub fn agreed_before(conn: &mut Conn, agreement: &AgreementId, no: i32) -> Outcome<Option<Version>> {
    Ok(read(conn, agreement, &Wanted::AgreedBefore(no))?.pop())
}

/// The agreement and number of a version.
pub fn version_of(conn: &mut Conn, id: &VersionId) -> Outcome<Option<(AgreementId, i32)>> {
    Ok(versions::table.find(id).select((versions::agreement_id, versions::version_no)).first(conn).optional()?)
}

type SignatureRow = (SignatureId, Method, AccountId, Option<RepresentativeId>, Option<String>, i64, Option<i64>, Option<AccountId>);
type PartyRow = (OrganisationId, String, String, Option<String>, PartyCapacity, i32, Option<SignatureRow>, Option<(i64, String)>);

/// The parties of a proposed version with their signatures and declines, in order of stage and code.
pub fn parties(conn: &mut Conn, version: &VersionId) -> Outcome<Vec<PartyState>> {
    use version_parties as p;
    let rows: Vec<PartyRow> = p::table
        .inner_join(organisations::table)
        .left_join(signatures::table.on(signatures::version_id.eq(p::version_id).and(signatures::organisation_id.eq(p::organisation_id))))
        .left_join(declines::table.on(declines::version_id.eq(p::version_id).and(declines::organisation_id.eq(p::organisation_id))))
        .filter(p::version_id.eq(version))
        .order((p::stage, organisations::code))
        .select((
            organisations::id,
            organisations::code,
            organisations::name_zh,
            organisations::name_en,
            p::capacity,
            p::stage,
            (
                signatures::id,
                signatures::method,
                signatures::account_id,
                signatures::representative_id,
                signatures::evidence_sha256,
                signatures::signed_at,
                signatures::confirmed_at,
                signatures::confirmed_by,
            )
                .nullable(),
            (declines::declined_at, declines::reason).nullable(),
        ))
        .load(conn)?;
    let signature = |row: SignatureRow| {
        let (id, method, account, representative, evidence_sha256, signed_at, confirmed_at, confirmed_by) = row;
        let (signed_at, confirmed_at) = (Instant(signed_at), confirmed_at.map(Instant));
        Signature { id, method, account, representative, evidence_sha256, signed_at, confirmed_at, confirmed_by }
    };
    let party = |(organisation, code, name_zh, name_en, capacity, stage, signed, declined): PartyRow| PartyState {
        organisation,
        code,
        name_zh,
        name_en,
        capacity,
        stage,
        signature: signed.map(signature),
        declined: declined.map(|(at, reason): (i64, String)| (Instant(at), reason)),
    };
    Ok(rows.into_iter().map(party).collect())
}

/// The parties of the latest version agreed, or else of the latest put to parties: whom the agreement binds, or is to bind.
pub fn signed_parties(conn: &mut Conn, agreement: &AgreementId) -> Outcome<Vec<OrganisationId>> {
    let of: Vec<(VersionId, VersionState)> = versions::table
        .filter(versions::agreement_id.eq(agreement))
        .order(versions::version_no.desc())
        .select((versions::id, versions::state))
        .load(conn)?;
    let agreed = of.iter().find(|(_, state)| *state == VersionState::Agreed).or(of.first());
    Ok(version_parties::table
        .filter(version_parties::version_id.eq_any(agreed.map(|(id, _)| id)))
        .select(version_parties::organisation_id)
        .load(conn)?)
}

/// What happened to a version, in order.
pub fn events(conn: &mut Conn, version: &VersionId) -> Outcome<Vec<(EventKind, Instant, Option<AccountId>)>> {
    use version_events as e;
    let rows: Vec<(EventKind, i64, Option<AccountId>)> =
        e::table.filter(e::version_id.eq(version)).order((e::at, e::id)).select((e::kind, e::at, e::actor)).load(conn)?;
    Ok(rows.into_iter().map(|(kind, at, actor)| (kind, Instant(at), actor)).collect())
}

/// The agreement as the permission table sees it: parties of any version, and owners of the floors and spaces it covers.
pub fn shared(conn: &mut Conn, agreement: &Agreement) -> Outcome<Shared> {
    let mut members: Vec<OrganisationId> = version_parties::table
        .inner_join(versions::table.on(versions::id.eq(version_parties::version_id)))
        .filter(versions::agreement_id.eq(&agreement.id))
        .select(version_parties::organisation_id)
        .distinct()
        .load(conn)?;
    members.extend(owners(conn, &agreement.sites)?);
    let agreed: i64 = versions::table
        .filter(versions::agreement_id.eq(&agreement.id).and(versions::state.eq(VersionState::Agreed)))
        .count()
        .get_result(conn)?;
    members.sort();
    members.dedup();
    Ok(Shared { area_path: agreement.area_path.clone(), organisations: members, known_to_all: agreed > 0 })
}

/// The spaces of sites (`site/space`) with who owns them: their own title, else their floor's. A common part has no owner.
pub fn owned(conn: &mut Conn, of: &[SiteId]) -> Outcome<Vec<(String, OrganisationId)>> {
    let rows: Vec<(String, String, Option<OrganisationId>, Option<OrganisationId>)> = spaces::table
        .inner_join(floors::table)
        .inner_join(sites::table)
        .filter(spaces::site_id.eq_any(of))
        .order((sites::code, spaces::code))
        .select((sites::code, spaces::code, spaces::title_organisation_id, floors::title_organisation_id))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(site, space, own, of_floor)| Some((format!("{site}/{space}"), own.or(of_floor)?))).collect())
}

/// Paths of the areas that manage sites.
pub fn site_paths(conn: &mut Conn, of: &[SiteId]) -> Outcome<Vec<(SiteId, String)>> {
    Ok(sites::table.inner_join(areas::table).filter(sites::id.eq_any(of)).select((sites::id, areas::path)).load(conn)?)
}

/// Owners of the floors and spaces of sites.
pub fn owners(conn: &mut Conn, sites: &[SiteId]) -> Outcome<Vec<OrganisationId>> {
    let floors: Vec<Option<OrganisationId>> =
        floors::table.filter(floors::site_id.eq_any(sites)).select(floors::title_organisation_id).distinct().load(conn)?;
    let spaces: Vec<Option<OrganisationId>> =
        spaces::table.filter(spaces::site_id.eq_any(sites)).select(spaces::title_organisation_id).distinct().load(conn)?;
    Ok(floors.into_iter().chain(spaces).flatten().collect())
}
