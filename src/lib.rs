//! Shangliang (商量): a neighbourhood shares its spaces, and what the parties agreed is what the software does.
//!
//! # The map, in reading order
//!
//! - [`kernel`]: the vocabulary — ids, time, money, areas, faults, forms; imports nothing of ours
//! - [`store`]: the one door to SQLite and PostgreSQL · [`config`], [`telemetry`]: what an operator sets and reads
//! - [`outbox`]: what must leave the database, and timers · [`audit`]: who did what, in hash chains
//! - [`http`]: shared HTTP — bodies, idempotency, preconditions, paging, problems, the edge every request passes
//! - [`areas`]: district to door · [`people`]: accounts, households, organisations, sessions · [`access`]: THE permission table
//! - [`places`]: sites, floors, spaces, atoms · [`terms`]: typed clauses and what they say of a booking
//! - [`schedule`]: day types, availability, and the claim that never overlaps
//! - [`usage`]: what users of a space keep to, approved by its owners · [`pricing`]: tariffs and quotes
//! - [`ledger`]: what was charged and given back, in balance
//! - [`bookings`]: a space is had for a time · [`impact`]: an event meets bookings, each gets one answer
//! - [`agreements`]: drafted, talked over, signed, in force
//! - [`documents`]: agreements as papers, with what proves them · [`notify`]: who is told what · [`calendars`]: feeds for calendar programs
//! - [`reports`]: the audit chains, for those who watch · [`privacy`]: one's own data, taken along or erased
//! - [`onboarding`]: hub files
//! - [`jobs`], [`server`], [`demo`], [`cli`]: the program around it
//!
//! Imports go down this list only; `tests/it/architecture.rs` checks it. Every domain has the same rooms: `model` types,
//! `rules` pure decisions, `sql` writes, `queries` reads, `actions` verbs, `http` routes.
//!
//! # Walkthrough: `POST /api/v1/bookings`
//!
//! `http::edge` gives the request an id, a turn and a time-out. [`access::Caller`] verifies the token and asks the coarse
//! question (401, 403); [`http::KeyedBody`] reads the JSON strictly (400, 413, 415) with its idempotency key; the handler
//! reads the fields, all faults at once (422). [`http::commit()`] opens the only transaction:
//! [`bookings::actions::make`] — lock, read terms, hours, price, judge everything ([`bookings::rules::admit`]), claim the
//! atoms ([`schedule::actions::claim`]: the database decides who was first), insert, record, enqueue — then the reply with
//! its key, and COMMIT; the last writes reach PostgreSQL as one statement ([`store::Tx::later`]). Whatever was refused is
//! rolled back, and only then it is looked whether this key has a reply already; alternatives are looked for outside.
//!
//! # Walkthrough: the last signature
//!
//! [`agreements::actions::sign`] takes the version's row, so signatures arriving together stand in line; reads the
//! representative's power in this transaction; inserts the signature. When every party has signed it locks the site's atoms
//! (bookings hold them shared), compiles the clauses into `terms` rows, ends the predecessor's where the new ones begin, and
//! writes the one `agreed` event. Before the rows change, every booking made under the old ones gets its answer in the same
//! transaction ([`impact::actions::apply`]). From that commit on every booking is judged by the new rows: one indexed query.
#![warn(missing_docs)]

pub mod access;
pub mod agreements;
pub mod areas;
pub mod audit;
pub mod bookings;
pub mod calendars;
pub mod cli;
pub mod config;
pub mod demo;
pub mod documents;
pub mod http;
pub mod impact;
pub mod jobs;
pub mod kernel;
pub mod ledger;
pub mod notify;
pub mod onboarding;
pub mod outbox;
pub mod people;
pub mod places;
pub mod pricing;
pub mod privacy;
pub mod reports;
pub mod schedule;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod terms;
pub mod usage;

/// A month of availability is thousands of short texts: with the C library's allocator a quarter of a request went into it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
