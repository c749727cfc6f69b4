//! The few sentences the two dialects say differently. Nowhere else is SQL written for one backend.

use super::conn::Conn;
use super::db::Lock;
use super::refusals;
use super::schema::{idempotency_keys, occupancy, space_atoms};
use super::tx::Tx;
use crate::kernel::id::{AgreementId, AtomId, BookingId, EquipmentId, HouseholdId, JobId, OrganisationId, SeriesId, SiteId, SpaceId};
use crate::kernel::{Code, Fault, Outcome, Period, Transient};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// Runs the same expression on either connection; `$c` is the concrete connection.
#[macro_export]
macro_rules! on_each {
    ($conn:expr, $c:ident => $work:expr) => {
        match $conn {
            $crate::store::Conn::Pg($c) => $work,
            $crate::store::Conn::Sqlite($c) => $work,
        }
    };
}

/// Locks the atoms of a space against agreements changing beside a booking: PostgreSQL takes `FOR KEY SHARE` in id order;
/// SQLite has one writer, so there is nothing to lock.
pub fn lock_space_shared(conn: &mut Conn, space: &SpaceId) -> Outcome<()> {
    lock_spaces_shared(conn, &[space])
}

/// The same for the atoms of several spaces, in one order.
pub fn lock_spaces_shared(conn: &mut Conn, spaces: &[&SpaceId]) -> Outcome<()> {
    if let Conn::Pg(pg) = conn {
        let ids: Vec<&str> = spaces.iter().map(|space| space.as_str()).collect();
        diesel::sql_query("SELECT lock_spaces($1)").bind::<diesel::sql_types::Array<Text>, _>(ids).execute(pg)?;
    }
    Ok(())
}

/// The lock of one space, to be taken as a transaction begins: in one round trip.
pub fn space_shared(space: &SpaceId) -> Lock {
    // What goes along with BEGIN has no parameters.
    Lock::taking(&format!("SELECT lock_spaces(ARRAY['{}'])", space.as_str().replace('\'', "''")))
}

/// Takes an agreement for the rest of the transaction: those who suspend, end or amend it stand in line here. What refers to
/// it (a booking) does not wait.
pub fn lock_agreement(conn: &mut Conn, agreement: &AgreementId) -> Outcome<()> {
    lock(conn, "SELECT id FROM agreements WHERE id = $1 FOR NO KEY UPDATE", agreement.as_str())
}

/// Locks every atom of a site for an event (a signature that makes an agreement, a closure): no booking is confirmed beside it.
pub fn lock_site(conn: &mut Conn, site: &SiteId) -> Outcome<()> {
    lock(
        conn,
        "SELECT a.id FROM atoms a JOIN floors f ON f.id = a.floor_id WHERE f.site_id = $1 ORDER BY a.id FOR UPDATE OF a",
        site.as_str(),
    )
}

/// Takes the waiting line of a space's site: whoever joins it, leaves it or gives back time there stands in line here, so that no
/// time is freed beside somebody who is just joining, and no two stretches beside each other. Who books does not wait, events do.
pub fn lock_line(conn: &mut Conn, space: &SpaceId) -> Outcome<()> {
    lock(
        conn,
        "SELECT a.id FROM atoms a JOIN floors f ON f.id = a.floor_id JOIN spaces s ON s.site_id = f.site_id WHERE s.id = $1 ORDER BY a.id FOR NO KEY UPDATE OF a",
        space.as_str(),
    )
}

/// The same for the sites of several bookings.
pub fn lock_lines_of(conn: &mut Conn, bookings: &[BookingId]) -> Outcome<()> {
    if let Conn::Pg(pg) = conn {
        let ids: Vec<&str> = bookings.iter().map(BookingId::as_str).collect();
        let sql = "SELECT a.id FROM atoms a JOIN floors f ON f.id = a.floor_id WHERE f.site_id IN (SELECT b.site_id FROM bookings b WHERE b.id = ANY($1)) \
                   ORDER BY a.id FOR NO KEY UPDATE OF a";
        let _locked: Vec<Locked> = diesel::sql_query(sql).bind::<diesel::sql_types::Array<Text>, _>(ids).load(pg)?;
    }
    Ok(())
}

/// Locks what was posted about a booking: whoever gives back or undoes stands in line.
pub fn lock_postings(conn: &mut Conn, booking: &BookingId) -> Outcome<()> {
    lock(conn, "SELECT id FROM postings WHERE booking_id = $1 ORDER BY id FOR UPDATE", booking.as_str())
}

/// Locks the bookings of a site that stand and have not ended by `now`: none of them is cancelled or moved beside an event.
pub fn lock_bookings(conn: &mut Conn, site: &SiteId, now: i64) -> Outcome<()> {
    if let Conn::Pg(pg) = conn {
        let sql =
            "SELECT id FROM bookings WHERE site_id = $1 AND ends_at > $2 AND state IN ('confirmed', 'checked_in') ORDER BY id FOR UPDATE";
        let _locked: Vec<Locked> = diesel::sql_query(sql).bind::<Text, _>(site.as_str()).bind::<BigInt, _>(now).load(pg)?;
    }
    Ok(())
}

/// Locks the bookings of a series in order of id: nobody approves, cancels or moves one of them beside whoever changes them together.
pub fn lock_bookings_of(conn: &mut Conn, series: &SeriesId) -> Outcome<()> {
    lock(conn, "SELECT id FROM bookings WHERE series_id = $1 ORDER BY id FOR UPDATE", series.as_str())
}

/// Locks a booking: whoever decides about it stands in line.
pub fn lock_booking(conn: &mut Conn, booking: &BookingId) -> Outcome<()> {
    lock(conn, "SELECT id FROM bookings WHERE id = $1 FOR UPDATE", booking.as_str())
}

/// Takes a household for the rest of the transaction: those who book for it where a quota applies stand in line. What refers to it
/// does not wait, so nobody who holds a space waits for somebody who wants it.
pub fn lock_household(conn: &mut Conn, household: &HouseholdId) -> Outcome<()> {
    lock(conn, "SELECT id FROM households WHERE id = $1 FOR NO KEY UPDATE", household.as_str())
}

/// The same for an organisation.
pub fn lock_organisation(conn: &mut Conn, organisation: &OrganisationId) -> Outcome<()> {
    lock(conn, "SELECT id FROM organisations WHERE id = $1 FOR NO KEY UPDATE", organisation.as_str())
}

/// Takes portable equipment in order of id: those who want some of it stand in line.
pub fn lock_equipment(conn: &mut Conn, ids: &[EquipmentId]) -> Outcome<()> {
    if let Conn::Pg(pg) = conn {
        let ids: Vec<&str> = ids.iter().map(EquipmentId::as_str).collect();
        let sql = "SELECT id FROM equipment WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
        let _locked: Vec<Locked> = diesel::sql_query(sql).bind::<diesel::sql_types::Array<Text>, _>(ids).load(pg)?;
    }
    Ok(())
}

/// The same for several bookings.
pub fn lock_postings_of(conn: &mut Conn, bookings: &[BookingId]) -> Outcome<()> {
    if let Conn::Pg(pg) = conn {
        let ids: Vec<&str> = bookings.iter().map(BookingId::as_str).collect();
        let sql = "SELECT id FROM postings WHERE booking_id = ANY($1) ORDER BY id FOR UPDATE";
        let _locked: Vec<Locked> = diesel::sql_query(sql).bind::<diesel::sql_types::Array<Text>, _>(ids).load(pg)?;
    }
    Ok(())
}

/// Which of these jobs nobody is at work on; they are this transaction's now. SQLite has one writer: all of them.
pub fn take_free_jobs(conn: &mut Conn, ids: Vec<JobId>) -> Outcome<Vec<JobId>> {
    let Conn::Pg(pg) = conn else { return Ok(ids) };
    let all: Vec<&str> = ids.iter().map(JobId::as_str).collect();
    let sql = "SELECT id FROM outbox WHERE id = ANY($1) ORDER BY id FOR UPDATE SKIP LOCKED";
    let free: Vec<FreeJob> = diesel::sql_query(sql).bind::<diesel::sql_types::Array<Text>, _>(all).load(pg)?;
    Ok(free.into_iter().map(|job| job.id).collect())
}

/// Whether no other open transaction has what goes by this name; it is this one's until it ends. Nobody waits.
pub fn take_name(conn: &mut Conn, name: &str) -> Outcome<bool> {
    let Conn::Pg(pg) = conn else { return Ok(true) };
    let sql = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken";
    let taken: Taken = diesel::sql_query(sql).bind::<Text, _>(name).get_result(pg)?;
    Ok(taken.taken)
}

/// Stands in the line of hub imports until the transaction ends. An import looks before it puts, in nearly every table; two beside each
/// other would both find nothing.
pub fn lock_imports(conn: &mut Conn) -> Outcome<()> {
    if let Conn::Pg(pg) = conn {
        diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('hub-import', 0))").execute(pg)?;
    }
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct FreeJob {
    #[diesel(sql_type = Text)]
    id: JobId,
}

#[derive(diesel::QueryableByName)]
struct Taken {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    taken: bool,
}

#[derive(diesel::QueryableByName)]
struct Locked {
    #[diesel(sql_type = Text, column_name = id)]
    _id: String,
}

fn lock(conn: &mut Conn, sql: &'static str, of: &str) -> Outcome<()> {
    if let Conn::Pg(pg) = conn {
        let _locked: Vec<Locked> = diesel::sql_query(sql).bind::<Text, _>(of).load(pg)?;
    }
    Ok(())
}

/// Claims every atom of a space over a period. `false`: at least one atom is taken, and nothing was claimed for good
/// (the caller refuses and its transaction rolls back).
pub fn claim(conn: &mut Conn, space: &SpaceId, period: Period, claimant: &str, atoms: usize) -> Outcome<bool> {
    let rows = space_atoms::table.filter(space_atoms::space_id.eq(space)).order(space_atoms::atom_id).select((
        space_atoms::atom_id,
        period.start().0.into_sql::<BigInt>(),
        period.end().0.into_sql::<BigInt>(),
        claimant.into_sql::<Text>(),
    ));
    let into = (occupancy::atom_id, occupancy::starts_at, occupancy::ends_at, occupancy::claimant);
    let claimed = match conn {
        Conn::Pg(pg) => rows.insert_into(occupancy::table).into_columns(into).on_conflict_do_nothing().execute(pg),
        Conn::Sqlite(sqlite) => rows.insert_into(occupancy::table).into_columns(into).execute(sqlite),
    };
    match claimed {
        // No atoms, no claim: a space that does not exist cannot be held.
        Ok(n) => Ok(n == atoms && n > 0),
        Err(error) if refusals::is_overlap(&error) => Ok(false),
        Err(error) => Err(Fault::from(error)),
    }
}

/// Puts an idempotency key down with its stored reply, and with it all that waits for the end of the transaction. `false`:
/// it stands there already (PostgreSQL has then waited for the other to end).
pub fn put_key(tx: &mut Tx, answered: &Answered) -> Outcome<bool> {
    match tx.conclude(diesel::insert_into(idempotency_keys::table).values(answered).on_conflict_do_nothing()) {
        Ok(n) => Ok(n == 1),
        // The first request with this key is still at it. A deadlock is none of its affairs, and runs again.
        Err(fault) if fault.detail.transient == Some(Transient::LockTimeout) => {
            Err(Fault::from(Code::IdempotencyInFlight).because(fault).retry_after(1))
        }
        Err(fault) => Err(fault),
    }
}

/// An idempotency key with what its request was answered.
#[derive(Debug, Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
pub struct Answered<'a> {
    /// Whose key.
    pub account_id: &'a str,
    /// The key.
    pub key: &'a str,
    /// Hash of method, path and body.
    pub fingerprint: &'a str,
    /// Status of the answer.
    pub status: i32,
    /// Its `Location`.
    pub location: Option<&'a str>,
    /// Its `ETag`.
    pub etag: Option<&'a str>,
    /// Its body.
    pub reply: &'a str,
    /// When, UTC microseconds.
    pub created_at: i64,
}

/// Inserts a row unless one with its key stands there. `true` when inserted.
#[macro_export]
macro_rules! insert_once {
    ($conn:expr, $table:expr, $values:expr) => {{
        let n: Result<usize, diesel::result::Error> = $crate::on_each!($conn, c => diesel::insert_into($table).values($values).on_conflict_do_nothing().execute(c));
        n.map(|n| n == 1).map_err($crate::kernel::Fault::from)
    }};
}

/// Inserts several rows as one statement; the caller cuts long lists (a statement takes some thousand values). Rows of a derive say
/// `treat_none_as_default_value = false`: SQLite knows no default in such a statement, and one by one would want a transaction of its own.
#[macro_export]
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let n: Result<usize, diesel::result::Error> = $crate::on_each!($conn, c => diesel::insert_into($table).values($rows).execute(c));
        n.map_err($crate::kernel::Fault::from)
    }};
}

/// Claims atoms for several claimants, each row if nobody has it; gives the claimant of every row that was claimed. The caller gives
/// the rows in order of start and atom, so that two who claim many at once wait for each other in one direction only.
pub fn claim_rows(conn: &mut Conn, rows: &[(AtomId, Period, String)]) -> Outcome<Vec<String>> {
    let row = |(atom, period, claimant): &(AtomId, Period, String)| {
        (
            occupancy::atom_id.eq(atom.clone()),
            occupancy::starts_at.eq(period.start().0),
            occupancy::ends_at.eq(period.end().0),
            occupancy::claimant.eq(claimant.clone()),
        )
    };
    match conn {
        Conn::Pg(pg) => {
            let all: Vec<_> = rows.iter().map(row).collect();
            let claimed = diesel::insert_into(occupancy::table).values(all).on_conflict_do_nothing().returning(occupancy::claimant);
            Ok(claimed.get_results(pg)?)
        }
        Conn::Sqlite(sqlite) => {
            let mut claimed = Vec::with_capacity(rows.len());
            for one in rows {
                match diesel::insert_into(occupancy::table).values(row(one)).execute(sqlite) {
                    Ok(_) => claimed.push(one.2.clone()),
                    Err(error) if refusals::is_overlap(&error) => {}
                    Err(error) => return Err(Fault::from(error)),
                }
            }
            Ok(claimed)
        }
    }
}
