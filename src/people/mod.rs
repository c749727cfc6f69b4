//! Accounts, households, organisations, representatives, roles, sessions and tokens. The only domain with personal data.
//!
//! Invariants: a password is an argon2id hash and nothing else; an access token lives at most ten minutes and counts only
//! while its session does (read in every transaction that needs a permit); a refresh token is spent once; a claim code
//! works once. A desk issues one for an account that has no password yet, or for a resident who forgot theirs and is told of it: so
//! it can never take over an account with an office, and none unnoticed.
//!
//! Besides the usual rooms: `keys` (the key ring on disk), `tokens` (access and refresh tokens), `passwords` (hashing
//! behind a semaphore), `attempts` (limits on guessing).

pub mod actions;
pub mod attempts;
pub mod http;
pub mod keys;
pub mod model;
pub mod passwords;
pub mod queries;
pub mod rules;
mod sql;
pub mod tokens;
