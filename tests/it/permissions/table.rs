//! Who may do what: one row per operation and thing it is tried on.

/// Everybody: the short name the table uses, and who it is in the hub files. The first four are no sign-in that counts,
/// or need care.
pub const STANDINGS: &[(&str, &str)] = &[
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
pub fn role(standing: &str) -> Option<&'static str> {
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
pub struct Row {
    pub operation: &'static str,
    pub on: &'static str,
    pub deed: Option<&'static str>,
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

/// Drafting usage terms of the unit's spaces, which nobody else knows of yet.
const OF_DRAFTERS: &[(u16, &str)] = &[(401, "anon expired out"), (201, "desk lead unit"), (404, "far farunit operator"), (403, "*")];
/// The same, changing them.
const OF_DRAFTERS_PUT: &[(u16, &str)] = &[(401, "anon expired out"), (200, "desk lead unit"), (404, "far farunit operator"), (403, "*")];
/// Answering for the unit that owns the spaces.
const OF_UNIT_ASKED: &[(u16, &str)] = &[(401, "anon expired out"), (201, "unit"), (404, "far farunit"), (403, "*")];

pub const TABLE: &[Row] = &[
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

pub fn expected(row: &Row, standing: &str) -> u16 {
    let named = |who: &str| row.expect.iter().find(|(_, group)| group.split(' ').any(|w| w == who)).map(|(status, _)| *status);
    named(standing).or_else(|| named("*")).unwrap_or_else(|| panic!("{} ({}): nothing is said of {standing}", row.operation, row.on))
}
