//! Writes.

use super::model::{Asked, Content, UsageEventKind, UsageState, UsageTerms};
use crate::kernel::id::{AccountId, EntryId, Id, OrganisationId, RepresentativeId, SiteId, SpaceId, UsageTermsId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{usage_approvals as a, usage_events as e, usage_terms as u, usage_terms_spaces as s};
use diesel::prelude::*;

fn stored(content: &Content) -> Outcome<String> {
    serde_json::to_string(&content.to_json()).map_err(Fault::internal)
}

/// Usage terms about to be written down.
pub(super) struct NewDraft<'a> {
    pub id: &'a UsageTermsId,
    pub site: &'a SiteId,
    pub no: i32,
    pub spaces: &'a [SpaceId],
    pub content: &'a Content,
    pub by: &'a AccountId,
}

pub(super) fn insert_draft(conn: &mut Conn, new: &NewDraft, now: Instant) -> Outcome<()> {
    let row = (
        u::id.eq(new.id),
        u::site_id.eq(new.site),
        u::version_no.eq(new.no),
        u::state.eq(UsageState::Draft),
        u::content.eq(stored(new.content)?),
        u::drafted_by.eq(new.by),
        u::drafted_at.eq(now.0),
    );
    diesel::insert_into(u::table).values(row).execute(conn)?;
    insert_spaces(conn, new.id, new.spaces)
}

fn insert_spaces(conn: &mut Conn, id: &UsageTermsId, spaces: &[SpaceId]) -> Outcome<()> {
    for space in spaces {
        diesel::insert_into(s::table).values((s::usage_terms_id.eq(id), s::space_id.eq(space))).execute(conn)?;
    }
    Ok(())
}

/// `true` while it was a draft of that revision.
pub(super) fn edit_draft(conn: &mut Conn, terms: &UsageTerms, spaces: &[SpaceId], content: &Content) -> Outcome<bool> {
    let draft = u::table.find(&terms.id).filter(u::state.eq(UsageState::Draft).and(u::revision.eq(terms.revision)));
    let set = (u::content.eq(stored(content)?), u::revision.eq(u::revision + 1));
    if diesel::update(draft).set(set).execute(conn)? == 0 {
        return Ok(false);
    }
    diesel::delete(s::table.filter(s::usage_terms_id.eq(&terms.id))).execute(conn)?;
    insert_spaces(conn, &terms.id, spaces)?;
    Ok(true)
}

/// Freezes a draft of that revision and puts it to its units; `false` when it is none any more.
pub(super) fn submit(conn: &mut Conn, terms: &UsageTerms, canonical: &str, sha256: &str) -> Outcome<bool> {
    let draft = u::table.find(&terms.id).filter(u::state.eq(UsageState::Draft).and(u::revision.eq(terms.revision)));
    let set = (
        u::state.eq(UsageState::Submitted),
        u::canonical.eq(canonical),
        u::sha256.eq(sha256),
        u::round_no.eq(1),
        u::revision.eq(u::revision + 1),
    );
    Ok(diesel::update(draft).set(set).execute(conn)? == 1)
}

pub(super) fn insert_asked(conn: &mut Conn, id: &UsageTermsId, round: i32, asked: &[Asked]) -> Outcome<()> {
    for one in asked {
        let row = (
            a::usage_terms_id.eq(id),
            a::round_no.eq(round),
            a::organisation_id.eq(&one.organisation),
            a::by_community.eq(one.by_community),
        );
        diesel::insert_into(a::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Takes the row while it is in that state: from here to the commit nobody else decides about it. `false`: it is in another.
pub(super) fn take_turn(conn: &mut Conn, id: &UsageTermsId, state: UsageState) -> Outcome<bool> {
    let row = u::table.find(id).filter(u::state.eq(state));
    Ok(diesel::update(row).set(u::revision.eq(u::revision + 1)).execute(conn)? == 1)
}

/// Moves it from the state its turn was taken in.
pub(super) fn set_state(conn: &mut Conn, id: &UsageTermsId, state: UsageState) -> Outcome<()> {
    diesel::update(u::table.find(id)).set(u::state.eq(state)).execute(conn)?;
    Ok(())
}

/// The round before counts again, in which every unit had approved.
pub(super) fn restore(conn: &mut Conn, id: &UsageTermsId, round: i32) -> Outcome<()> {
    let set = (u::state.eq(UsageState::Approved), u::round_no.eq(round));
    diesel::update(u::table.find(id)).set(set).execute(conn)?;
    Ok(())
}

/// The units are asked again, in a new round.
pub(super) fn ask_again(conn: &mut Conn, terms: &UsageTerms, round: i32, not_before: Instant) -> Outcome<()> {
    let set = (u::state.eq(UsageState::Submitted), u::round_no.eq(round), u::not_before.eq(not_before), u::revision.eq(u::revision + 1));
    diesel::update(u::table.find(&terms.id)).set(set).execute(conn)?;
    Ok(())
}

/// Who approves, and by which representation.
pub(super) type By<'a> = (&'a AccountId, Option<&'a RepresentativeId>);

pub(super) fn approve(conn: &mut Conn, terms: &UsageTerms, unit: &OrganisationId, by: By, sha256: &str, now: Instant) -> Outcome<bool> {
    let asked = a::table.find((&terms.id, terms.round, unit)).filter(a::approved_at.is_null());
    let set = (a::approved_by.eq(by.0), a::representative_id.eq(by.1), a::approved_at.eq(now.0), a::sha256.eq(sha256));
    Ok(diesel::update(asked).set(set).execute(conn)? == 1)
}

/// What happened, for which unit, in whose words.
pub(super) struct Happened<'a> {
    pub kind: UsageEventKind,
    pub unit: Option<&'a OrganisationId>,
    pub actor: Option<&'a AccountId>,
    pub text: Option<&'a str>,
}

pub(super) fn insert_event(conn: &mut Conn, id: &UsageTermsId, event: &Happened, now: Instant) -> Outcome<()> {
    let row = (
        e::id.eq(EntryId::fresh()),
        e::usage_terms_id.eq(id),
        e::kind.eq(event.kind),
        e::organisation_id.eq(event.unit),
        e::actor.eq(event.actor),
        e::at.eq(now.0),
        e::text.eq(event.text),
    );
    diesel::insert_into(e::table).values(row).execute(conn)?;
    Ok(())
}
