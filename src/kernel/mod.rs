//! The vocabulary every other module speaks. Imports nothing of ours and does no IO.
//!
//! - [`id`]: typed identifiers (`space_…`, `booking_…`), sortable by time of birth
//! - [`time`]: instants (UTC microseconds), half-open periods, zones, civil days, the clock
//! - [`money`]: integer fen · [`area`]: integers of 0.01 m²
//! - [`fault`]: the one table of error codes with their HTTP status, Chinese and English text
//! - [`form`]: reading a JSON document by hand, collecting every field fault
//! - [`change`]: what putting a thing did · [`page`]: keyset pages · [`text`]: which strings may enter · [`digest`]: canonical JSON, SHA-256
//! - [`bounded`]: a memory that does not outgrow its bounds

pub mod area;
pub mod bounded;
pub mod change;
pub mod digest;
pub mod fault;
pub mod form;
pub mod id;
pub mod money;
pub mod page;
pub mod text;
pub mod time;

pub use area::Area;
pub use change::{Change, Put};
pub use fault::{Code, Fault, FieldFault, Outcome, Reason, Transient};
pub use money::Fen;
pub use time::{Clock, Instant, Period, Zone};

/// Implements the diesel conversions of a newtype whose inner value the database stores as it is.
///
/// Both arms borrow (`str`, `i64`), which is what the multi-backend connection needs.
#[macro_export]
macro_rules! stored_as {
    ($name:ty, $sql:ty, $inner:ty, $borrow:ty, $get:expr, $make:expr) => {
        impl<DB> diesel::serialize::ToSql<$sql, DB> for $name
        where
            DB: diesel::backend::Backend,
            $borrow: diesel::serialize::ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                let get: fn(&$name) -> &$borrow = $get;
                <$borrow as diesel::serialize::ToSql<$sql, DB>>::to_sql(get(self), out)
            }
        }
        impl<DB> diesel::deserialize::FromSql<$sql, DB> for $name
        where
            DB: diesel::backend::Backend,
            $inner: diesel::deserialize::FromSql<$sql, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let make: fn($inner) -> diesel::deserialize::Result<$name> = $make;
                make(<$inner as diesel::deserialize::FromSql<$sql, DB>>::from_sql(raw)?)
            }
        }
    };
}

/// A closed list of words: an enum stored and spoken as its word.
///
/// `words! { pub enum Noise: "noise" { Quiet = "quiet", … } }` gives `as_str`, `ALL`, `FromStr`, serde and diesel `Text`.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
                 serde::Serialize, serde::Deserialize, utoipa::ToSchema,
                 diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }
        impl $name {
            /// Every word of the list, in its declared order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The word on the wire and in the database.
            pub const fn as_str(&self) -> &'static str { match self { $($name::$variant => $word),+ } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::kernel::text::NotAWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word { $($word => Ok($name::$variant),)+ _ => Err($crate::kernel::text::NotAWord) }
            }
        }
        impl $crate::kernel::text::Word for $name { const WORDS: &'static [&'static str] = &[$($word),+]; }
        impl AsRef<str> for $name { fn as_ref(&self) -> &str { self.as_str() } }
        $crate::stored_as!($name, diesel::sql_types::Text, String, str,
            |word| word.as_str(), |word| word.parse().map_err(|_| format!("unknown {}: {word}", stringify!($name)).into()));
    };
}
