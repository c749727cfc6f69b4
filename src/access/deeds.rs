//! The permission table. One row a deed, one column a role; a role without an entry may not.
//!
//! Source: the table of the domain (people, organisations, scopes). `Scope`: in the area or organisation of the grant.
//! `Own`: the thing is the caller's own, their household's or their organisation's. `ScopeOrOwn`: either.

use crate::people::model::Role;

/// How far a role reaches for a deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Things inside the scope of the grant.
    Scope,
    /// Own things only.
    Own,
    /// Either: what lies in the scope, and what one's organisation has elsewhere.
    ScopeOrOwn,
}

/// A deed: a type that stands in the signature of a handler and of a verb.
pub trait Deed: 'static {
    /// Stable name, as the permission matrix of the tests writes it.
    const NAME: &'static str;
    /// Who may, and how far.
    const TABLE: &'static [(Role, Reach)];
    /// Whoever is signed in may do it to what is their own, whatever their roles.
    const SIGNED_IN_OWN: bool;
}

macro_rules! deeds {
    ($($(#[$meta:meta])* $name:ident = $word:literal $(signed_in_own $(@ $own:tt)?)? { $($role:ident: $reach:ident),* $(,)? })+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl Deed for $name {
                const NAME: &'static str = $word;
                const TABLE: &'static [(Role, Reach)] = &[$((Role::$role, Reach::$reach)),*];
                const SIGNED_IN_OWN: bool = false $(|| { $(let _ = stringify!($own);)? true })?;
            }
        )+
        /// Every deed with its row, for the permission matrix.
        pub const ALL: &[(&str, &[(Role, Reach)])] = &[$(($word, $name::TABLE)),+];
    };
}

deeds! {
    /// Book a space for one's own household or organisation.
    MakeBooking = "make-booking" { Resident: Own, DoorLeader: Own, GridLeader: Own, Community: Own, SocialOrganisation: Own, Operator: Own }
    /// Cancel such a booking.
    CancelBooking = "cancel-booking" { Resident: Own, DoorLeader: Own, GridLeader: Own, Community: Own, SocialOrganisation: Own, Operator: Own }
    /// Move such a booking.
    MoveBooking = "move-booking" { Resident: Own, DoorLeader: Own, GridLeader: Own, Community: Own, SocialOrganisation: Own, Operator: Own }
    /// Approve or refuse a booking that needs it, for the party its clause names.
    ApproveBooking = "approve-booking" { Community: Scope, PropertyUnit: Own, Operator: Own }
    /// Set a rule of a site aside for one booking, with a reason.
    SetRuleAside = "set-rule-aside" { Community: Scope }
    /// Book for a neighbour whose household lies in one's scope, with their consent; find them there.
    AssistBooking = "assist-booking" { DoorLeader: Scope, GridLeader: Scope, Community: Scope, Operator: Scope }
    /// Answer what is offered instead of such a booking.
    AnswerOffer = "answer-offer" { Resident: Own, DoorLeader: Own, GridLeader: Own, Community: Own, SocialOrganisation: Own, Operator: Own }
    /// See a booking with its holder.
    SeeBooking = "see-booking" { Resident: Own, DoorLeader: Own, GridLeader: Own, Community: Scope, SocialOrganisation: Own, Operator: Own }
    /// List one's own bookings.
    ListOwnBookings = "list-own-bookings" signed_in_own {}
    /// Create an account at the desk.
    CreateAccount = "create-account" { Community: Scope, PlatformAdmin: Scope }
    /// Issue a claim code at the desk.
    IssueClaimCode = "issue-claim-code" { Community: Scope, PlatformAdmin: Scope }
    /// Import a hub file.
    ImportHub = "import-hub" { Community: Scope, Street: Scope, PlatformAdmin: Scope }
    /// Draft, edit, propose or withdraw a version of an agreement.
    DraftVersion = "draft-version" { Community: Scope, Street: Scope, PropertyUnit: Own }
    /// Sign, decline or confirm a paper signature for one's own organisation.
    SignVersion = "sign-version" { Community: Own, Street: Own, PropertyUnit: Own, PropertyManager: Own, SocialOrganisation: Own, Operator: Own }
    /// Agree, for one's own organisation, to its representative signing for another party too; or record that it agreed.
    ConsentToAgency = "consent-to-agency" { Community: ScopeOrOwn, Street: ScopeOrOwn, PropertyUnit: Own, PropertyManager: Own, SocialOrganisation: Own, Operator: Own }
    /// See and revoke who represents an organisation.
    ManageRepresentatives = "manage-representatives" { Community: ScopeOrOwn, Street: ScopeOrOwn, PropertyUnit: Own, PropertyManager: Own, SocialOrganisation: Own, Operator: Own }
    /// Record the result of an owners' vote, or confirm what another recorded.
    RecordOwnersVote = "record-owners-vote" { Community: Scope, Street: Scope }
    /// State a position in a round for one's own organisation.
    StatePosition = "state-position" { Community: Own, Street: Own, PropertyUnit: Own, PropertyManager: Own, SocialOrganisation: Own, Operator: Own }
    /// Record a party's paper signature.
    RecordPaperSignature = "record-paper-signature" { Community: Scope, Street: Scope }
    /// Order an immediate safety suspension: of one's own spaces, or of what one's organisation runs on site.
    OrderSuspension = "order-suspension" { Community: Scope, Street: Scope, PropertyUnit: Own, Operator: Own }
    /// Order a planned suspension.
    OrderPlannedSuspension = "order-planned-suspension" { Community: Scope }
    /// Ask the community for a suspension one may not order: of one's own spaces, of what one runs or looks after.
    ProposeSuspension = "propose-suspension" { PropertyUnit: Own, PropertyManager: Own, Operator: Own }
    /// Lift a suspension one ordered.
    LiftSuspension = "lift-suspension" { Community: Scope, Street: Scope, PropertyUnit: Own }
    /// Review a suspension, whoever ordered it.
    ReviewSuspension = "review-suspension" { Street: Scope }
    /// Close a space for a while, and open it again: in the area, or what one's organisation runs.
    CloseSpace = "close-space" { Community: Scope, Operator: Own }
    /// Serve notice of termination or of leaving, for one's own organisation.
    ServeNotice = "serve-notice" { Community: Own, PropertyUnit: Own, Operator: Own }
    /// Undo a posting made by mistake: who posts to the ledger.
    ReversePosting = "reverse-posting" { Community: Scope }
    /// Open the settlement of an agreement: who posts to the ledger.
    SettleAgreement = "settle-agreement" { Community: Scope }
    /// Close a settled agreement: who checks the ledger.
    CloseAgreement = "close-agreement" { Community: Scope, Street: Scope }
    /// Draft, change, submit or take back usage terms.
    DraftUsageTerms = "draft-usage-terms" { Community: Scope, PropertyUnit: Own, Operator: Own }
    /// Approve or refuse usage terms, for one's own unit or as the community in charge.
    ApproveUsageTerms = "approve-usage-terms" { Community: Scope, PropertyUnit: Own }
    /// See usage terms that were never in force.
    SeeUsageTerms = "see-usage-terms" { Community: ScopeOrOwn, Street: Scope, District: Scope, Auditor: Scope, PropertyUnit: Own, Operator: Own }
    /// See drafts and signatures of an agreement that is not in force.
    SeeAgreement = "see-agreement" { Community: ScopeOrOwn, Street: ScopeOrOwn, District: Scope, Auditor: Scope, PropertyUnit: Own, PropertyManager: Own, SocialOrganisation: Own, Operator: Own }
    /// Read and verify the audit chain.
    ReadAudit = "read-audit" { Community: Scope, Street: Scope, PropertyUnit: Own, Auditor: Scope }
    /// Use what one has booked: check in at the door, rate it, appeal against not having come.
    UseBooking = "use-booking" { Resident: Own, DoorLeader: Own, GridLeader: Own, Community: Own, SocialOrganisation: Own, Operator: Own }
    /// Write down who came and who did not: of one's own session, or of any on site.
    MarkAttendance = "mark-attendance" { Community: Scope, SocialOrganisation: Own, Operator: Scope }
    /// See the code a door shows.
    ShowDoorCode = "show-door-code" { Community: Scope, PropertyManager: Scope, Operator: Scope }
    /// Note that a key was handed out or came back.
    HandKeys = "hand-keys" { Community: Scope, PropertyManager: Scope, Operator: Scope }
    /// Decide about appeals against not having come.
    DecideAppeal = "decide-appeal" { Community: Scope }
    /// See and end one's own session, account and notices.
    OwnAccount = "own-account" signed_in_own {}
}

/// How far a role reaches for a deed; `None` = not at all.
pub fn reach<D: Deed>(role: Role) -> Option<Reach> {
    D::TABLE.iter().find(|(r, _)| *r == role).map(|(_, reach)| *reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platform_administrators_never_book_sign_or_vote() {
        for (name, table) in ALL {
            let may = table.iter().any(|(role, _)| *role == Role::PlatformAdmin);
            assert_eq!(may, ["create-account", "issue-claim-code", "import-hub"].contains(name), "{name}");
        }
    }

    #[test]
    fn no_role_stands_twice_in_a_row() {
        for (name, table) in ALL {
            for (i, (role, _)) in table.iter().enumerate() {
                assert!(!table[..i].iter().any(|(other, _)| other == role), "{name} {role}");
            }
        }
    }
}
