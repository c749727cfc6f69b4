//! Typed identifiers: a prefix naming the kind, `_`, and a UUIDv7 in 26 characters of Crockford base 32 (TypeID).
//!
//! An id of one kind never parses as another, so a wire value of the wrong kind is a field fault and no look-up.
//! Ids sort by time of birth. They are names, not secrets.

use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Length of the part behind the prefix.
const SUFFIX: usize = 26;

/// The text is no identifier of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

fn fresh_suffix() -> String {
    let mut bits = uuid::Uuid::now_v7().as_u128();
    let mut out = [0u8; SUFFIX];
    for slot in out.iter_mut().rev() {
        *slot = *ALPHABET.get((bits & 31) as usize).unwrap_or(&b'0');
        bits >>= 5;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn is_suffix(text: &str) -> bool {
    // 26 × 5 = 130 bits: the first character carries only three.
    text.len() == SUFFIX && text.bytes().all(|b| ALPHABET.contains(&b)) && text.bytes().next().is_some_and(|b| (b'0'..=b'7').contains(&b))
}

fn check(prefix: &str, text: &str) -> Result<(), NotAnId> {
    match text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')) {
        Some(suffix) if is_suffix(suffix) => Ok(()),
        _ => Err(NotAnId),
    }
}

/// What every typed identifier offers to code that works for all kinds.
pub trait Id: Sized + FromStr<Err = NotAnId> + fmt::Display {
    /// The word in front of the underscore.
    const PREFIX: &'static str;
    /// A new identifier, later in order than all made before it on this machine.
    fn fresh() -> Self;
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema,
                 diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[serde(transparent)]
        #[schema(value_type = String, format = "typeid")]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $name(String);
        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn fresh() -> Self { Self(format!("{}_{}", $prefix, fresh_suffix())) }
        }
        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> { check($prefix, text).map(|()| Self(text.to_owned())) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl AsRef<str> for $name { fn as_ref(&self) -> &str { &self.0 } }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(reader)?;
                text.parse().map_err(|_| serde::de::Error::custom(concat!("not an id starting with ", $prefix, "_")))
            }
        }
        $crate::stored_as!($name, diesel::sql_types::Text, String, str, |id| id.as_str(), |text| Ok(Self(text)));
    )+};
}

ids! {
    /// District, street, community, grid or door.
    AreaId = "area",
    /// A person who can sign in.
    AccountId = "account",
    /// 户, the unit of entitlement.
    HouseholdId = "household",
    /// Property unit, community, social organisation …
    OrganisationId = "org",
    /// Person × organisation × powers.
    RepresentativeId = "rep",
    /// Role × scope × validity.
    GrantId = "grant",
    /// One sign-in of one device.
    SessionId = "session",
    /// A place with a zone of time and a managing area.
    SiteId = "site",
    /// A floor of a site.
    FloorId = "floor",
    /// A bookable space.
    SpaceId = "space",
    /// The smallest part of a space that can be taken.
    AtomId = "atom",
    /// Identity of an agreement.
    AgreementId = "agreement",
    /// One version of an agreement.
    VersionId = "version",
    /// One party's signature on one version.
    SignatureId = "signature",
    /// A signature given outside the power, which the party may ratify.
    PendingSignatureId = "pending",
    /// An owners' vote that was imported.
    VoteId = "vote",
    /// A negotiation round.
    RoundId = "round",
    /// What a party said in a round.
    PositionId = "position",
    /// An order that closes spaces.
    SuspensionId = "suspension",
    /// A suspension somebody asks the community for.
    ProposalId = "proposal",
    /// Notice that ends an agreement.
    TerminationId = "termination",
    /// A party's leaving with its spaces.
    WithdrawalId = "withdrawal",
    /// Portable equipment of a site.
    EquipmentId = "equipment",
    /// A booking.
    BookingId = "booking",
    /// A rule by which bookings are made.
    SeriesId = "series",
    /// The secret address of a calendar; not the secret.
    CalendarId = "calendar",
    /// What an event did to the bookings it met.
    PlanId = "plan",
    /// Something open about a booking that stands: an offer, a reduction, a risk.
    MatterId = "matter",
    /// A tariff of one space and use.
    TariffId = "tariff",
    /// An amount moved between two accounts of the ledger.
    PostingId = "posting",
    /// An entry of an audit chain.
    EntryId = "entry",
    /// A job of the outbox.
    JobId = "job",
    /// A notice in somebody's inbox.
    NoticeId = "notice",
    /// Spaces that are closed for a while.
    ClosureId = "closure",
    /// A part of a closure that was opened again.
    OpeningId = "opening",
    /// Usage terms of one or several spaces.
    UsageTermsId = "usage",
    /// A place in a waiting list.
    WaitId = "wait",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_parse_only_as_their_own_kind() {
        let space = SpaceId::fresh();
        assert_eq!(space.as_str().parse(), Ok(space.clone()));
        assert_eq!(space.as_str().parse::<BookingId>(), Err(NotAnId));
        for bad in [
            "",
            "space",
            "space_",
            "space_1",
            "SPACE_01h455vb4pex5vsknk084sn02q",
            "space_81h455vb4pex5vsknk084sn02q",
            "space_01h455vb4pex5vsknk084sn0l2",
        ] {
            assert_eq!(bad.parse::<SpaceId>(), Err(NotAnId), "{bad}");
        }
    }

    #[test]
    fn ids_sort_by_birth() {
        let ids: Vec<_> = (0..1000).map(|_| SpaceId::fresh()).collect();
        let mut sorted = ids.clone();
        sorted.sort();
        assert_eq!(ids, sorted);
    }
}
