//! Shared HTTP, no domain.
//!
//! - [`body`]: JSON bodies with all faults, keyed bodies of any kind · [`query`]: query strings · [`path`]: addresses · [`mod@commit`]: the one transaction of a write, with
//!   its idempotency key and stored reply · [`etag`]: RFC 9110 preconditions · [`paging`]: signed cursors
//! - [`problem`]: faults → `application/problem+json` (RFC 9457), once · [`edge`]: what every request passes (request id,
//!   waiting room, time-outs, panics, headers, log line, metrics) · [`origin`]: where it comes from · [`metrics`]: Prometheus
//! - [`remembered`]: answers given again while nothing has changed: a read model of reads alone

pub mod body;
pub mod commit;
pub mod edge;
pub mod etag;
pub mod metrics;
pub mod origin;
pub mod paging;
pub mod path;
pub mod problem;
pub mod query;
pub mod remembered;

pub use body::{Body, Keyed, KeyedBody};
pub use commit::{Reply, commit, commit_or_rehearse, commit_under, committed, rehearse, restate};
pub use etag::IfMatch;
pub use origin::Origin;
pub use paging::{CursorKey, Page};
pub use problem::Problem;
pub use query::Query;
pub use remembered::{Remembered, Worked};
