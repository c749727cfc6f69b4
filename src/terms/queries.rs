//! Reads.

use super::model::{ClauseKind, PartyCapacity, Payload, Relation, TermInForce, UsageInForce};
use crate::kernel::id::{AgreementId, OrganisationId, SpaceId, UsageTermsId, VersionId};
use crate::kernel::{Fault, Instant, Outcome, Period};
use crate::store::schema::{
    agreement_sites, agreement_versions, agreements, organisations, signatures, spaces, terms, usage_in_force, version_parties,
};
use crate::store::{Conn, MultiBackend};
use diesel::prelude::*;

/// A row of `terms`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = terms)]
pub struct Row {
    agreement_id: AgreementId,
    agreement_code: String,
    version_id: VersionId,
    version_no: i32,
    clause: String,
    kind: ClauseKind,
    origin: String,
    relation: Relation,
    exception: bool,
    from_at: i64,
    to_at: i64,
    payload: String,
}

impl Row {
    /// Rows are told in this order.
    fn place(&self) -> (&str, i32, &str, &str) {
        (&self.agreement_code, self.version_no, &self.clause, &self.origin)
    }

    fn term(self) -> Outcome<TermInForce> {
        let payload = Payload::from_stored(self.kind, &self.payload);
        Ok(TermInForce {
            payload: payload.ok_or_else(|| Fault::internal(format!("terms row {}/{} does not read", self.version_id, self.clause)))?,
            agreement: self.agreement_id,
            agreement_code: self.agreement_code,
            version: self.version_id,
            version_no: self.version_no,
            clause: self.clause,
            kind: self.kind,
            origin: self.origin,
            relation: self.relation,
            exception: self.exception,
            from: Instant(self.from_at),
            to: Instant(self.to_at),
        })
    }
}

/// Every row of a space that overlaps a period and that a booking is judged by, in one indexed query: terms at an instant is
/// the period of that instant. Clauses that are only shown, or govern lifecycle and ledger, are not among them: a booking
/// reads no row it does not need. [`all_of_space`] has them too.
pub fn of_space(conn: &mut Conn, space: &SpaceId, period: Period) -> Outcome<Vec<TermInForce>> {
    // Not a list of one: a statement with a list is prepared anew each time.
    in_order(rows_of(space, period).filter(terms::judges.eq(true)).load(conn)?)
}

/// Every row of a space that overlaps a period, whatever its kind.
pub fn all_of_space(conn: &mut Conn, space: &SpaceId, period: Period) -> Outcome<Vec<TermInForce>> {
    // Both are named for the index, which tells them apart before it asks when.
    in_order(rows_of(space, period).filter(terms::judges.eq_any([true, false])).load(conn)?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn rows_of<'a>(space: &'a SpaceId, period: Period) -> _ {
    let row: Columns = <Row as Selectable<MultiBackend>>::construct_selection();
    let (from, to): (i64, i64) = (period.start().0, period.end().0);
    terms::table.filter(terms::space_id.eq(space)).filter(terms::to_at.gt(from).and(terms::from_at.lt(to))).select(row)
}

fn in_order(mut rows: Vec<Row>) -> Outcome<Vec<TermInForce>> {
    rows.sort_by(|a, b| a.place().cmp(&b.place()));
    rows.into_iter().map(Row::term).collect()
}

/// A row of `usage_in_force` without its space.
pub type UsageRow = (UsageTermsId, i32, String, i64, i64);

fn usage((id, no, sha256, from, to): UsageRow) -> UsageInForce {
    UsageInForce { id, no, sha256, from: Instant(from), to: Instant(to) }
}

/// A row a booking is judged by, with the usage terms in force at its start.
pub type BookingRow = (Row, Option<UsageRow>);

type Columns = <Row as Selectable<MultiBackend>>::SelectExpression;

/// The rows of [`of_space`], each with the usage terms in force at the start of the booking: whoever books accepts them, and reads no
/// more often for it. Where no terms are there is nothing to book, and no usage terms are given either. To be asked beside other
/// things, so over a period that may be wider than the one judged; for [`for_booking`].
#[diesel::dsl::auto_type(no_type_alias)]
pub fn booking_rows<'a>(space: &'a SpaceId, around: Period, start: Instant) -> _ {
    let row: Columns = <Row as Selectable<MultiBackend>>::construct_selection();
    let (from, to, at): (i64, i64, i64) = (around.start().0, around.end().0, start.0);
    let at_start = usage_in_force::space_id.eq(terms::space_id).and(usage_in_force::from_at.le(at)).and(usage_in_force::to_at.gt(at));
    let usage = (
        usage_in_force::usage_terms_id,
        usage_in_force::version_no,
        usage_in_force::sha256,
        usage_in_force::from_at,
        usage_in_force::to_at,
    );
    terms::table
        .left_join(usage_in_force::table.on(at_start))
        .filter(terms::space_id.eq(space).and(terms::judges.eq(true)))
        .filter(terms::to_at.gt(from).and(terms::from_at.lt(to)))
        .select((row, usage.nullable()))
}

/// The terms among the rows that overlap the occupancy, in order, and the usage terms.
pub fn for_booking(rows: Vec<BookingRow>, occupancy: Period) -> Outcome<(Vec<TermInForce>, Option<UsageInForce>)> {
    let overlaps = |row: &Row| row.to_at > occupancy.start().0 && row.from_at < occupancy.end().0;
    let (terms, usages): (Vec<Row>, Vec<Option<UsageRow>>) = rows.into_iter().filter(|(row, _)| overlaps(row)).unzip();
    Ok((in_order(terms)?, usages.into_iter().flatten().next().map(usage)))
}

/// Usage terms of a space that bind now or later, the first first.
pub fn usage_of(conn: &mut Conn, space: &SpaceId, from: Instant) -> Outcome<Vec<UsageInForce>> {
    use usage_in_force as u;
    let rows: Vec<UsageRow> = u::table
        .filter(u::space_id.eq(space).and(u::to_at.gt(from.0)).and(u::from_at.lt(u::to_at)))
        .order((u::from_at, u::version_no))
        .select((u::usage_terms_id, u::version_no, u::sha256, u::from_at, u::to_at))
        .load(conn)?;
    Ok(rows.into_iter().map(usage).collect())
}

/// When several usage terms bind, space by space; what never does is not told.
pub fn usage_periods(conn: &mut Conn, ids: &[UsageTermsId]) -> Outcome<Vec<(UsageTermsId, SpaceId, Period)>> {
    use usage_in_force as u;
    let rows: Vec<(UsageTermsId, SpaceId, i64, i64)> = u::table
        .filter(u::usage_terms_id.eq_any(ids).and(u::from_at.lt(u::to_at)))
        .order((u::usage_terms_id, u::from_at, u::space_id))
        .select((u::usage_terms_id, u::space_id, u::from_at, u::to_at))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, space, from, to)| Some((id, space, Period::new(Instant(from), Instant(to))?))).collect())
}

/// What several spaces' bookings are judged by.
pub fn of_spaces(conn: &mut Conn, spaces: &[SpaceId], period: Period) -> Outcome<Vec<(SpaceId, TermInForce)>> {
    let rows: Vec<(SpaceId, Row)> = terms::table
        .filter(terms::space_id.eq_any(spaces).and(terms::judges.eq(true)))
        .filter(terms::to_at.gt(period.start().0).and(terms::from_at.lt(period.end().0)))
        .order((terms::space_id, terms::agreement_code, terms::version_no, terms::clause, terms::origin))
        .select((terms::space_id, Row::as_select()))
        .load(conn)?;
    rows.into_iter().map(|(space, row)| Ok((space, row.term()?))).collect()
}

/// A row with the wording of its clause.
#[derive(Debug, Clone)]
pub struct Worded {
    /// The row.
    pub term: TermInForce,
    /// The text that binds.
    pub text_zh: String,
    /// Courtesy.
    pub text_en: Option<String>,
}

/// The rows of a space that came from these versions (code of the agreement, number), whether they still bind or not, and
/// that a booking is judged by.
pub fn of_versions(conn: &mut Conn, space: &SpaceId, versions: &[(String, i32)]) -> Outcome<Vec<Worded>> {
    let codes = versions.iter().map(|(code, _)| code.as_str());
    let numbers = versions.iter().map(|(_, number)| *number);
    let rows: Vec<(Row, String, Option<String>)> = terms::table
        .filter(terms::space_id.eq(space).and(terms::judges.eq(true)))
        .filter(terms::agreement_code.eq_any(codes).and(terms::version_no.eq_any(numbers)))
        .order((terms::agreement_code, terms::version_no, terms::clause, terms::origin))
        .select((Row::as_select(), terms::text_zh, terms::text_en))
        .load(conn)?;
    rows.into_iter()
        .filter(|(row, ..)| versions.iter().any(|(code, number)| *code == row.agreement_code && *number == row.version_no))
        .map(|(row, text_zh, text_en)| Ok(Worded { term: row.term()?, text_zh, text_en }))
        .collect()
}

/// Wording of a clause: version, clause, Chinese and English text.
pub type Wording = (VersionId, String, String, Option<String>);

/// The wording of the clauses that bind a space somewhen in a period. No rule reads it, so it is not among the rows a booking
/// is judged by.
pub fn texts(conn: &mut Conn, space: &SpaceId, period: Period) -> Outcome<Vec<Wording>> {
    Ok(terms::table
        .filter(terms::space_id.eq(space).and(terms::to_at.gt(period.start().0)).and(terms::from_at.lt(period.end().0)))
        .select((terms::version_id, terms::clause, terms::text_zh, terms::text_en))
        .load(conn)?)
}

/// The term clauses of a space that had ended by a moment, latest first: what tells since when it is closed.
pub fn ended(conn: &mut Conn, space: &SpaceId, by: Instant) -> Outcome<Option<TermInForce>> {
    let row: Option<Row> = terms::table
        .filter(terms::space_id.eq(space).and(terms::judges.eq(true)).and(terms::to_at.le(by.0)))
        .filter(terms::kind.eq(ClauseKind::Term).and(terms::from_at.lt(terms::to_at)))
        .order(terms::to_at.desc())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Row::term).transpose()
}

/// The parties of a version that sign in a capacity.
pub fn parties_of(conn: &mut Conn, version: &VersionId, capacity: PartyCapacity) -> Outcome<Vec<OrganisationId>> {
    let of = version_parties::version_id.eq(version).and(version_parties::capacity.eq(capacity));
    Ok(version_parties::table.filter(of).order(version_parties::organisation_id).select(version_parties::organisation_id).load(conn)?)
}

/// An agreement that would open a space but is not signed by all yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    /// Natural code of the agreement.
    pub agreement_code: String,
    /// Its Chinese title.
    pub title_zh: String,
    /// Its English title.
    pub title_en: Option<String>,
    /// Number of the open version.
    pub version_no: i32,
    /// The parties whose signature is missing: Chinese and English names. Empty while the version is still a draft.
    pub missing: Vec<(String, Option<String>)>,
}

/// Agreements over the site of a space whose open version is not agreed, with the parties still missing.
pub fn missing_signatures(conn: &mut Conn, space: &SpaceId) -> Outcome<Vec<Unsigned>> {
    use agreement_versions as v;
    type Open = (VersionId, String, String, Option<String>, i32, String);
    let open: Vec<Open> = v::table
        .inner_join(agreements::table)
        .inner_join(agreement_sites::table.on(agreement_sites::agreement_id.eq(agreements::id)))
        .inner_join(spaces::table.on(spaces::site_id.eq(agreement_sites::site_id)))
        .filter(spaces::id.eq(space).and(v::state.eq_any(["draft", "in_round", "proposed", "partially_signed"])))
        .order(agreements::code)
        .select((v::id, agreements::code, agreements::title_zh, agreements::title_en, v::version_no, v::state))
        .load(conn)?;
    let ids: Vec<&VersionId> = open.iter().map(|row| &row.0).collect();
    let signed = signatures::table
        .filter(
            signatures::version_id.eq(version_parties::version_id).and(signatures::organisation_id.eq(version_parties::organisation_id)),
        )
        .filter(signatures::confirmed_at.is_not_null())
        .select(signatures::id);
    let missing: Vec<(VersionId, OrganisationId, String, Option<String>)> = version_parties::table
        .inner_join(organisations::table)
        .filter(version_parties::version_id.eq_any(ids))
        .filter(diesel::dsl::not(diesel::dsl::exists(signed)))
        .order((version_parties::stage, organisations::code))
        .select((version_parties::version_id, organisations::id, organisations::name_zh, organisations::name_en))
        .load(conn)?;
    let unsigned = |(id, agreement_code, title_zh, title_en, version_no, _): Open| Unsigned {
        missing: missing.iter().filter(|row| row.0 == id).map(|row| (row.2.clone(), row.3.clone())).collect(),
        agreement_code,
        title_zh,
        title_en,
        version_no,
    };
    Ok(open.into_iter().map(unsigned).collect())
}

/// The spaces a clause of a version binds.
pub fn bound_by(conn: &mut Conn, version: &VersionId, clause: &str) -> Outcome<Vec<SpaceId>> {
    let of = terms::version_id.eq(version).and(terms::clause.eq(clause));
    Ok(terms::table.filter(of).select(terms::space_id).distinct().order(terms::space_id).load(conn)?)
}

/// Those of some versions that an organisation is a party of.
pub fn party_to(conn: &mut Conn, organisation: &OrganisationId, versions: &[VersionId]) -> Outcome<Vec<VersionId>> {
    let of = version_parties::organisation_id.eq(organisation).and(version_parties::version_id.eq_any(versions));
    Ok(version_parties::table.filter(of).select(version_parties::version_id).distinct().load(conn)?)
}
