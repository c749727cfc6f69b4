//! Where something may wait for somebody: a query a kind, each over what is open only.

use crate::agreements::model::VersionState;
use crate::agreements::model::lifecycle::LifeKind;
use crate::areas::queries::inside;
use crate::kernel::id::{AccountId, AgreementId, OrganisationId, PositionId, VoteId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{
    agreement_events as e, agreement_versions as v, agreements, areas, owners_votes as o, position_replies, positions, rounds,
    suspension_proposals as p, suspensions as s, version_effects as f, version_parties,
};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// Only what is in one of the areas.
macro_rules! in_any {
    ($query:expr, $paths:expr) => {
        $paths.iter().fold($query.into_boxed(), |query, path| query.or_filter(inside(path)))
    };
}

/// Versions put to parties among these organisations, to talk over or to sign, and not decided yet, the oldest agreement
/// first: agreement and number.
pub fn put_to(conn: &mut Conn, organisations: &[OrganisationId]) -> Outcome<Vec<(AgreementId, i32)>> {
    let open = [VersionState::InRound, VersionState::Proposed, VersionState::PartiallySigned];
    Ok(v::table
        .inner_join(version_parties::table.on(version_parties::version_id.eq(v::id)))
        .filter(v::state.eq_any(open).and(version_parties::organisation_id.eq_any(organisations)))
        .order((v::agreement_id, v::version_no))
        .select((v::agreement_id, v::version_no))
        .distinct()
        .load(conn)?)
}

/// An owners' vote that nobody has confirmed yet.
#[derive(Debug, Clone, Queryable)]
pub struct UnconfirmedVote {
    /// Of which agreement,
    pub agreement: AgreementId,
    /// … and which of its versions.
    pub version_no: i32,
    /// Id.
    pub vote: VoteId,
    /// Who recorded it, and so does not confirm it.
    pub by: AccountId,
    /// When.
    pub at: Instant,
}

/// Those of versions that are being signed in these areas, in no order: ordered, all votes there are would be read in that order.
pub fn unconfirmed_votes(conn: &mut Conn, area_paths: &[String]) -> Outcome<Vec<UnconfirmedVote>> {
    if area_paths.is_empty() {
        return Ok(vec![]);
    }
    let query = o::table
        .inner_join(v::table.on(v::id.eq(o::version_id)))
        .inner_join(agreements::table.on(agreements::id.eq(v::agreement_id)))
        .inner_join(areas::table.on(areas::id.eq(agreements::area_id)))
        .select((v::agreement_id, v::version_no, o::id, o::recorded_by, o::recorded_at));
    let open = [VersionState::Proposed, VersionState::PartiallySigned];
    Ok(in_any!(query, area_paths).filter(o::confirmed_at.is_null().and(v::state.eq_any(open))).load(conn)?)
}

/// An objection or a condition nobody has answered.
#[derive(Debug, Clone, Queryable)]
pub struct Unanswered {
    /// Of which agreement,
    pub agreement: AgreementId,
    /// … and which of its versions.
    pub version_no: i32,
    /// Id.
    pub position: PositionId,
    /// When it was said.
    pub at: Instant,
}

/// Those about agreements of these areas, in no order.
pub fn unanswered(conn: &mut Conn, area_paths: &[String]) -> Outcome<Vec<Unanswered>> {
    use crate::agreements::model::Stand;
    if area_paths.is_empty() {
        return Ok(vec![]);
    }
    let located = agreements::table.inner_join(areas::table.on(areas::id.eq(agreements::area_id))).select(agreements::id);
    // Apart from the rest: joined with areas, SQLite begins with every position there is.
    let here: Vec<AgreementId> = in_any!(located, area_paths).load(conn)?;
    let reply = position_replies::table.filter(position_replies::position_id.eq(positions::id)).select(position_replies::position_id);
    let asks = positions::stand.eq_any([Stand::Object, Stand::SupportIf]);
    Ok(positions::table
        .inner_join(rounds::table.inner_join(v::table.on(v::id.eq(rounds::version_id))))
        .filter(rounds::agreement_id.eq_any(here).and(asks).and(not(exists(reply))))
        .select((v::agreement_id, v::version_no, positions::id, positions::stated_at))
        .load(conn)?)
}

/// Agreements of these areas whose life has an open matter for those in charge: a suspension that is asked for or stands before the
/// street, or a settlement that is to be opened or closed. What is asked of whom, the rule says ([`of_life`]).
///
/// [`of_life`]: crate::agreements::rules::waiting::of_life
pub fn open_matters(conn: &mut Conn, area_paths: &[String], now: Instant) -> Outcome<Vec<AgreementId>> {
    if area_paths.is_empty() {
        return Ok(vec![]);
    }
    let located = || agreements::table.inner_join(areas::table.on(areas::id.eq(agreements::area_id)));
    let told = |kinds: &[LifeKind]| e::table.filter(e::agreement_id.eq(agreements::id).and(e::kind.eq_any(kinds.to_vec()))).select(e::id);
    let answered = e::table
        .filter(e::agreement_id.eq(p::agreement_id).and(e::subject.eq(p::id)))
        .filter(e::kind.eq_any([LifeKind::ProposalOrdered, LifeKind::ProposalDeclined]))
        .select(e::id);
    let to_come = p::from_at.is_null().or(p::from_at.gt(now.0));
    let not_over = p::until_at.is_null().or(p::until_at.gt(now.0));
    let proposed = p::table.filter(p::agreement_id.eq(agreements::id).and(to_come).and(not_over).and(not(exists(answered)))).select(p::id);
    let lifted = e::table
        .filter(e::agreement_id.eq(s::agreement_id).and(e::subject.eq(s::id)))
        .filter(e::kind.eq(LifeKind::SuspensionLifted))
        .select(e::id);
    let suspended = s::table
        .filter(s::agreement_id.eq(agreements::id).and(s::until_at.is_null().or(s::until_at.gt(now.0))).and(not(exists(lifted))))
        .select(s::id);
    let governed = || v::table.inner_join(f::table).filter(v::agreement_id.eq(agreements::id).and(v::state.eq(VersionState::Agreed)));
    let ended = exists(governed().select(v::id)).and(not(exists(governed().filter(f::to_at.gt(now.0)).select(v::id))));
    let escalated = exists(suspended).and(exists(told(&[LifeKind::SuspensionEscalated])));
    let open = exists(proposed).or(escalated).or(ended);
    let query = in_any!(located().select(agreements::id), area_paths);
    Ok(query.filter(not(exists(told(&[LifeKind::Closed]))).and(open)).order(agreements::id).load(conn)?)
}

/// Agreements of which somebody wants to take a version back that these organisations are parties to, and whose effect is to come.
pub fn annulling(conn: &mut Conn, organisations: &[OrganisationId], now: Instant) -> Outcome<Vec<AgreementId>> {
    let consent = e::table
        .filter(e::agreement_id.eq(v::agreement_id).and(e::subject.eq(v::id)).and(e::kind.eq(LifeKind::AnnulmentConsented)))
        .select(e::id);
    Ok(v::table
        .inner_join(f::table)
        .inner_join(version_parties::table.on(version_parties::version_id.eq(v::id)))
        .filter(version_parties::organisation_id.eq_any(organisations).and(v::state.eq(VersionState::Agreed)))
        .filter(f::from_at.gt(now.0).and(exists(consent)))
        .order(v::agreement_id)
        .select(v::agreement_id)
        .distinct()
        .load(conn)?)
}
