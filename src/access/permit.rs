//! The proof that the table was asked, in the transaction that uses it.

use super::deeds::{Deed, Reach, reach};
use super::subject::{Place, Subject};
use crate::kernel::id::AccountId;
use crate::kernel::{Code, Instant, Outcome};
use crate::people::model::{LiveGrant, Role, Standing};
use crate::people::rules::fresh_until;
use std::marker::PhantomData;

/// Proof that the holder may do `D` to the thing it was asked about.
#[derive(Debug)]
pub struct Permit<D: Deed> {
    who: Standing,
    /// Roles that gave the permission.
    by: Vec<Role>,
    deed: PhantomData<D>,
}

impl<D: Deed> Permit<D> {
    /// The account that acts.
    pub fn account(&self) -> &AccountId {
        &self.who.account
    }
    /// The password was given in this session within the last ten minutes (step-up): signing, suspending and terminating ask
    /// for it. 403 `step-up-required` otherwise.
    pub fn stepped_up(&self, now: Instant) -> Outcome<()> {
        if now < fresh_until(self.who.proved_at) { Ok(()) } else { Err(Code::StepUpRequired.into()) }
    }
    /// Everything known of who acts.
    pub fn who(&self) -> &Standing {
        &self.who
    }
    /// The permission came through this role.
    pub fn by(&self, role: Role) -> bool {
        self.by.contains(&role)
    }
}

fn covers(grant: &LiveGrant, reach: Reach, place: &Place) -> bool {
    let organisation = grant.organisation.as_ref().is_some_and(|o| place.organisations.contains(o));
    let area = grant.area_path.as_ref().is_some_and(|path| place.areas.iter().any(|area| area.starts_with(path.as_str())));
    // Neither area nor organisation: a platform administrator.
    let everywhere = grant.role == Role::PlatformAdmin && grant.area_path.is_none() && grant.organisation.is_none();
    match reach {
        Reach::Scope | Reach::ScopeOrOwn => organisation || area || everywhere,
        Reach::Own => organisation,
    }
}

/// Asks the table: may `who` do `D` to the thing? The only way to a [`Permit`].
pub fn ask<D: Deed>(who: Standing, subject: &dyn Subject) -> Outcome<Permit<D>> {
    let place = subject.place();
    let mine = place.account.as_ref() == Some(&who.account) || (place.household.is_some() && place.household == who.household);
    // Own is also what belongs to an organisation the caller represents; the verb asks for the power it needs.
    let acts = who.represents.iter().any(|r| place.organisations.contains(&r.organisation));
    let mut by: Vec<Role> = Vec::new();
    if mine && who.household.is_some() && reach::<D>(Role::Resident).is_some() {
        by.push(Role::Resident);
    }
    for grant in &who.grants {
        if let Some(reach) = reach::<D>(grant.role)
            && (covers(grant, reach, &place) || (reach != Reach::Scope && (mine || acts)))
        {
            by.push(grant.role);
        }
    }
    if !by.is_empty() || (mine && D::SIGNED_IN_OWN) {
        return Ok(Permit { who, by, deed: PhantomData });
    }
    // Whoever's grants reach the thing in another role may know of it.
    let told = |organisation| place.known_to.contains(organisation);
    let told = who.represents.iter().any(|r| told(&r.organisation)) || who.grants.iter().filter_map(|g| g.organisation.as_ref()).any(told);
    let knows = place.known_to_all || mine || acts || told || who.grants.iter().any(|grant| covers(grant, Reach::Scope, &place));
    Err(if knows { Code::Forbidden.into() } else { Code::NotFound.into() })
}

/// Paths of the areas in whose things somebody may do `D`, whosever they are: where to look for what waits for them. What may be
/// done to one of them, [`ask`] says.
pub fn scopes<D: Deed>(who: &Standing) -> Vec<String> {
    let reaches = |grant: &&LiveGrant| reach::<D>(grant.role).is_some_and(|reach| reach != Reach::Own);
    who.grants.iter().filter(reaches).filter_map(|grant| grant.area_path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::deeds::{CancelBooking, DraftVersion, ListOwnBookings, SeeBooking};
    use crate::kernel::id::{HouseholdId, Id, OrganisationId};

    fn standing(grants: Vec<LiveGrant>) -> Standing {
        Standing { account: AccountId::fresh(), household: None, grants, represents: vec![], proved_at: Instant(0) }
    }

    fn area(role: Role, path: &str) -> LiveGrant {
        LiveGrant { role, area_path: Some(path.into()), organisation: None }
    }

    #[test]
    fn a_scope_covers_what_lies_in_it_and_nothing_beside() {
        let inside = Place { areas: vec!["a/b/c/".into()], ..Place::default() };
        let who = |path| standing(vec![area(Role::Community, path)]);
        assert!(ask::<DraftVersion>(who("a/b/"), &inside).is_ok());
        assert!(ask::<DraftVersion>(who("a/b/c/"), &inside).is_ok());
        assert_eq!(ask::<DraftVersion>(who("a/b/c/d/"), &inside).unwrap_err().code, Code::NotFound);
        assert_eq!(ask::<DraftVersion>(who("a/bb/"), &inside).unwrap_err().code, Code::NotFound);
        let auditor = standing(vec![area(Role::Auditor, "a/")]);
        assert_eq!(ask::<DraftVersion>(auditor, &inside).unwrap_err().code, Code::Forbidden);
        let public = Place { known_to_all: true, ..inside };
        assert_eq!(ask::<DraftVersion>(who("z/"), &public).unwrap_err().code, Code::Forbidden);
    }

    #[test]
    fn where_to_look_is_where_a_role_reaches_beyond_its_own() {
        let who = standing(vec![area(Role::Community, "a/b/"), area(Role::Auditor, "a/"), area(Role::PropertyUnit, "a/c/")]);
        assert_eq!(scopes::<DraftVersion>(&who), ["a/b/"]);
        assert_eq!(scopes::<CancelBooking>(&who), Vec::<String>::new());
    }

    #[test]
    fn what_needs_a_fresh_password_asks_for_it_after_ten_minutes() {
        let me = standing(vec![]);
        let mine = Place { account: Some(me.account.clone()), ..Place::default() };
        let permit = ask::<ListOwnBookings>(me, &mine).unwrap();
        assert!(permit.stepped_up(Instant(0).plus_seconds(599)).is_ok());
        assert_eq!(permit.stepped_up(Instant(0).plus_seconds(600)).unwrap_err().code, Code::StepUpRequired);
    }

    #[test]
    fn own_is_own() {
        let household = HouseholdId::fresh();
        let mut who = standing(vec![]);
        who.household = Some(household.clone());
        let booking = Place { household: Some(household), areas: vec!["a/".into()], ..Place::default() };
        assert!(ask::<CancelBooking>(who.clone(), &booking).unwrap().by(Role::Resident));
        let mut neighbour = who.clone();
        neighbour.household = Some(HouseholdId::fresh());
        assert_eq!(ask::<CancelBooking>(neighbour, &booking).unwrap_err().code, Code::NotFound);
        // The community sees it but cancels as provider, which is another deed.
        let desk = standing(vec![area(Role::Community, "a/")]);
        assert!(ask::<SeeBooking>(desk.clone(), &booking).is_ok());
        assert_eq!(ask::<CancelBooking>(desk, &booking).unwrap_err().code, Code::Forbidden);
        let organisation = OrganisationId::fresh();
        let dancers =
            standing(vec![LiveGrant { role: Role::SocialOrganisation, area_path: None, organisation: Some(organisation.clone()) }]);
        assert!(ask::<CancelBooking>(dancers, &Place { organisations: vec![organisation], ..Place::default() }).is_ok());
        let me = standing(vec![]);
        let mine = Place { account: Some(me.account.clone()), ..Place::default() };
        assert!(ask::<ListOwnBookings>(me.clone(), &mine).is_ok());
        assert_eq!(ask::<CancelBooking>(me, &mine).unwrap_err().code, Code::Forbidden);
    }
}
