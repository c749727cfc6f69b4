//! Writes of an agreement's life.

use crate::agreements::model::VersionState;
use crate::agreements::model::lifecycle::{LifeEvent, Proposal, Suspension};
use crate::kernel::id::{AccountId, AgreementId, OrganisationId, RepresentativeId, SpaceId, VersionId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{
    agreement_events, agreement_versions as versions, suspension_proposal_spaces, suspension_proposals, suspension_spaces, suspensions,
    terminations, version_effects, withdrawal_spaces, withdrawals,
};
use diesel::prelude::*;

pub(in crate::agreements) fn insert_event(conn: &mut Conn, agreement: &AgreementId, event: &LifeEvent) -> Outcome<()> {
    use agreement_events as e;
    let row = (
        e::id.eq(&event.id),
        e::agreement_id.eq(agreement),
        e::kind.eq(event.kind),
        e::subject.eq(&event.subject),
        e::organisation_id.eq(&event.organisation),
        e::actor.eq(&event.actor),
        e::at.eq(event.at),
        e::text.eq(&event.text),
    );
    diesel::insert_into(e::table).values(row).execute(conn)?;
    Ok(())
}

pub(in crate::agreements) fn insert_suspension(conn: &mut Conn, agreement: &AgreementId, new: &Suspension) -> Outcome<()> {
    use suspensions as s;
    let row = (
        s::id.eq(&new.id),
        s::agreement_id.eq(agreement),
        s::urgency.eq(new.urgency),
        s::ground.eq(new.ground),
        s::text.eq(&new.text),
        s::evidence.eq(&new.evidence),
        s::ordered_by.eq(new.ordered_by),
        s::organisation_id.eq(&new.organisation),
        s::account_id.eq(&new.account),
        s::from_at.eq(new.from),
        s::until_at.eq(new.until),
        s::ordered_at.eq(new.ordered_at),
    );
    diesel::insert_into(s::table).values(row).execute(conn)?;
    for space in &new.spaces {
        let row = (suspension_spaces::suspension_id.eq(&new.id), suspension_spaces::space_id.eq(space));
        diesel::insert_into(suspension_spaces::table).values(row).execute(conn)?;
    }
    Ok(())
}

pub(in crate::agreements) fn insert_proposal(conn: &mut Conn, agreement: &AgreementId, new: &Proposal, by: &AccountId) -> Outcome<()> {
    use suspension_proposals as p;
    let row = (
        p::id.eq(&new.id),
        p::agreement_id.eq(agreement),
        p::organisation_id.eq(&new.organisation),
        p::account_id.eq(by),
        p::urgency.eq(new.ask.urgency),
        p::ground.eq(new.ask.ground),
        p::text.eq(&new.ask.text),
        p::evidence.eq(&new.ask.evidence),
        p::from_at.eq(new.ask.from),
        p::until_at.eq(new.ask.until),
        p::proposed_at.eq(new.proposed_at),
    );
    diesel::insert_into(p::table).values(row).execute(conn)?;
    for space in new.ask.spaces.iter().flatten() {
        let row = (suspension_proposal_spaces::proposal_id.eq(&new.id), suspension_proposal_spaces::space_id.eq(space));
        diesel::insert_into(suspension_proposal_spaces::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// What a party says that it ends, and when.
pub(in crate::agreements) struct NewEnding<'a, I> {
    pub id: &'a I,
    pub agreement: &'a AgreementId,
    pub organisation: &'a OrganisationId,
    pub representative: &'a RepresentativeId,
    pub account: &'a AccountId,
    pub text: &'a str,
    pub served_at: Instant,
    pub ends_at: Instant,
}

pub(in crate::agreements) fn insert_termination(conn: &mut Conn, new: &NewEnding<'_, crate::kernel::id::TerminationId>) -> Outcome<()> {
    use terminations as t;
    let row = (
        t::id.eq(new.id),
        t::agreement_id.eq(new.agreement),
        t::organisation_id.eq(new.organisation),
        t::representative_id.eq(new.representative),
        t::account_id.eq(new.account),
        t::text.eq(new.text),
        t::served_at.eq(new.served_at),
        t::ends_at.eq(new.ends_at),
    );
    diesel::insert_into(t::table).values(row).execute(conn)?;
    Ok(())
}

pub(in crate::agreements) fn insert_withdrawal(
    conn: &mut Conn,
    new: &NewEnding<'_, crate::kernel::id::WithdrawalId>,
    spaces: &[SpaceId],
) -> Outcome<()> {
    use withdrawals as w;
    let row = (
        w::id.eq(new.id),
        w::agreement_id.eq(new.agreement),
        w::organisation_id.eq(new.organisation),
        w::representative_id.eq(new.representative),
        w::account_id.eq(new.account),
        w::text.eq(new.text),
        w::served_at.eq(new.served_at),
        w::ends_at.eq(new.ends_at),
    );
    diesel::insert_into(w::table).values(row).execute(conn)?;
    for space in spaces {
        let row = (withdrawal_spaces::withdrawal_id.eq(new.id), withdrawal_spaces::space_id.eq(space));
        diesel::insert_into(withdrawal_spaces::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// No version of the agreement governs beyond `at`, but for one that begins after it: that is a renewal.
pub(in crate::agreements) fn end_effects(conn: &mut Conn, agreement: &AgreementId, at: Instant) -> Outcome<()> {
    let of_agreement = versions::table.filter(versions::agreement_id.eq(agreement)).select(versions::id);
    let reaching =
        version_effects::version_id.eq_any(of_agreement).and(version_effects::to_at.gt(at.0)).and(version_effects::from_at.lt(at.0));
    diesel::update(version_effects::table.filter(reaching)).set(version_effects::to_at.eq(at.0)).execute(conn)?;
    Ok(())
}

/// A version governs until `at`.
pub(in crate::agreements) fn set_effect_end(conn: &mut Conn, version: &VersionId, at: Instant) -> Outcome<()> {
    diesel::update(version_effects::table.find(version)).set(version_effects::to_at.eq(at.0)).execute(conn)?;
    Ok(())
}

/// An agreed version that all its signers took back. `false`: it was not agreed.
pub(in crate::agreements) fn annul(conn: &mut Conn, version: &VersionId) -> Outcome<bool> {
    let agreed = versions::table.find(version).filter(versions::state.eq(VersionState::Agreed));
    let set = (versions::state.eq(VersionState::Annulled), versions::revision.eq(versions::revision + 1));
    Ok(diesel::update(agreed).set(set).execute(conn)? == 1)
}
