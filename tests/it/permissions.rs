//! The permission matrix: every operation of the OpenAPI document × every standing → the expected status, in one table.
//!
//! Requests are well-formed, so that permission alone decides. Where a thing is hidden (404) the answer must be the one an
//! absent thing gets, to the byte but for the request's id.

use crate::harness::app::PASSWORD;
use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town};
use serde_json::{Value, json};
use shangliang::access::deeds;
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::Instant;
use shangliang::kernel::id::{
    AccountId, AgreementId, BookingId, CalendarId, HouseholdId, Id, NoticeId, OrganisationId, PendingSignatureId, PositionId, PostingId,
    RepresentativeId, SeriesId, SignatureId, UsageTermsId, VoteId, WaitId,
};
use shangliang::kernel::time::SetClock;
use shangliang::server::openapi;
use shangliang::store::Backend;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// Everybody: the short name the table uses, and who it is in the hub files. The first four are no sign-in that counts,
/// or need care.
const STANDINGS: &[(&str, &str)] = &[
    ("anon", ""),
    ("expired", ""),
    ("out", ""),
    ("admin", ""),
    ("own", "yuxin-p-res-2"),         // a resident, who made the booking
    ("mate", "yuxin-p-res-3"),        // of the same household
    ("other", "yuxin-p-res-4"),       // of another household
    ("door", "yuxin-p-door"),         // leads the door of own and mate
    ("grid", "yuxin-p-grid"),         // leads another grid
    ("desk", "yuxin-p-desk"),         // community desk, may not sign
    ("lead", "yuxin-p-lead"),         // community, signs
    ("far", "shiyou-p-desk"),         // desk of a community elsewhere
    ("street", "yuxin-p-street"),     // above the community
    ("farstreet", "shiyou-p-street"), // above another one
    ("unit", "yuxin-p-unit"),         // owns the floor, signs
    ("farunit", "shiyou-p-unit-1"),   // owns another
    ("manager", "yuxin-p-keys"),      // property manager
    ("social", "yuxin-p-arts"),       // social organisation, may book
    ("farsocial", "shiyou-p-culture"),
    ("operator", "yuxin-p-gym"), // runs the gym
    ("district", "yuxin-p-district"),
    ("auditor", "yuxin-p-auditor"),
];

/// Roles of a standing, for the cross-check against the table of deeds. Residents hold no grant.
fn role(standing: &str) -> Option<&'static str> {
    Some(match standing {
        "admin" => "platform_admin",
        "own" | "mate" | "other" => "resident",
        "door" => "door_leader",
        "grid" => "grid_leader",
        "desk" | "lead" | "far" => "community",
        "street" | "farstreet" => "street",
        "unit" | "farunit" => "property_unit",
        "manager" => "property_manager",
        "social" | "farsocial" => "social_organisation",
        "operator" => "operator",
        "district" => "district",
        "auditor" => "auditor",
        _ => return None,
    })
}

/// One row: the operation, which thing it is tried on, the deed behind it (none: public), and statuses. `*` is whoever is
/// signed in and not named elsewhere in the row.
struct Row {
    operation: &'static str,
    on: &'static str,
    deed: Option<&'static str>,
    expect: &'static [(u16, &'static str)],
}

const fn row(operation: &'static str, on: &'static str, deed: Option<&'static str>, expect: &'static [(u16, &'static str)]) -> Row {
    Row { operation, on, deed, expect }
}

/// No token is looked at.
const OPEN: &[(u16, &str)] = &[(200, "anon expired out *")];
/// No token is needed, but one that is there must be good.
const OPEN_OR_GOOD: &[(u16, &str)] = &[(401, "expired out"), (200, "anon *")];
/// Anybody signed in.
const SIGNED_IN: &[(u16, &str)] = &[(401, "anon expired out"), (200, "*")];
/// Drafting for an agreement nobody else knows of.
const DRAFTS: &[(u16, &str)] = &[(401, "anon expired out"), (201, "desk lead street unit"), (404, "far farstreet farunit"), (403, "*")];
/// Acting for the property unit in an agreement nobody else knows of.
const FOR_UNIT: &[(u16, &str)] = &[
    (401, "anon expired out"),
    (201, "unit"),
    (403, "desk lead street *"),
    (404, "far farstreet farunit manager social farsocial operator"),
];

/// Answering for whoever holds the household's booking.
const OF_HOLDER: &[(u16, &str)] =
    &[(401, "anon expired out"), (409, "own mate"), (404, "other door grid far social farsocial operator"), (403, "*")];
/// Insight into an agreement that everybody knows of.
const INSIDE: &[(u16, &str)] = &[(401, "anon expired out"), (200, "desk lead street district auditor unit"), (403, "*")];
/// Insight into an agreement nobody else knows of.
const INSIDE_DRAFT: &[(u16, &str)] =
    &[(401, "anon expired out"), (200, "desk lead street district auditor unit"), (403, "own mate other door grid admin"), (404, "*")];
/// Acting for the property unit in an agreement that everybody knows of.
const UNIT_ALONE: &[(u16, &str)] = &[(401, "anon expired out"), (201, "unit"), (403, "*")];
/// Those who may see an agreement nobody else knows of.
const INSIDERS: &[(u16, &str)] = &[(401, "expired out"), (200, "desk lead street district auditor unit"), (404, "anon *")];

/// Those who watch over an area; areas are public.
const WATCHERS: &[(u16, &str)] = &[(401, "anon expired out"), (200, "desk lead street unit auditor"), (403, "*")];
/// The result of a vote held outside, for an agreement nobody else knows of.
const OUTSIDE_VOTE: &[(u16, &str)] = &[(401, "anon expired out"), (201, "desk lead street"), (404, "far farstreet"), (403, "*")];

/// Closing what one runs; everybody knows of it.
const CLOSERS: &[(u16, &str)] = &[(401, "anon expired out"), (201, "desk lead"), (403, "*")];

const TABLE: &[Row] = &[
    row("GET /livez", "", None, OPEN),
    row("GET /readyz", "", None, OPEN),
    row("GET /.well-known/jwks.json", "", None, OPEN),
    row("POST /api/v1/sign-in", "", None, OPEN),
    row("POST /api/v1/token-refresh", "", None, OPEN),
    row("POST /api/v1/claims", "", None, OPEN),
    // The one-time token is spent: nobody, whoever asks.
    row("POST /api/v1/first-administrator", "", None, &[(401, "anon expired out *")]),
    row("GET /api/v1/areas", "", None, OPEN),
    row("GET /api/v1/sites", "", None, OPEN),
    row("GET /api/v1/sites/{id}", "", None, OPEN),
    row("GET /api/v1/spaces/{id}", "", None, OPEN),
    row("GET /api/v1/spaces/{id}/tariffs", "", None, OPEN),
    row("GET /api/v1/spaces/{id}/terms", "", None, OPEN),
    row("GET /api/v1/spaces/{id}/availability", "", None, OPEN),
    row("GET /api/v1/spaces/{id}/bookings", "", Some("see-booking"), OPEN_OR_GOOD),
    row("GET /api/v1/sites/{id}/availability", "", None, OPEN),
    row("GET /api/v1/sites/{id}/bookings", "", Some("see-booking"), OPEN_OR_GOOD),
    row("GET /api/v1/spaces/{id}/ledger", "", None, OPEN),
    row("GET /api/v1/uses", "", None, OPEN),
    row("GET /api/v1/search", "", None, OPEN),
    row("GET /api/v1/sites/{id}/closures", "", None, OPEN),
    row("GET /api/v1/closures/{id}", "of the centre", None, OPEN),
    row("POST /api/v1/sites/{id}/closures", "the centre", Some("close-space"), CLOSERS),
    row(
        "POST /api/v1/sites/{id}/closures",
        "the gym",
        Some("close-space"),
        &[(401, "anon expired out"), (201, "desk lead operator"), (403, "*")],
    ),
    row("POST /api/v1/spaces/{id}/closures", "of the centre", Some("close-space"), CLOSERS),
    row(
        "GET /api/v1/closures/{id}/bookings",
        "of the centre",
        Some("close-space"),
        &[(401, "anon expired out"), (200, "desk lead"), (403, "*")],
    ),
    row("POST /api/v1/closures/{id}/openings", "of the centre", Some("close-space"), CLOSERS),
    row("GET /api/v1/areas/{id}/free-times", "", None, OPEN),
    row("GET /api/v1/sites/{id}/free-times", "", None, OPEN),
    row("POST /api/v1/sign-out", "", Some("own-account"), &[(401, "anon expired out"), (204, "*")]),
    // Of those tried only the administrator has a password; the session of whoever gets it wrong still counts.
    row("POST /api/v1/step-up", "", Some("own-account"), &[(401, "anon expired out"), (200, "admin"), (403, "*")]),
    row("POST /api/v1/me/password", "", Some("own-account"), SIGNED_IN),
    row("GET /api/v1/me", "", Some("own-account"), SIGNED_IN),
    row("GET /api/v1/me/export", "", Some("own-account"), SIGNED_IN),
    row("POST /api/v1/me/erasure", "", Some("own-account"), &[(401, "anon expired out"), (201, "*")]),
    row(
        "GET /api/v1/organisations/{id}/representatives",
        "the unit",
        Some("manage-representatives"),
        &[
            (401, "anon expired out"),
            (200, "desk lead street unit"),
            (404, "far farstreet farunit manager social farsocial operator"),
            (403, "*"),
        ],
    ),
    row(
        "POST /api/v1/representatives/{id}/revocation",
        "of the unit",
        Some("manage-representatives"),
        &[
            (401, "anon expired out"),
            (201, "desk lead street unit"),
            (404, "far farstreet farunit manager social farsocial operator"),
            (403, "*"),
        ],
    ),
    row("GET /api/v1/notices", "", Some("own-account"), SIGNED_IN),
    row("GET /api/v1/me/inbox", "", Some("own-account"), SIGNED_IN),
    row("GET /api/v1/me/notice-settings", "", Some("own-account"), SIGNED_IN),
    row("PUT /api/v1/me/notice-settings", "", Some("own-account"), SIGNED_IN),
    row("POST /api/v1/notices/{id}/reading", "of own", Some("own-account"), &[(401, "anon expired out"), (204, "own"), (404, "*")]),
    row("POST /api/v1/notices/reading", "of own", Some("own-account"), &[(401, "anon expired out"), (200, "own"), (404, "*")]),
    row("GET /api/v1/me/waiting", "", Some("own-account"), SIGNED_IN),
    row("GET /api/v1/bookings", "", Some("list-own-bookings"), SIGNED_IN),
    row("POST /api/v1/accounts", "in the area", Some("create-account"), &[(401, "anon expired out"), (201, "admin desk lead"), (403, "*")]),
    row(
        "POST /api/v1/claim-codes",
        "in the area",
        Some("issue-claim-code"),
        &[(401, "anon expired out"), (200, "admin desk lead"), (404, "far"), (403, "*")],
    ),
    row(
        "POST /api/v1/hub-imports",
        "in the area",
        Some("import-hub"),
        &[(401, "anon expired out"), (201, "admin desk lead street"), (403, "*")],
    ),
    // Whoever may book for anybody may ask; that they may book for *this* holder is judged when they book.
    row(
        "POST /api/v1/bookings/check",
        "own household",
        Some("make-booking"),
        &[(401, "anon expired out"), (200, "own mate other door grid"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings",
        "own household",
        Some("make-booking"),
        &[(401, "anon expired out"), (201, "own mate other door grid"), (403, "*")],
    ),
    row("POST /api/v1/bookings", "the arts service", Some("make-booking"), &[(401, "anon expired out"), (201, "social"), (403, "*")]),
    row(
        "GET /api/v1/bookings/{id}",
        "of a household",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "own mate desk lead"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row(
        "GET /api/v1/bookings/{id}",
        "of the arts service",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "social desk lead"), (404, "own mate other door grid far farsocial operator"), (403, "*")],
    ),
    row(
        "GET /api/v1/bookings/{id}/postings",
        "of a household",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "own mate desk lead"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings/{id}/postings/{posting}/reversal",
        "that was charged",
        Some("reverse-posting"),
        &[(401, "anon expired out"), (201, "desk lead"), (404, "far"), (403, "*")],
    ),
    row(
        "GET /api/v1/bookings/{id}/explanation",
        "of a household",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "own mate desk lead"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row(
        "GET /api/v1/bookings/{id}/explanation",
        "of the arts service",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "social desk lead"), (404, "own mate other door grid far farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings/{id}/cancellation",
        "of a household",
        Some("cancel-booking"),
        &[(401, "anon expired out"), (201, "own mate"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings/{id}/cancellation",
        "of the arts service",
        Some("cancel-booking"),
        &[(401, "anon expired out"), (201, "social"), (404, "own mate other door grid far farsocial operator"), (403, "*")],
    ),
    row("GET /api/v1/sites/{id}/overrides", "", None, OPEN),
    row("GET /api/v1/sites/{id}/quota", "", Some("list-own-bookings"), SIGNED_IN),
    // Whoever may book for the community and may set a rule aside there.
    row("POST /api/v1/bookings", "a rule set aside", Some("set-rule-aside"), &[(401, "anon expired out"), (201, "lead"), (403, "*")]),
    row(
        "POST /api/v1/neighbour-lookups",
        "a household",
        Some("assist-booking"),
        &[(401, "anon expired out"), (200, "door desk lead operator"), (404, "grid far"), (403, "*")],
    ),
    row(
        "POST /api/v1/assisted-bookings",
        "for a neighbour",
        Some("assist-booking"),
        // The operator may help the household, but only where it runs the place.
        &[(401, "anon expired out"), (201, "door desk lead"), (404, "grid far"), (403, "operator *")],
    ),
    row(
        "GET /api/v1/assisted-bookings",
        "",
        Some("assist-booking"),
        &[(401, "anon expired out"), (200, "door grid desk lead far operator"), (403, "*")],
    ),
    row(
        "GET /api/v1/requests",
        "",
        Some("approve-booking"),
        &[(401, "anon expired out"), (200, "desk lead far unit farunit operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings/{id}/approval",
        "that needs the unit",
        Some("approve-booking"),
        &[(401, "anon expired out"), (201, "unit"), (404, "far farunit operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings/{id}/refusal",
        "that needs the unit",
        Some("approve-booking"),
        &[(401, "anon expired out"), (201, "unit"), (404, "far farunit operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/series/preview",
        "own household",
        Some("make-booking"),
        &[(401, "anon expired out"), (200, "own mate other door grid"), (403, "*")],
    ),
    row(
        "POST /api/v1/series",
        "own household",
        Some("make-booking"),
        &[(401, "anon expired out"), (201, "own mate other door grid"), (403, "*")],
    ),
    row("POST /api/v1/series", "the arts service", Some("make-booking"), &[(401, "anon expired out"), (201, "social"), (403, "*")]),
    row("GET /api/v1/series", "", Some("list-own-bookings"), SIGNED_IN),
    row(
        "GET /api/v1/series/{id}",
        "of a household",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "own mate desk lead"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/series/{id}/cancellation",
        "of a household",
        Some("cancel-booking"),
        &[(401, "anon expired out"), (201, "own mate"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/series/{id}/changes",
        "of a household",
        Some("make-booking"),
        &[(401, "anon expired out"), (201, "own mate"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row("GET /api/v1/spaces/{id}/calendar.ics", "", None, OPEN),
    row("GET /api/v1/calendars/{secret}.ics", "of own", None, OPEN),
    row("POST /api/v1/me/calendars", "", Some("own-account"), SIGNED_IN),
    row("GET /api/v1/me/calendars", "", Some("own-account"), SIGNED_IN),
    row("POST /api/v1/me/calendars/{id}/revocation", "of own", Some("own-account"), &[(401, "anon expired out"), (201, "own"), (404, "*")]),
    row("GET /api/v1/me/offers", "", Some("list-own-bookings"), SIGNED_IN),
    row("GET /api/v1/waitlist", "", Some("list-own-bookings"), SIGNED_IN),
    row(
        "POST /api/v1/waitlist",
        "own household",
        Some("make-booking"),
        &[(401, "anon expired out"), (201, "own mate other door grid"), (403, "*")],
    ),
    row(
        "GET /api/v1/waitlist/{id}",
        "of a household",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "own mate desk lead"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/waitlist/{id}/leaving",
        "of a household",
        Some("cancel-booking"),
        &[(401, "anon expired out"), (201, "own mate"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row("GET /api/v1/spaces/{id}/ratings", "", None, OPEN),
    row("GET /api/v1/me/standing", "", Some("list-own-bookings"), SIGNED_IN),
    row(
        "GET /api/v1/spaces/{id}/door-code",
        "",
        Some("show-door-code"),
        &[(401, "anon expired out"), (200, "desk lead manager"), (403, "*")],
    ),
    row(
        "GET /api/v1/bookings/{id}/use",
        "of a household",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "own mate desk lead"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    // It lies ahead and nobody missed it (409): permission let them by.
    row("POST /api/v1/bookings/{id}/check-in", "of a household", Some("use-booking"), OF_HOLDER),
    row("POST /api/v1/bookings/{id}/appeal", "of a household", Some("use-booking"), OF_HOLDER),
    row("POST /api/v1/bookings/{id}/rating", "of a household", Some("use-booking"), OF_HOLDER),
    row(
        "POST /api/v1/bookings/{id}/attendance",
        "of a household",
        Some("mark-attendance"),
        &[(401, "anon expired out"), (409, "desk lead"), (404, "far social farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings/{id}/attendance",
        "of the arts service",
        Some("mark-attendance"),
        &[(401, "anon expired out"), (409, "desk lead social"), (404, "far farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings/{id}/keys",
        "of a household",
        Some("hand-keys"),
        &[(401, "anon expired out"), (201, "desk lead manager"), (404, "far operator"), (403, "*")],
    ),
    row("GET /api/v1/appeals", "", Some("decide-appeal"), &[(401, "anon expired out"), (200, "desk lead far"), (403, "*")]),
    row(
        "POST /api/v1/bookings/{id}/appeal/decision",
        "of a household",
        Some("decide-appeal"),
        &[(401, "anon expired out"), (409, "desk lead"), (404, "far"), (403, "*")],
    ),
    // Nothing is kept for the holder (409): permission let them by.
    row("POST /api/v1/bookings/{id}/hold/acceptance", "of a household", Some("answer-offer"), OF_HOLDER),
    row("POST /api/v1/bookings/{id}/hold/refusal", "of a household", Some("answer-offer"), OF_HOLDER),
    row(
        "GET /api/v1/bookings/{id}/impact",
        "of a household",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "own mate desk lead"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row(
        "GET /api/v1/bookings/{id}/history",
        "of a household",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "own mate desk lead"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row(
        "GET /api/v1/bookings/{id}/history",
        "of the arts service",
        Some("see-booking"),
        &[(401, "anon expired out"), (200, "social desk lead"), (404, "own mate other door grid far farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings/{id}/move",
        "of a household",
        Some("move-booking"),
        &[(401, "anon expired out"), (201, "own mate"), (404, "other door grid far social farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings/{id}/move",
        "of the arts service",
        Some("move-booking"),
        &[(401, "anon expired out"), (201, "social"), (404, "own mate other door grid far farsocial operator"), (403, "*")],
    ),
    row(
        "POST /api/v1/bookings/{id}/provider-cancellation",
        "of a household",
        Some("close-space"),
        &[(401, "anon expired out"), (201, "desk lead"), (404, "far operator"), (403, "*")],
    ),
    // Nothing about the booking waits for an answer (409): permission let them by.
    row("POST /api/v1/bookings/{id}/offer/acceptance", "of a household", Some("answer-offer"), OF_HOLDER),
    row("POST /api/v1/bookings/{id}/offer/refusal", "of a household", Some("answer-offer"), OF_HOLDER),
    row("POST /api/v1/bookings/{id}/reduction", "of a household", Some("answer-offer"), OF_HOLDER),
    row("GET /api/v1/agreements/{id}/versions/{no}/impact", "in force", Some("see-agreement"), INSIDE),
    row("GET /api/v1/agreements/{id}/versions/{no}/impact", "a draft", Some("see-agreement"), INSIDE_DRAFT),
    row("GET /api/v1/agreements/{id}/versions/{no}/impact/bookings", "in force", Some("see-agreement"), INSIDE),
    row("GET /api/v1/agreements/{id}/versions/{no}/impact/bookings", "a draft", Some("see-agreement"), INSIDE_DRAFT),
    row("GET /api/v1/agreements/{id}/versions/{no}/replay", "in force", Some("see-agreement"), INSIDE),
    row("GET /api/v1/agreements/{id}/versions/{no}/replay", "a draft", Some("see-agreement"), INSIDE_DRAFT),
    row("GET /api/v1/audit/anchors", "", None, OPEN),
    row("GET /api/v1/audit/verification", "of the area", Some("read-audit"), WATCHERS),
    row("GET /api/v1/audit/entries", "of the area", Some("read-audit"), WATCHERS),
    row("GET /api/v1/audit/entries", "of no area", Some("read-audit"), &[(401, "anon expired out"), (200, "auditor"), (403, "*")]),
    row("GET /api/v1/agreements", "", Some("see-agreement"), OPEN_OR_GOOD),
    row("GET /api/v1/agreements/{id}", "in force", Some("see-agreement"), OPEN_OR_GOOD),
    row(
        "GET /api/v1/agreements/{id}",
        "a draft",
        Some("see-agreement"),
        &[(401, "expired out"), (200, "desk lead street district auditor unit"), (404, "anon *")],
    ),
    row("GET /api/v1/agreements/{id}/versions/{no}", "in force", Some("see-agreement"), OPEN_OR_GOOD),
    row(
        "GET /api/v1/agreements/{id}/versions/{no}",
        "a draft",
        Some("see-agreement"),
        &[(401, "expired out"), (200, "desk lead street district auditor unit"), (404, "anon *")],
    ),
    row("GET /api/v1/agreements/{id}/versions/{no}/changes", "in force", Some("see-agreement"), OPEN_OR_GOOD),
    row(
        "GET /api/v1/agreements/{id}/versions/{no}/changes",
        "a draft",
        Some("see-agreement"),
        &[(401, "expired out"), (200, "desk lead street district auditor unit"), (404, "anon *")],
    ),
    row("GET /api/v1/agreements/{id}/versions/{no}/document", "in force", Some("see-agreement"), OPEN_OR_GOOD),
    row("GET /api/v1/agreements/{id}/versions/{no}/document", "a draft", Some("see-agreement"), INSIDERS),
    row("GET /api/v1/agreements/{id}/versions/{no}/canonical", "in force", Some("see-agreement"), OPEN_OR_GOOD),
    row("GET /api/v1/agreements/{id}/versions/{no}/canonical", "in a round", Some("see-agreement"), INSIDERS),
    row("POST /api/v1/verifications", "any hash", Some("see-agreement"), OPEN_OR_GOOD),
    row(
        "POST /api/v1/agreements",
        "in the area",
        Some("draft-version"),
        &[(401, "anon expired out"), (201, "desk lead street unit"), (403, "*")],
    ),
    row("POST /api/v1/agreements/{id}/versions", "a new agreement", Some("draft-version"), DRAFTS),
    row(
        "POST /api/v1/agreements/{id}/versions",
        "in force",
        Some("draft-version"),
        // Everybody knows of it. The first of the four drafts version 2, and then there is one (409): permission let them by.
        &[(401, "anon expired out"), (201, "desk"), (409, "lead street unit"), (403, "*")],
    ),
    row(
        "PUT /api/v1/agreements/{id}/versions/{no}",
        "a draft",
        Some("draft-version"),
        &[(401, "anon expired out"), (200, "desk lead street unit"), (404, "far farstreet farunit"), (403, "*")],
    ),
    row("GET /api/v1/agreements/{id}/rounds", "in force", Some("see-agreement"), OPEN_OR_GOOD),
    row(
        "GET /api/v1/agreements/{id}/rounds",
        "in a round",
        Some("see-agreement"),
        &[(401, "expired out"), (200, "desk lead street district auditor unit"), (404, "anon *")],
    ),
    row("POST /api/v1/agreements/{id}/versions/{no}/round", "a draft", Some("draft-version"), DRAFTS),
    row("POST /api/v1/agreements/{id}/versions/{no}/round/closing", "in a round", Some("draft-version"), DRAFTS),
    row("POST /api/v1/agreements/{id}/versions/{no}/positions", "in a round, for the unit", Some("state-position"), FOR_UNIT),
    row("POST /api/v1/agreements/{id}/versions/{no}/positions/{position}/reply", "an objection of the unit", Some("draft-version"), DRAFTS),
    row("POST /api/v1/agreements/{id}/versions/{no}/proposal", "a draft", Some("draft-version"), DRAFTS),
    row("POST /api/v1/agreements/{id}/versions/{no}/withdrawal", "proposed", Some("draft-version"), DRAFTS),
    row("POST /api/v1/agreements/{id}/versions/{no}/signatures", "proposed, for the unit", Some("sign-version"), FOR_UNIT),
    row(
        "POST /api/v1/agreements/{id}/versions/{no}/signatures",
        "proposed, for the community",
        Some("sign-version"),
        &[(401, "anon expired out"), (201, "lead"), (404, "far farstreet farunit manager social farsocial operator"), (403, "*")],
    ),
    row("POST /api/v1/agreements/{id}/versions/{no}/extension", "proposed", Some("draft-version"), DRAFTS),
    row(
        "POST /api/v1/agreements/{id}/versions/{no}/agency-consents",
        "proposed, for the unit",
        Some("consent-to-agency"),
        // Whoever would sign for two does not consent to it.
        &[
            (401, "anon expired out"),
            (201, "desk lead street"),
            (403, "unit *"),
            (404, "far farstreet farunit manager social farsocial operator"),
        ],
    ),
    row(
        "POST /api/v1/agreements/{id}/versions/{no}/pending-signatures",
        "proposed, for the unit",
        Some("sign-version"),
        // Who has the power signs directly.
        &[
            (401, "anon expired out"),
            (409, "unit"),
            (403, "desk lead street *"),
            (404, "far farstreet farunit manager social farsocial operator"),
        ],
    ),
    row(
        "POST /api/v1/agreements/{id}/versions/{no}/pending-signatures/{pending}/ratification",
        "to be ratified by the unit",
        Some("sign-version"),
        FOR_UNIT,
    ),
    row(
        "POST /api/v1/agreements/{id}/versions/{no}/pending-signatures/{pending}/refusal",
        "to be ratified by the unit",
        Some("sign-version"),
        FOR_UNIT,
    ),
    row("POST /api/v1/agreements/{id}/versions/{no}/owners-decisions", "proposed", Some("record-owners-vote"), OUTSIDE_VOTE),
    row(
        "POST /api/v1/agreements/{id}/versions/{no}/owners-decisions/{vote}/confirmation",
        "a vote the street recorded",
        Some("record-owners-vote"),
        &[(401, "anon expired out"), (201, "desk lead"), (403, "street *"), (404, "far farstreet")],
    ),
    // Whoever may record one is told that it is held elsewhere.
    row(
        "POST /api/v1/agreements/{id}/versions/{no}/owners-votes",
        "proposed",
        Some("record-owners-vote"),
        &[(401, "anon expired out"), (409, "desk lead street"), (404, "far farstreet"), (403, "*")],
    ),
    row("POST /api/v1/agreements/{id}/versions/{no}/declines", "proposed, for the unit", Some("sign-version"), FOR_UNIT),
    row(
        "POST /api/v1/agreements/{id}/versions/{no}/paper-signatures",
        "proposed, for the unit",
        Some("record-paper-signature"),
        &[(401, "anon expired out"), (201, "desk lead street"), (404, "far farstreet"), (403, "*")],
    ),
    row(
        "POST /api/v1/agreements/{id}/versions/{no}/paper-signatures/{signature}/confirmation",
        "paper of the unit",
        Some("sign-version"),
        FOR_UNIT,
    ),
    row("GET /api/v1/agreements/{id}/history", "in force", Some("see-agreement"), OPEN_OR_GOOD),
    row(
        "GET /api/v1/agreements/{id}/history",
        "a draft",
        Some("see-agreement"),
        &[(401, "expired out"), (200, "desk lead street district auditor unit"), (404, "anon *")],
    ),
    // What is agreed everybody may know of: who may not is told so.
    row(
        "POST /api/v1/agreements/{id}/suspensions",
        "agreed, at once",
        Some("order-suspension"),
        &[(401, "anon expired out"), (201, "desk lead street unit"), (403, "*")],
    ),
    row(
        "POST /api/v1/agreements/{id}/suspensions",
        "agreed, planned",
        Some("order-planned-suspension"),
        &[(401, "anon expired out"), (201, "desk lead"), (403, "*")],
    ),
    row(
        "POST /api/v1/agreements/{id}/suspension-proposals",
        "agreed, for the unit",
        Some("propose-suspension"),
        // The desk does not ask itself; the matrix asks for the unit, whoever asks.
        &[(401, "anon expired"), (201, "unit"), (403, "out *")],
    ),
    row(
        "POST /api/v1/agreements/{id}/suspension-proposals",
        "agreed, for the property manager",
        Some("propose-suspension"),
        &[(401, "anon expired"), (201, "manager"), (403, "out *")],
    ),
    row(
        "POST /api/v1/agreements/{id}/suspension-proposals/{proposal}/order",
        "asked for by the unit",
        Some("order-planned-suspension"),
        &[(401, "anon expired out"), (201, "desk lead"), (403, "*")],
    ),
    row(
        "POST /api/v1/agreements/{id}/suspension-proposals/{proposal}/refusal",
        "asked for by the unit",
        Some("order-planned-suspension"),
        &[(401, "anon expired out"), (201, "desk lead"), (403, "*")],
    ),
    row(
        "POST /api/v1/agreements/{id}/suspensions/{suspension}/lifting",
        "suspended by the community",
        Some("lift-suspension"),
        &[(401, "anon expired out"), (201, "desk lead"), (403, "*")],
    ),
    row(
        "POST /api/v1/agreements/{id}/suspensions/{suspension}/lifting",
        "suspended by the unit",
        Some("lift-suspension"),
        &[(401, "anon expired out"), (201, "unit"), (403, "*")],
    ),
    row(
        "POST /api/v1/agreements/{id}/suspensions/{suspension}/reviews",
        "suspended by the community",
        Some("review-suspension"),
        // Whose roles never review is told so before anybody asks whether the session still counts.
        &[(401, "anon expired"), (201, "street"), (403, "out *")],
    ),
    row("POST /api/v1/agreements/{id}/termination-notices", "agreed, for the unit", Some("serve-notice"), UNIT_ALONE),
    row(
        "POST /api/v1/agreements/{id}/termination-notices",
        "agreed, for the community",
        Some("serve-notice"),
        &[(401, "anon expired out"), (201, "lead"), (403, "*")],
    ),
    row(
        "POST /api/v1/agreements/{id}/termination-notices/{notice}/objections",
        "under notice, for the unit",
        Some("sign-version"),
        UNIT_ALONE,
    ),
    // The unit lends everything, so that nothing would be left (409): permission let it by.
    row(
        "POST /api/v1/agreements/{id}/withdrawals",
        "agreed, for the unit",
        Some("serve-notice"),
        &[(401, "anon expired out"), (409, "unit"), (403, "*")],
    ),
    row("POST /api/v1/agreements/{id}/annulment", "to come, for the unit", Some("sign-version"), UNIT_ALONE),
    // It has not ended (409): permission let them by.
    row(
        "POST /api/v1/agreements/{id}/settlement",
        "agreed",
        Some("settle-agreement"),
        &[(401, "anon expired out"), (409, "desk lead"), (403, "*")],
    ),
    row(
        "POST /api/v1/agreements/{id}/closing",
        "agreed",
        Some("close-agreement"),
        &[(401, "anon expired out"), (409, "desk lead street"), (403, "*")],
    ),
    row("GET /api/v1/spaces/{id}/usage-terms", "", None, OPEN),
    row("GET /api/v1/sites/{id}/usage-terms", "", Some("see-usage-terms"), OPEN_OR_GOOD),
    row("GET /api/v1/usage-terms/{id}", "usage terms in force", Some("see-usage-terms"), OPEN_OR_GOOD),
    row("GET /api/v1/usage-terms/{id}", "a draft of usage terms", Some("see-usage-terms"), INSIDERS),
    row(
        "POST /api/v1/sites/{id}/usage-terms",
        "of the unit's spaces",
        Some("draft-usage-terms"),
        &[(401, "anon expired out"), (201, "desk lead unit"), (403, "*")],
    ),
    row("PUT /api/v1/usage-terms/{id}", "a draft of usage terms", Some("draft-usage-terms"), OF_DRAFTERS_PUT),
    row("POST /api/v1/usage-terms/{id}/submission", "a draft of usage terms", Some("draft-usage-terms"), OF_DRAFTERS),
    row("POST /api/v1/usage-terms/{id}/withdrawal", "a draft of usage terms", Some("draft-usage-terms"), OF_DRAFTERS),
    row("POST /api/v1/usage-terms/{id}/approvals", "submitted usage terms", Some("approve-usage-terms"), OF_UNIT_ASKED),
    row("POST /api/v1/usage-terms/{id}/rejection", "submitted usage terms", Some("approve-usage-terms"), OF_UNIT_ASKED),
];

/// Drafting usage terms of the unit's spaces, which nobody else knows of yet.
const OF_DRAFTERS: &[(u16, &str)] = &[(401, "anon expired out"), (201, "desk lead unit"), (404, "far farunit operator"), (403, "*")];
/// The same, changing them.
const OF_DRAFTERS_PUT: &[(u16, &str)] = &[(401, "anon expired out"), (200, "desk lead unit"), (404, "far farunit operator"), (403, "*")];
/// Answering for the unit that owns the spaces.
const OF_UNIT_ASKED: &[(u16, &str)] = &[(401, "anon expired out"), (201, "unit"), (404, "far farunit"), (403, "*")];

fn expected(row: &Row, standing: &str) -> u16 {
    let named = |who: &str| row.expect.iter().find(|(_, group)| group.split(' ').any(|w| w == who)).map(|(status, _)| *status);
    named(standing).or_else(|| named("*")).unwrap_or_else(|| panic!("{} ({}): nothing is said of {standing}", row.operation, row.on))
}

/// An order that closes every space.
fn suspension(planned: bool) -> Value {
    if planned {
        let (from, until) = ("2026-12-10T08:00:00+08:00", "2026-12-11T08:00:00+08:00");
        return json!({"urgency": "planned", "ground": "repair", "text": "粉刷", "from": from, "until": until});
    }
    json!({"urgency": "immediate", "ground": "safety", "text": "漏水", "evidence": "照片"})
}

/// A request of the matrix.
struct Ask {
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<(&'static str, String)>,
}

/// Whether a path names a thing that is there.
#[derive(Clone, Copy, PartialEq)]
enum Thing {
    /// Made for this request, because it will be used up.
    Fresh,
    /// One for all who may not.
    Shared,
    /// None.
    Absent,
}

/// What the requests are about.
struct Things<'t> {
    town: &'t Town<'t>,
    clauses: Value,
    next: Cell<usize>,
    slots: Cell<usize>,
    shared: RefCell<BTreeMap<&'static str, String>>,
}

impl<'t> Things<'t> {
    fn new(town: &'t Town<'t>) -> Self {
        let path = format!("/api/v1/agreements/{}/versions/1", town.agreement("yuxin-partnership"));
        let clauses = town.app.client.get(&path).unwrap().expect(200, "clauses").unwrap().body["clauses"].clone();
        Self { town, clauses, next: Cell::new(0), slots: Cell::new(0), shared: RefCell::default() }
    }

    fn number(&self) -> usize {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    /// Somebody the desk has just made an account for, by their mobile number.
    fn newcomer(&self) -> String {
        let mobile = format!("1370000{:04}", self.number());
        let household = self.town.person("yuxin-p-res-2").get("/api/v1/me").unwrap().body["household_id"].clone();
        let person = json!({"name": "新人", "mobile": mobile, "household_id": household});
        self.town.person("yuxin-p-desk").post("/api/v1/accounts", &person).unwrap().expect(201, "account").unwrap();
        mobile
    }

    /// A time nobody has: ten in the morning and later, on days without other hours.
    fn slot(&self) -> (i64, u16) {
        let n = self.slots.replace(self.slots.get() + 1);
        (2 + i64::try_from(n / 6).unwrap(), 600 + 60 * u16::try_from(n % 6).unwrap())
    }

    fn closure(&self) -> String {
        let path = format!("/api/v1/sites/{}/closures", self.town.site("yuxin-centre"));
        let made = self.town.person("yuxin-p-desk").post(&path, &closing()).unwrap().expect(201, "closure").unwrap();
        made.text("/closure/id").to_owned()
    }

    fn ask(&self, organisation: Option<&str>) -> Value {
        let (day, minute) = self.slot();
        let mut ask = self.town.ask(day, minute);
        if let Some(organisation) = organisation {
            ask["organisation_id"] = json!(self.town.organisation(organisation));
        }
        ask
    }

    fn booking(&self, by: &str, organisation: Option<&str>) -> String {
        let made = self.town.person(by).post("/api/v1/bookings", &self.ask(organisation)).unwrap().expect(201, "booking").unwrap();
        made.text("/id").to_owned()
    }

    fn series_ask(&self, organisation: Option<&str>) -> Value {
        let mut ask = self.ask(organisation);
        ask["rule"] = json!("FREQ=DAILY;COUNT=1");
        ask
    }

    fn series(&self) -> String {
        let made = self.town.person("yuxin-p-res-2").post("/api/v1/series", &self.series_ask(None)).unwrap().expect(201, "series").unwrap();
        made.text("/id").to_owned()
    }

    /// An address of `own`'s calendar: its id and its secret.
    fn calendar(&self) -> String {
        let own = self.town.person("yuxin-p-res-2");
        let made = own.post("/api/v1/me/calendars", &json!({})).unwrap().expect(200, "address").unwrap();
        format!("{}/{}", made.text("/id"), made.text("/path").rsplit('/').next().unwrap().trim_end_matches(".ics"))
    }

    /// What the arts service has booked, as others would ask for it.
    fn taken(&self) -> Value {
        let mut ask = self.ask(Some("yuxin-arts"));
        self.town.person("yuxin-p-arts").post("/api/v1/bookings", &ask).unwrap().expect(201, "booking").unwrap();
        ask.as_object_mut().unwrap().remove("organisation_id");
        ask
    }

    /// A notice of `own`.
    fn notice(&self) -> String {
        self.booking("yuxin-p-res-2", None);
        self.town.app.settle();
        let page = self.town.person("yuxin-p-res-2").get("/api/v1/notices?limit=1").unwrap().expect(200, "notices").unwrap();
        page.text("/items/0/id").to_owned()
    }

    fn new_agreement(&self) -> Value {
        json!({"code": format!("matrix-{}", self.number()), "title_zh": "试验协议",
            "area_id": self.town.area("yuxin-garden"), "site_ids": [self.town.site("yuxin-centre")]})
    }

    /// An agreement without a version.
    fn agreement(&self) -> String {
        let street = self.town.person("yuxin-p-street");
        let made = street.post("/api/v1/agreements", &self.new_agreement()).unwrap().expect(201, "agreement").unwrap();
        made.text("/id").to_owned()
    }

    fn draft(&self) -> String {
        let id = self.agreement();
        let ask = json!({ "clauses": self.clauses });
        self.town.person("yuxin-p-street").post(&format!("/api/v1/agreements/{id}/versions"), &ask).unwrap().expect(201, "draft").unwrap();
        id
    }

    /// A version signed by both parties, in force from `first_day`.
    fn agreed(&self, first_day: &str) -> String {
        let town = self.town;
        let (id, mut clauses) = (self.agreement(), self.clauses.clone());
        for clause in clauses.as_array_mut().unwrap().iter_mut().filter(|clause| clause["kind"] == "term") {
            clause["payload"]["first_day"] = json!(first_day);
        }
        let (street, path) = (town.person("yuxin-p-street"), format!("/api/v1/agreements/{id}/versions"));
        street.post(&path, &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        street.post(&format!("{path}/1/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        for party in ["yuxin-unit", "yuxin-community"] {
            let body = json!({"organisation_id": town.organisation(party), "sha256": self.sha256(&id)});
            town.signer(party).post(&format!("{path}/1/signatures"), &body).unwrap().expect(201, "signature").unwrap();
        }
        id
    }

    /// The same, with something ordered or served by somebody; `agreement/thing`.
    fn then(&self, by: &str, tail: &str, body: &Value, named: &str) -> String {
        let id = self.agreed("2026-01-01");
        let made = self.town.person(by).post(&format!("/api/v1/agreements/{id}/{tail}"), body).unwrap().expect(201, tail).unwrap();
        format!("{id}/{}", made.text(named))
    }

    fn proposed(&self) -> String {
        self.put("proposal")
    }

    fn in_round(&self) -> String {
        self.put("round")
    }

    /// A draft put to its parties.
    fn put(&self, how: &str) -> String {
        let id = self.draft();
        let path = format!("/api/v1/agreements/{id}/versions/1/{how}");
        self.town.person("yuxin-p-street").post(&path, &json!({})).unwrap().expect(201, "proposal").unwrap();
        id
    }

    /// Somebody else who may sign for the unit.
    fn representative(&self) -> String {
        let id = RepresentativeId::fresh().to_string();
        let account = self.town.person("yuxin-p-res-1").get("/api/v1/me").unwrap().body["id"].as_str().unwrap().to_owned();
        let (unit, from) = (self.town.organisation("yuxin-unit"), NOW.0 + i64::try_from(self.number()).unwrap());
        self.town.app.db.sql(&format!(
            "INSERT INTO representatives (id, account_id, organisation_id, powers, from_at, to_at, evidence, created_at)
             VALUES ('{id}', '{account}', '{unit}', '[\"position\"]', {from}, {}, '委托书', 0)",
            Instant::LATEST.0
        ));
        id
    }

    /// Proposed, and signed for the unit by somebody without the power to.
    fn signed_outside_power(&self) -> String {
        let id = self.proposed();
        let version = self.town.person("yuxin-p-street").get(&format!("/api/v1/agreements/{id}/versions/1")).unwrap();
        let (pending, account, unit) = (PendingSignatureId::fresh(), AccountId::fresh(), self.town.organisation("yuxin-unit"));
        self.town.app.db.sql(&format!(
            "INSERT INTO pending_signatures (id, version_id, organisation_id, version_sha256, account_id, signed_at, until_at)
             VALUES ('{pending}', '{}', '{unit}', '{}', '{account}', {}, {})",
            version.text("/id"),
            version.text("/sha256"),
            NOW.0,
            Instant::LATEST.0
        ));
        id
    }

    /// An owners' vote that carried.
    fn vote(&self, sha256: &str) -> Value {
        json!({"sha256": sha256, "matter": "special", "heads_all": 829, "heads_took_part": 553, "heads_yes": 415,
            "area_all": 8_290_000, "area_took_part": 5_530_000, "area_yes": 4_150_000, "area_basis": "register",
            "notice_on": "2026-11-01", "voted_on": "2026-11-20", "posted_on": "2026-11-22", "evidence_sha256": "d".repeat(64)})
    }

    /// What usage terms of a room nobody books in the matrix say.
    fn usage(&self) -> Value {
        json!({"space_ids": [self.town.space("yuxin-centre/shuyuan")], "text_zh": format!("请保持安静。{}", self.number())})
    }

    /// Usage terms, so far: `draft`, `submission` or `approvals`.
    fn usage_terms(&self, until: &str) -> String {
        let (desk, unit) = (self.town.person("yuxin-p-desk"), self.town.person("yuxin-p-unit"));
        let path = format!("/api/v1/sites/{}/usage-terms", self.town.site("yuxin-centre"));
        let id = desk.post(&path, &self.usage()).unwrap().expect(201, "draft").unwrap().text("/usage_terms_id").to_owned();
        if until != "draft" {
            let path = format!("/api/v1/usage-terms/{id}");
            let hash = desk.post(&format!("{path}/submission"), &json!({})).unwrap().expect(201, "submission").unwrap();
            if until == "approvals" {
                let body = json!({"organisation_id": self.town.organisation("yuxin-unit"), "sha256": hash.text("/sha256")});
                unit.post(&format!("{path}/approvals"), &body).unwrap().expect(201, "approval").unwrap();
            }
        }
        id
    }

    fn sha256(&self, id: &str) -> String {
        let street = self.town.person("yuxin-p-street");
        street.get(&format!("/api/v1/agreements/{id}/versions/1")).unwrap().text("/sha256").to_owned()
    }

    fn on(&self, thing: Thing, kind: &'static str, make: impl Fn() -> String) -> String {
        match thing {
            Thing::Fresh => make(),
            Thing::Absent if kind.contains("series") => SeriesId::fresh().to_string(),
            Thing::Absent if kind == "calendar" => format!("{}/x", CalendarId::fresh()),
            Thing::Absent if kind.contains("booking") => BookingId::fresh().to_string(),
            Thing::Absent if kind == "notice" => NoticeId::fresh().to_string(),
            Thing::Absent if kind.contains("usage terms") => UsageTermsId::fresh().to_string(),
            Thing::Absent => AgreementId::fresh().to_string(),
            Thing::Shared => {
                if let Some(id) = self.shared.borrow().get(kind) {
                    return id.clone();
                }
                let id = make();
                self.shared.borrow_mut().insert(kind, id.clone());
                id
            }
        }
    }

    fn request(&self, row: &Row, thing: Thing) -> Ask {
        let town = self.town;
        let (method, template) = row.operation.split_once(' ').unwrap();
        let mut path = template.to_owned();
        let (mut headers, mut body) = (Vec::new(), None);
        let json_body = |value: Value| Some(("application/json", value.to_string()));
        if method == "POST" {
            headers.push(("idempotency-key", format!("matrix-{}", self.number())));
        }
        match (row.operation, row.on) {
            ("POST /api/v1/sign-in", _) => body = json_body(json!({"login": "admin@example.org", "password": PASSWORD})),
            ("POST /api/v1/me/password", _) => body = json_body(json!({"current": PASSWORD, "password": "另外一个密码-2026"})),
            ("POST /api/v1/step-up", _) => body = json_body(json!({ "password": PASSWORD })),
            ("POST /api/v1/token-refresh", _) => {
                headers.push(("cookie", format!("__Host-shangliang-refresh={}", town.refresh_token("yuxin-p-res-1"))))
            }
            ("POST /api/v1/claims", _) => {
                let mobile = self.newcomer();
                let code = town.person("yuxin-p-desk").post("/api/v1/claim-codes", &json!({"login": mobile})).unwrap();
                let code = code.expect(200, "code").unwrap();
                body = json_body(json!({"login": mobile, "code": code.text("/code"), "password": PASSWORD}));
            }
            ("POST /api/v1/first-administrator", _) => {
                body = json_body(json!({"token": "0".repeat(64), "name": "别人", "email": "other@example.org", "password": PASSWORD}));
            }
            ("POST /api/v1/accounts", _) => {
                let mobile = format!("1380000{:04}", self.number());
                body = json_body(json!({"name": "新人", "mobile": mobile, "area_id": town.area("yuxin-garden")}));
            }
            ("POST /api/v1/claim-codes", _) => {
                let login = if thing == Thing::Absent { "13600000000".to_owned() } else { town.login("yuxin-p-res-1") };
                body = json_body(json!({ "login": login }));
            }
            ("POST /api/v1/hub-imports", _) => {
                let n = self.number();
                let yaml = format!(
                    "hub: matrix-{n}\ntitle_zh: 新网格\nareas:\n  - {{code: matrix-grid-{n}, kind: grid, name_zh: 新网格, parent: yuxin-garden}}\n"
                );
                body = Some(("application/yaml", yaml));
            }
            ("POST /api/v1/bookings/check", _) | ("POST /api/v1/bookings", "own household") => body = json_body(self.ask(None)),
            ("POST /api/v1/bookings", "a rule set aside") => {
                let mut ask = self.ask(Some("yuxin-community"));
                (ask["set_aside"], ask["set_aside_reason"]) = (json!(["duration"]), json!("换届选举"));
                body = json_body(ask);
            }
            ("POST /api/v1/waitlist", _) if thing == Thing::Fresh => body = json_body(self.taken()),
            ("POST /api/v1/waitlist", _) => body = json_body(town.ask(2, 600)),
            ("POST /api/v1/bookings", _) => body = json_body(self.ask(Some("yuxin-arts"))),
            ("POST /api/v1/series/preview", _) | ("POST /api/v1/series", "own household") => body = json_body(self.series_ask(None)),
            ("POST /api/v1/series", _) => body = json_body(self.series_ask(Some("yuxin-arts"))),
            ("POST /api/v1/series/{id}/cancellation", _) => body = json_body(json!({"scope": "all"})),
            ("POST /api/v1/series/{id}/changes", _) => body = json_body(json!({"scope": "all", "attendees": 3})),
            ("POST /api/v1/neighbour-lookups", _) => {
                let code = if thing == Thing::Absent { "no-such-household" } else { "yuxin-h-38-3-602" };
                body = json_body(json!({ "household_code": code }));
            }
            ("POST /api/v1/assisted-bookings", _) => {
                let (mut ask, own) = (self.ask(None), town.person("yuxin-p-res-2").get("/api/v1/me").unwrap().body);
                let household = if thing == Thing::Absent { json!(HouseholdId::fresh().to_string()) } else { own["household_id"].clone() };
                (ask["household_id"], ask["account_id"]) = (household, own["id"].clone());
                (ask["consent"], ask["consent_at"]) = (json!("by_phone"), json!(NOW));
                body = json_body(ask);
            }
            ("POST /api/v1/agreements", _) => body = json_body(self.new_agreement()),
            ("PUT /api/v1/me/notice-settings", _) => {
                headers.push(("if-match", "*".to_owned()));
                body = json_body(json!({"mail_off": ["talk"]}));
            }
            ("POST /api/v1/notices/reading", _) => {
                body = json_body(json!({ "until": self.on(thing, "notice", || self.notice()) }));
            }
            ("POST /api/v1/verifications", _) => body = json_body(json!({ "sha256": "0".repeat(64) })),
            (_, "of the area") => path = format!("{path}?area_id={}", town.area("yuxin-garden")),
            _ => {}
        }
        if method == "POST" && template.ends_with("/closures") {
            body = json_body(closing());
        }
        if template.contains("/series/{id}") {
            path = path.replace("{id}", &self.on(thing, "household's series", || self.series()));
        } else if template.contains("/calendars/") {
            // One person has only so many: whatever is only read is read again.
            let thing = if method == "GET" && thing == Thing::Fresh { Thing::Shared } else { thing };
            let both = self.on(thing, "calendar", || self.calendar());
            let (id, secret) = both.split_once('/').unwrap();
            path = path.replace("{id}", id).replace("{secret}", secret);
        } else if template.contains("/closures/{id}") {
            path = path.replace("{id}", &self.on(thing, "closure", || self.closure()));
            if template.ends_with("/openings") {
                body = json_body(json!({"reason": "提前修好了"}));
            }
        } else if template.contains("/waitlist/{id}") {
            let id = match thing {
                Thing::Absent => WaitId::fresh().to_string(),
                _ => self.on(thing, "place in line", || {
                    let joined = town.person("yuxin-p-res-2").post("/api/v1/waitlist", &self.taken()).unwrap();
                    joined.expect(201, "place in line").unwrap().text("/id").to_owned()
                }),
            };
            path = path.replace("{id}", &id);
        } else if template.contains("/notices/{id}") {
            path = path.replace("{id}", &self.on(thing, "notice", || self.notice()));
        } else if template.contains("/areas/{id}") {
            path = path.replace("{id}", &town.area("yuxin-garden"));
        } else if template.contains("/usage-terms/{id}") {
            let id = match row.on {
                "usage terms in force" => self.on(thing, "usage terms in force", || self.usage_terms("approvals")),
                "submitted usage terms" => self.on(thing, "submitted usage terms", || self.usage_terms("submission")),
                _ => self.on(thing, "a draft of usage terms", || self.usage_terms("draft")),
            };
            let unit = town.organisation("yuxin-unit");
            match template.rsplit('/').next().unwrap() {
                "approvals" => {
                    let seen = town.person("yuxin-p-desk").get(&format!("/api/v1/usage-terms/{id}")).unwrap();
                    let sha256 = seen.body["sha256"].as_str().map_or_else(|| "0".repeat(64), str::to_owned);
                    body = json_body(json!({"organisation_id": unit, "sha256": sha256}));
                }
                "rejection" => body = json_body(json!({"organisation_id": unit, "reason": "再想想"})),
                _ if method == "PUT" => {
                    headers.push(("if-match", "*".to_owned()));
                    body = json_body(self.usage());
                }
                _ => {}
            }
            path = path.replace("{id}", &id);
        } else if template.contains("/sites/{id}") {
            if method == "POST" && !template.ends_with("/closures") {
                body = json_body(self.usage());
            }
            let site = if row.on == "the gym" { "yuxin-gym" } else { "yuxin-centre" };
            path = path.replace("{id}", &town.site(site));
        } else if template.contains("/spaces/{id}") {
            path = path.replace("{id}", &town.space("yuxin-centre/moxuan"));
        } else if template.contains("/organisations/{id}") {
            let id = if thing == Thing::Absent { OrganisationId::fresh().to_string() } else { town.organisation("yuxin-unit") };
            path = path.replace("{id}", &id);
        } else if template.contains("/representatives/{id}") {
            let id = match thing {
                Thing::Absent => RepresentativeId::fresh().to_string(),
                _ => self.on(thing, "representative", || self.representative()),
            };
            path = path.replace("{id}", &id);
        } else if template.contains("/bookings/{id}") {
            let id = match row.on {
                "that needs the unit" => self.on(thing, "booking to approve", || {
                    let (day, minute) = self.slot();
                    let mut ask = town.ask(day, minute);
                    (ask["space_id"], ask["use"]) = (json!(town.space("yuxin-centre/yazhu")), json!("study"));
                    let made = town.person("yuxin-p-res-2").post("/api/v1/bookings", &ask).unwrap().expect(201, "request").unwrap();
                    made.text("/id").to_owned()
                }),
                "that was charged" => self.on(thing, "charged booking", || {
                    let (day, minute) = self.slot();
                    let mut ask = town.ask(day, minute);
                    (ask["space_id"], ask["use"]) = (json!(town.space("yuxin-centre/xi")), json!("exhibition"));
                    let made = town.person("yuxin-p-res-2").post("/api/v1/bookings", &ask).unwrap().expect(201, "exhibition").unwrap();
                    made.text("/id").to_owned()
                }),
                "of a household" => self.on(thing, "household's booking", || self.booking("yuxin-p-res-2", None)),
                _ => self.on(thing, "organisation's booking", || self.booking("yuxin-p-arts", Some("yuxin-arts"))),
            };
            path = path.replace("{id}", &id);
            if template.contains("{posting}") {
                let posted = town.person("yuxin-p-desk").get(&format!("/api/v1/bookings/{id}/postings")).unwrap();
                let posting = posted.body[0]["id"].as_str().map_or_else(|| PostingId::fresh().to_string(), str::to_owned);
                path = path.replace("{posting}", &posting);
            }
            match path.rsplit('/').next().unwrap() {
                "reversal" => body = json_body(json!({"reason": "记错了"})),
                "refusal" if row.on == "that needs the unit" => body = json_body(json!({"reason": "那天要检修"})),
                "provider-cancellation" => body = json_body(json!({"reason": "水管爆了"})),
                "move" => {
                    let (day, minute) = self.slot();
                    let ask = town.ask(day, minute);
                    body = json_body(json!({"starts_at": ask["starts_at"], "ends_at": ask["ends_at"], "price_fen": 0}));
                }
                "acceptance" if template.contains("/offer/") => body = json_body(json!({"alternative": 1})),
                "check-in" => body = json_body(json!({"code": "123456"})),
                "attendance" => body = json_body(json!({"outcome": "came"})),
                "appeal" => body = json_body(json!({"text": "我们来了。"})),
                "decision" => body = json_body(json!({"outcome": "cleared", "reply": "对不起。"})),
                "rating" => body = json_body(json!({"stars": 5})),
                "keys" => body = json_body(json!({"moved": "handed_out"})),
                "reduction" => body = json_body(json!({"attendees": 1})),
                _ => {}
            }
        } else if template.contains("/agreements/{id}") {
            let unit = town.organisation("yuxin-unit");
            let id = match row.on {
                "in force" => town.agreement("yuxin-partnership"),
                "a new agreement" => self.on(thing, "agreement", || self.agreement()),
                "a draft" => self.on(thing, "draft", || self.draft()),
                "paper of the unit" => self.on(thing, "paper", || {
                    let id = self.proposed();
                    let ask = json!({"organisation_id": unit, "sha256": self.sha256(&id), "evidence_sha256": "a".repeat(64)});
                    let path = format!("/api/v1/agreements/{id}/versions/1/paper-signatures");
                    town.person("yuxin-p-desk").post(&path, &ask).unwrap().expect(201, "paper").unwrap();
                    id
                }),
                "in a round" | "in a round, for the unit" => self.on(thing, "round", || self.in_round()),
                "an objection of the unit" => self.on(thing, "objection", || {
                    let id = self.in_round();
                    let ask = json!({"organisation_id": unit, "sha256": self.sha256(&id), "stand": "object", "text": "再想想"});
                    let path = format!("/api/v1/agreements/{id}/versions/1/positions");
                    town.person("yuxin-p-unit").post(&path, &ask).unwrap().expect(201, "position").unwrap();
                    id
                }),
                "agreed"
                | "agreed, at once"
                | "agreed, planned"
                | "agreed, for the unit"
                | "agreed, for the community"
                | "agreed, for the property manager" => self.on(thing, "agreed", || self.agreed("2026-01-01")),
                "asked for by the unit" => self.on(thing, "asked for", || {
                    let mut body = suspension(true);
                    body["organisation_id"] = json!(unit);
                    self.then("yuxin-p-unit", "suspension-proposals", &body, "/proposal_id")
                }),
                "to come, for the unit" => self.on(thing, "to come", || self.agreed("2027-06-01")),
                "suspended by the community" => {
                    self.on(thing, "suspended", || self.then("yuxin-p-desk", "suspensions", &suspension(false), "/suspension_id"))
                }
                "suspended by the unit" => self
                    .on(thing, "suspended by the unit", || self.then("yuxin-p-unit", "suspensions", &suspension(false), "/suspension_id")),
                "under notice, for the unit" => self.on(thing, "under notice", || {
                    let body = json!({"organisation_id": town.organisation("yuxin-community"), "text": "另有安排"});
                    self.then("yuxin-p-lead", "termination-notices", &body, "/termination_id")
                }),
                "to be ratified by the unit" => self.on(thing, "outside the power", || self.signed_outside_power()),
                "a vote the street recorded" => self.on(thing, "vote", || {
                    let id = self.proposed();
                    let path = format!("/api/v1/agreements/{id}/versions/1/owners-decisions");
                    let street = town.person("yuxin-p-street");
                    street.post(&path, &self.vote(&self.sha256(&id))).unwrap().expect(201, "vote").unwrap();
                    id
                }),
                _ => self.on(thing, "proposed", || self.proposed()),
            };
            let (id, about) = id.split_once('/').map_or((id.as_str(), ""), |(id, about)| (id, about));
            let id = id.to_owned();
            path = path.replace("{suspension}", about).replace("{notice}", about).replace("{proposal}", about);
            for (name, list, absent) in [
                ("{pending}", "pending_signatures", PendingSignatureId::fresh().to_string()),
                ("{vote}", "owners_decisions", VoteId::fresh().to_string()),
            ] {
                if template.contains(name) {
                    let seen = town.person("yuxin-p-street").get(&format!("/api/v1/agreements/{id}/versions/1")).unwrap();
                    let found = seen.body[list][0]["id"].as_str().map(str::to_owned);
                    path = path.replace(name, &found.unwrap_or(absent));
                }
            }
            if template.contains("{position}") {
                let rounds = town.person("yuxin-p-street").get(&format!("/api/v1/agreements/{id}/rounds")).unwrap();
                let said = rounds.body.pointer("/0/voices").and_then(Value::as_array).into_iter().flatten();
                let position = said.filter_map(|voice| voice["position"]["id"].as_str()).next().map(str::to_owned);
                path = path.replace("{position}", &position.unwrap_or_else(|| PositionId::fresh().to_string()));
            }
            let sha256 = if thing == Thing::Absent { "0".repeat(64) } else { self.sha256(&id) };
            if template.contains("{signature}") {
                let seen = town.person("yuxin-p-street").get(&format!("/api/v1/agreements/{id}/versions/1")).unwrap();
                let party = seen.body["parties"].as_array().into_iter().flatten().find(|p| p["code"] == "yuxin-unit").cloned();
                let signature = party.and_then(|p| p["signature"]["id"].as_str().map(str::to_owned));
                path = path.replace("{signature}", &signature.unwrap_or_else(|| SignatureId::fresh().to_string()));
            }
            path = path.replace("{id}", &id).replace("{no}", "1");
            let party = match row.on {
                on if on.ends_with("the community") => town.organisation("yuxin-community"),
                on if on.ends_with("the property manager") => town.organisation("yuxin-property"),
                _ => unit,
            };
            match path.rsplit('/').next().unwrap() {
                "suspensions" => body = json_body(suspension(row.on == "agreed, planned")),
                "suspension-proposals" => {
                    let mut asked = suspension(true);
                    asked["organisation_id"] = json!(party);
                    body = json_body(asked);
                }
                "refusal" if row.on == "asked for by the unit" => body = json_body(json!({"text": "先不停。"})),
                "lifting" | "settlement" | "closing" if !path.ends_with("/round/closing") => {
                    body = json_body(json!({"text": "都办好了。"}))
                }
                "reviews" => body = json_body(json!({"outcome": "upheld", "text": "隐患还在。"})),
                "termination-notices" | "objections" | "withdrawals" | "annulment" => {
                    body = json_body(json!({"organisation_id": party, "text": "另有安排。"}))
                }
                "signatures" | "pending-signatures" => body = json_body(json!({"organisation_id": party, "sha256": sha256})),
                "extension" => body = json_body(json!({"until": "2027-06-30"})),
                "agency-consents" => {
                    let street = town.person("yuxin-p-street");
                    let listed = street.get(&format!("/api/v1/organisations/{}/representatives", town.organisation("yuxin-unit"))).unwrap();
                    let mine = town.person("yuxin-p-unit").get("/api/v1/me").unwrap().body["id"].clone();
                    let own = listed.body["items"].as_array().unwrap().iter().find(|r| r["account_id"] == mine).unwrap()["id"].clone();
                    let ask = json!({"organisation_id": party, "representative_id": own, "evidence_sha256": "c".repeat(64)});
                    body = json_body(ask);
                }
                "owners-decisions" => body = json_body(self.vote(&sha256)),
                "paper-signatures" => {
                    body = json_body(json!({"organisation_id": party, "sha256": sha256, "evidence_sha256": "b".repeat(64)}))
                }
                "positions" => body = json_body(json!({"organisation_id": party, "sha256": sha256, "stand": "support"})),
                "reply" => body = json_body(json!({"text": "写进第七条了。"})),
                "declines" => body = json_body(json!({"organisation_id": party, "reason": "再商量商量"})),
                "versions" => body = json_body(json!({ "clauses": self.clauses })),
                _ if method == "PUT" => {
                    headers.push(("if-match", "*".to_owned()));
                    body = json_body(json!({ "clauses": self.clauses }));
                }
                _ => {}
            }
        }
        Ask { path, headers, body }
    }
}

/// Far beyond whatever anybody can book.
fn closing() -> Value {
    json!({"from": "2027-11-01T00:00:00+08:00", "until": "2027-11-02T00:00:00+08:00", "reason": "检修"})
}

fn send(client: &Client, row: &Row, ask: &Ask) -> Answer {
    let headers: Vec<(&str, &str)> = ask.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = ask.body.as_ref().map(|(kind, text)| (*kind, text.as_bytes()));
    client.raw(row.operation.split_once(' ').unwrap().0, &ask.path, &headers, body).unwrap()
}

fn without_instance(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    body["instance"] = json!("");
    body
}

fn matrix(backend: Backend) {
    let clock = SetClock::at(NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let mut town = Town::of(&app, &crate::requests::with_consents());
    let expired = town.fresh_token("yuxin-p-res-2");
    clock.set(NOW.plus_seconds(700));
    town.forget_people();
    town.renew_admin();
    // Of somebody whose roles may try everything: whom their roles already stop is told 403 before anybody asks the database.
    let out = town.fresh_token("yuxin-p-lead");
    app.client.with_token(Some(&out)).post("/api/v1/sign-out", &json!({})).unwrap().expect(204, "sign out").unwrap();
    let client = |standing: &str, person: &str| match standing {
        "anon" => app.client.clone(),
        "expired" => app.client.with_token(Some(&expired)),
        "out" => app.client.with_token(Some(&out)),
        "admin" => town.admin.clone(),
        _ => town.person(person),
    };
    let things = Things::new(&town);
    let (mut wrong, mut cells, mut hidden) = (Vec::new(), 0, 0);
    for row in TABLE {
        for (standing, person) in STANDINGS {
            // Five wrong tokens close the route for a quarter of an hour: the first five tell.
            if row.operation.ends_with("first-administrator") && !["anon", "out", "own", "desk"].contains(standing) {
                continue;
            }
            // So do twenty from one address.
            if row.operation.ends_with("step-up") && !["anon", "expired", "out", "admin", "own"].contains(standing) {
                continue;
            }
            let expect = expected(row, standing);
            let mut who = client(standing, person);
            if row.operation.ends_with("sign-out") && expect == 204 {
                // A session of its own to end.
                who = match *standing {
                    "admin" => app.client.sign_in("admin@example.org", PASSWORD).unwrap(),
                    _ => app.client.with_token(Some(&town.fresh_token(person))),
                };
            }
            if row.operation.ends_with("me/password") && expect == 200 {
                // A password of its own to change.
                who = app.claim(&town.person("yuxin-p-desk"), &things.newcomer());
            }
            if row.operation.ends_with("me/erasure") && expect == 201 {
                // Nobody of the town is to be missed afterwards.
                who = town.passer_by();
            }
            let thing = if expect < 300 { Thing::Fresh } else { Thing::Shared };
            let answer = send(&who, row, &things.request(row, thing));
            cells += 1;
            let place = || format!("{} ({}) as {standing}", row.operation, row.on);
            if answer.status != expect {
                wrong.push(format!("{}: {} instead of {expect}: {}", place(), answer.status, answer.body));
            }
            if answer.status == 404 {
                let absent = send(&who, row, &things.request(row, Thing::Absent));
                hidden += 1;
                if (absent.status, without_instance(&absent)) != (404, without_instance(&answer)) {
                    wrong.push(format!("{}: hidden and absent differ:\n  {}\n  {}", place(), answer.body, absent.body));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
    println!("{} rows × {} standings: {cells} cells, {hidden} of them compared with an absent thing", TABLE.len(), STANDINGS.len());
    app.settle();
}

#[test]
fn the_permission_matrix_sqlite() {
    matrix(Backend::Sqlite);
}

#[test]
fn the_permission_matrix_postgres() {
    matrix(Backend::Postgres);
}

fn operations() -> Vec<(String, Value)> {
    let document = serde_json::to_value(openapi::document()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((format!("{} {path}", method.to_uppercase()), operation.clone()));
        }
    }
    all
}

#[test]
fn every_operation_has_a_row_and_says_whether_it_needs_a_token() {
    let documented: BTreeSet<String> = operations().into_iter().map(|(name, _)| name).collect();
    let tried: BTreeSet<String> = TABLE.iter().map(|row| row.operation.to_owned()).collect();
    assert_eq!(documented, tried);
    for (name, operation) in operations() {
        let row = TABLE.iter().find(|row| row.operation == name).unwrap();
        let security = operation["security"].as_array().cloned().unwrap_or_default();
        let optional = security.iter().any(|requirement| requirement.as_object().is_some_and(serde_json::Map::is_empty));
        let kind = match (security.is_empty(), optional) {
            (true, _) => "none",
            (false, true) => "optional",
            (false, false) => "required",
        };
        let tried = match (row.deed.is_some(), expected(row, "anon"), expected(row, "expired")) {
            (false, ..) => "none",
            (true, 401, 401) => "required",
            (true, _, 401) => "optional",
            _ => "a deed without a token",
        };
        assert_eq!(kind, tried, "{name}");
    }
}

#[test]
fn every_deed_is_behind_an_operation_and_no_row_goes_beyond_its_deed() {
    let used: BTreeSet<&str> = TABLE.iter().filter_map(|row| row.deed).collect();
    let all: BTreeSet<&str> = deeds::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(used, all);
    for row in TABLE {
        let Some((_, roles)) = deeds::ALL.iter().find(|(name, _)| Some(*name) == row.deed) else { continue };
        // Whoever is signed in may do these to what is their own; public reads go without a role.
        if roles.is_empty() || expected(row, "anon") != 401 {
            continue;
        }
        for (standing, _) in STANDINGS {
            let (Some(role), true) = (role(standing), expected(row, standing) < 300) else { continue };
            assert!(
                roles.iter().any(|(r, _)| r.to_string() == role),
                "{} ({}): {standing} may, but {role} has no entry",
                row.operation,
                row.on
            );
        }
    }
}
