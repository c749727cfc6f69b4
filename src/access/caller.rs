//! The extractor: a verified token whose roles may do the deed at all (401, 403). What counts is asked again in the
//! transaction, by [`Caller::permit`].

use super::deeds::{Deed, reach};
use super::permit::{Permit, ask};
use super::subject::{Place, Subject};
use crate::kernel::id::{AccountId, SessionId};
use crate::kernel::{Code, Fault, Outcome};
use crate::people::keys::KeyRing;
use crate::people::model::Standing;
use crate::people::{queries, tokens};
use crate::store::{Db, Tx};
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use std::marker::PhantomData;

/// Somebody signed in who may do `D` to something.
#[derive(Debug, Clone)]
pub struct Caller<D: Deed> {
    access: tokens::Access,
    deed: PhantomData<D>,
}

impl<D: Deed> Caller<D> {
    /// The account of the token.
    pub fn account(&self) -> &AccountId {
        &self.access.account
    }
    /// The sign-in of the token.
    pub fn session(&self) -> &SessionId {
        &self.access.session
    }

    /// Who the caller is at this moment; 401 when account or session no longer count.
    pub fn standing(&self, tx: &mut Tx) -> Outcome<Standing> {
        let now = tx.now();
        queries::standing(tx, &self.access.account, &self.access.session, now)?.ok_or_else(|| Code::Unauthenticated.into())
    }

    /// Asks the permission table about a thing, in this transaction.
    pub fn permit(&self, tx: &mut Tx, subject: &dyn Subject) -> Outcome<Permit<D>> {
        ask(self.standing(tx)?, subject)
    }

    /// As [`Caller::permit`] for a standing already read in this transaction.
    pub fn permit_as(&self, who: Standing, subject: &dyn Subject) -> Outcome<Permit<D>> {
        ask(who, subject)
    }

    /// A permit for the caller's own account.
    pub fn permit_own(&self, tx: &mut Tx) -> Outcome<Permit<D>> {
        let place = Place { account: Some(self.access.account.clone()), ..Place::default() };
        self.permit(tx, &place)
    }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn verified(request: &HttpRequest) -> Outcome<tokens::Access> {
    let token = bearer(request).ok_or_else(|| Fault::from(Code::Unauthenticated))?;
    let (Some(keys), Some(db)) = (request.app_data::<Data<KeyRing>>(), request.app_data::<Data<Db>>()) else {
        return Err(Fault::internal("no key ring or database"));
    };
    tokens::verify(keys, token, db.clock().now())
}

impl<D: Deed> FromRequest for Caller<D> {
    type Error = Fault;
    type Future = Ready<Outcome<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(verified(request).and_then(|access| {
            let may = D::SIGNED_IN_OWN || access.roles.iter().any(|claim| reach::<D>(claim.role).is_some());
            if may { Ok(Caller { access, deed: PhantomData }) } else { Err(Code::Forbidden.into()) }
        }))
    }
}

impl<D: Deed> Caller<D> {
    /// The caller of a route that the public may use too; a token that is there must be good.
    pub fn maybe(request: &HttpRequest) -> Outcome<Option<Self>> {
        if !request.headers().contains_key(AUTHORIZATION) {
            return Ok(None);
        }
        verified(request).map(|access| Some(Caller { access, deed: PhantomData }))
    }
}
