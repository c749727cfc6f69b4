//! Reads: one query a kind of thing, however much there is of it.

use super::model::{
    Export, OwnAccount, OwnBooking, OwnConsent, OwnHousehold, OwnNotice, OwnPosition, OwnRepresentation, OwnRole, OwnSeries, OwnSession,
    OwnSignature, OwnWait,
};
use crate::kernel::id::{AccountId, RepresentativeId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{
    accounts, appeals, areas, booking_cancellations, booking_consents as c, bookings, households, notices, organisations, positions,
    ratings, representatives as r, role_grants as g, series, sessions, signatures, spaces, usage_acceptances, waitlist_entries as w,
};
use crate::{calendars, notify};
use diesel::prelude::*;

/// Everything the service keeps of a person. What they did for a neighbour is the neighbour's to take along: their children, and why
/// they cancelled, are nobody else's.
pub fn export(conn: &mut Conn, of: &AccountId, now: Instant) -> Outcome<Export> {
    let account: Option<OwnAccount> = accounts::table
        .find(of)
        .select((
            accounts::id,
            accounts::code,
            accounts::name,
            accounts::mobile,
            accounts::email,
            accounts::household_verified_at,
            accounts::created_at,
        ))
        .first(conn)
        .optional()?;
    let household: Option<OwnHousehold> = accounts::table
        .inner_join(households::table.inner_join(areas::table))
        .filter(accounts::id.eq(of))
        .select((households::id, households::label, areas::name_zh))
        .first(conn)
        .optional()?;
    let roles: Vec<OwnRole> = g::table
        .filter(g::account_id.eq(of))
        .order(g::id)
        .select((g::id, g::role, g::area_id, g::organisation_id, g::from_at, g::to_at, g::revoked_at))
        .load(conn)?;
    let sessions: Vec<OwnSession> = sessions::table
        .filter(sessions::account_id.eq(of))
        .order(sessions::id)
        .select((sessions::id, sessions::created_at, sessions::ends_at, sessions::revoked_at))
        .load(conn)?;
    let signatures: Vec<OwnSignature> = signatures::table
        .filter(signatures::account_id.eq(of).or(signatures::confirmed_by.eq(of)))
        .order(signatures::id)
        .select((signatures::id, signatures::version_id, signatures::organisation_id, signatures::method, signatures::signed_at))
        .load(conn)?;
    let positions: Vec<OwnPosition> = positions::table
        .filter(positions::account_id.eq(of))
        .order(positions::id)
        .select((positions::id, positions::organisation_id, positions::stand, positions::text, positions::stated_at))
        .load(conn)?;
    let notices: Vec<OwnNotice> = notices::table
        .filter(notices::account_id.eq(of))
        .order(notices::id)
        .select((notices::id, notices::kind, notices::subject, notices::text_zh, notices::text_en, notices::created_at))
        .load(conn)?;
    Ok(Export {
        exported_at: now,
        account: account.ok_or_else(|| Fault::from(Code::NotFound))?,
        household,
        representations: representations(conn, of)?,
        roles,
        sessions,
        bookings: bookings_of(conn, of)?,
        series: series_of(conn, of)?,
        calendars: calendars::queries::addresses(conn, of)?,
        signatures,
        positions,
        notices,
        mail_off: notify::queries::settings(conn, of)?.mail_off,
        consents: consents_of(conn, of)?,
        waitlist: waitlist_of(conn, of)?,
        appeals: appeals::table
            .filter(appeals::filed_by.eq(of))
            .order((appeals::filed_at, appeals::booking_id))
            .select((appeals::booking_id, appeals::text, appeals::filed_at, appeals::outcome, appeals::reply))
            .load(conn)?,
        ratings: ratings::table
            .filter(ratings::rated_by.eq(of))
            .order((ratings::rated_at, ratings::booking_id))
            .select((ratings::booking_id, ratings::stars, ratings::rated_at))
            .load(conn)?,
    })
}

fn consents_of(conn: &mut Conn, of: &AccountId) -> Outcome<Vec<OwnConsent>> {
    let theirs = c::table.filter(c::account_id.eq(of)).order((c::recorded_at, c::booking_id));
    Ok(theirs.select((c::booking_id, c::account_id, c::how, c::given_at, c::heard_by, c::recorded_at)).load(conn)?)
}

fn waitlist_of(conn: &mut Conn, of: &AccountId) -> Outcome<Vec<OwnWait>> {
    Ok(w::table
        .filter(w::account_id.eq(of))
        .order((w::starts_at, w::id))
        .select((
            w::id,
            w::space_id,
            w::use_code,
            w::attendees,
            w::minors,
            w::youngest,
            w::guardian,
            w::starts_at,
            w::ends_at,
            w::state,
            w::organisation_id,
            w::joined_at,
            w::ended_at,
        ))
        .load(conn)?)
}

fn representations(conn: &mut Conn, of: &AccountId) -> Outcome<Vec<OwnRepresentation>> {
    type Row = (RepresentativeId, String, String, i64, i64, String, Option<i64>);
    let rows: Vec<Row> = r::table
        .inner_join(organisations::table)
        .filter(r::account_id.eq(of))
        .order(r::id)
        .select((r::id, organisations::name_zh, r::powers, r::from_at, r::to_at, r::evidence, r::revoked_at))
        .load(conn)?;
    let own = |(id, organisation_zh, powers, from, to, evidence, revoked): Row| {
        let powers = serde_json::from_str(&powers).map_err(|e| Fault::internal(format!("powers of a representative: {e}")))?;
        let (from, to, revoked_at) = (Instant(from), Instant(to), revoked.map(Instant));
        Ok(OwnRepresentation { id, organisation_zh, powers, from, to, evidence, revoked_at })
    };
    rows.into_iter().map(own).collect()
}

fn series_of(conn: &mut Conn, of: &AccountId) -> Outcome<Vec<OwnSeries>> {
    use series as s;
    let theirs = s::table.filter(s::account_id.eq(of)).order(s::id);
    Ok(theirs.select((s::id, s::space_id, s::begins_day, s::rule, s::organisation_id, s::made_at)).load(conn)?)
}

fn bookings_of(conn: &mut Conn, of: &AccountId) -> Outcome<Vec<OwnBooking>> {
    Ok(bookings::table
        .inner_join(spaces::table)
        .left_join(booking_cancellations::table)
        .left_join(usage_acceptances::table)
        .filter(bookings::account_id.eq(of))
        .order((bookings::starts_at, bookings::id))
        .select((
            bookings::id,
            bookings::space_id,
            spaces::name_zh,
            bookings::use_code,
            bookings::attendees,
            bookings::minors,
            bookings::youngest,
            bookings::guardian,
            bookings::starts_at,
            bookings::ends_at,
            bookings::state,
            bookings::organisation_id,
            bookings::price_fen,
            bookings::made_at,
            booking_cancellations::cancelled_at.nullable(),
            booking_cancellations::reason.nullable(),
            usage_acceptances::sha256.nullable(),
        ))
        .load(conn)?)
}
