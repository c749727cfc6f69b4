//! Writes of rounds: rows are added and never changed, but for the close of a round.

use crate::agreements::model::Stand;
use crate::kernel::id::{AccountId, AgreementId, OrganisationId, PositionId, RepresentativeId, RoundId, VersionId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{position_replies, positions, rounds};
use diesel::prelude::*;

pub(in crate::agreements) struct NewRound<'a> {
    pub id: &'a RoundId,
    pub agreement: &'a AgreementId,
    pub version: &'a VersionId,
    pub no: i32,
    pub by: &'a AccountId,
}

pub(in crate::agreements) fn insert_round(conn: &mut Conn, new: &NewRound, now: Instant) -> Outcome<()> {
    let row = (
        rounds::id.eq(new.id),
        rounds::agreement_id.eq(new.agreement),
        rounds::version_id.eq(new.version),
        rounds::round_no.eq(new.no),
        rounds::opened_at.eq(now.0),
        rounds::opened_by.eq(new.by),
    );
    diesel::insert_into(rounds::table).values(row).execute(conn)?;
    Ok(())
}

pub(in crate::agreements) fn close_round(conn: &mut Conn, id: &RoundId, by: &AccountId, now: Instant) -> Outcome<()> {
    let open = rounds::table.find(id).filter(rounds::closed_at.is_null());
    diesel::update(open).set((rounds::closed_at.eq(now.0), rounds::closed_by.eq(by))).execute(conn)?;
    Ok(())
}

pub(in crate::agreements) struct NewPosition<'a> {
    pub id: &'a PositionId,
    pub round: &'a RoundId,
    pub organisation: &'a OrganisationId,
    pub stand: Stand,
    pub text: Option<&'a str>,
    pub by: &'a AccountId,
    pub representative: &'a RepresentativeId,
}

pub(in crate::agreements) fn insert_position(conn: &mut Conn, new: &NewPosition, now: Instant) -> Outcome<()> {
    let row = (
        positions::id.eq(new.id),
        positions::round_id.eq(new.round),
        positions::organisation_id.eq(new.organisation),
        positions::stand.eq(new.stand),
        positions::text.eq(new.text),
        positions::account_id.eq(new.by),
        positions::representative_id.eq(new.representative),
        positions::stated_at.eq(now.0),
    );
    diesel::insert_into(positions::table).values(row).execute(conn)?;
    Ok(())
}

pub(in crate::agreements) fn insert_reply(conn: &mut Conn, position: &PositionId, text: &str, by: &AccountId, now: Instant) -> Outcome<()> {
    let row = (
        position_replies::position_id.eq(position),
        position_replies::text.eq(text),
        position_replies::account_id.eq(by),
        position_replies::replied_at.eq(now.0),
    );
    diesel::insert_into(position_replies::table).values(row).execute(conn)?;
    Ok(())
}
