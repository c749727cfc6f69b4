//! Where a request comes from, for limits on guessing.
//!
//! Served directly it is the peer of the connection. Behind a proxy (`--behind-proxy`) the peer is always the proxy, and one
//! guesser would lock everybody out: then it is the last address of `X-Forwarded-For`, the one our own proxy wrote. Whatever
//! stands before it came from the client and may be made up.

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::IpAddr;

/// The service is behind a proxy of its operator.
#[derive(Debug, Clone, Copy)]
pub struct BehindProxy(pub bool);

/// The address a request comes from; `None` when nobody can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin(pub Option<IpAddr>);

const FORWARDED: &str = "x-forwarded-for";

fn origin(request: &HttpRequest, behind_proxy: bool) -> Option<IpAddr> {
    let written = || {
        let last = request.headers().get_all(FORWARDED).last()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse().ok()
    };
    behind_proxy.then(written).flatten().or_else(|| request.peer_addr().map(|peer| peer.ip()))
}

impl FromRequest for Origin {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let behind_proxy = request.app_data::<Data<BehindProxy>>().is_some_and(|data| data.0);
        ready(Ok(Origin(origin(request, behind_proxy))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn of(forwarded: &[&str], behind_proxy: bool) -> String {
        let mut request = TestRequest::default().peer_addr("10.0.0.9:4000".parse().unwrap());
        for value in forwarded {
            request = request.append_header((FORWARDED, *value));
        }
        origin(&request.to_http_request(), behind_proxy).unwrap().to_string()
    }

    #[test]
    fn only_what_our_own_proxy_wrote_is_believed() {
        assert_eq!(of(&["198.51.100.7"], false), "10.0.0.9", "served directly the header is anybody's");
        assert_eq!(of(&["198.51.100.7"], true), "198.51.100.7");
        assert_eq!(of(&["1.1.1.1, 2.2.2.2 ,198.51.100.7"], true), "198.51.100.7");
        assert_eq!(of(&["1.1.1.1", "2001:db8::7"], true), "2001:db8::7");
        for broken in [&[][..], &["unknown"], &["198.51.100.7, "], &["\u{e9}"]] {
            assert_eq!(of(broken, true), "10.0.0.9", "{broken:?}");
        }
    }
}
