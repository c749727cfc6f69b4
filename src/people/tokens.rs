//! Access tokens (EdDSA, ten minutes, `at+jwt`) and refresh tokens (opaque, spent once).
//!
//! The library's defaults are lax (60 s leeway, no `nbf`, `aud` only when present), so every claim is checked here, against
//! our clock.

use super::keys::KeyRing;
use super::model::RoleClaim;
use crate::kernel::digest::{hex, sha256_hex};
use crate::kernel::id::{AccountId, SessionId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

/// Who issues.
pub const ISSUER: &str = "shangliang";
/// For whom.
pub const AUDIENCE: &str = "shangliang-api";
/// Life of an access token.
pub const ACCESS_SECONDS: i64 = 600;
/// Difference of clocks we bear.
pub const LEEWAY_SECONDS: i64 = 5;
/// Longest token read at all.
const MOST_BYTES: usize = 8 * 1024;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    roles: Vec<RoleClaim>,
}

/// A verified access token.
#[derive(Debug, Clone)]
pub struct Access {
    /// Who.
    pub account: AccountId,
    /// Which sign-in.
    pub session: SessionId,
    /// Roles when it was issued: the coarse check only.
    pub roles: Vec<RoleClaim>,
}

/// Signs an access token.
pub fn issue(keys: &KeyRing, account: &AccountId, session: &SessionId, roles: Vec<RoleClaim>, now: Instant) -> Outcome<String> {
    let signing = keys.signing();
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".into());
    header.kid = Some(signing.kid.clone());
    let iat = now.unix_seconds();
    let claims = Claims {
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        sub: account.to_string(),
        sid: session.to_string(),
        iat,
        nbf: iat,
        exp: iat + ACCESS_SECONDS,
        roles,
    };
    jsonwebtoken::encode(&header, &claims, &signing.key).map_err(Fault::internal)
}

/// Verifies an access token; any doubt is 401.
pub fn verify(keys: &KeyRing, token: &str, now: Instant) -> Outcome<Access> {
    check(keys, token, now).ok_or_else(|| Fault::from(Code::Unauthenticated))
}

fn check(keys: &KeyRing, token: &str, now: Instant) -> Option<Access> {
    if token.len() > MOST_BYTES {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    // `crit` names extensions we must understand; we know none. Keys come from our ring only.
    let foreign = header.crit.is_some() || header.jku.is_some() || header.jwk.is_some() || header.x5u.is_some() || header.x5c.is_some();
    if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some("at+jwt") || foreign {
        return None;
    }
    let kid = header.kid.as_deref()?;
    let signing = keys.signing_with(kid);
    let key = signing.verifier(kid)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    // Times are compared below, with our clock.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).ok()?.claims;
    let seconds = now.unix_seconds();
    let in_time = claims.nbf <= seconds.saturating_add(LEEWAY_SECONDS) && seconds < claims.exp.saturating_add(LEEWAY_SECONDS);
    let short = claims.exp.checked_sub(claims.iat).is_some_and(|life| (0..=ACCESS_SECONDS).contains(&life));
    if !in_time || !short || claims.iss != ISSUER || claims.aud != AUDIENCE {
        return None;
    }
    Some(Access { account: claims.sub.parse().ok()?, session: claims.sid.parse().ok()?, roles: claims.roles })
}

/// The successor of a refresh token: derived, so that the same token always has the same successor and a lost answer can
/// be given again without keeping the token.
pub fn successor(keys: &KeyRing, token: &str) -> Outcome<String> {
    let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(&keys.refresh).map_err(Fault::internal)?;
    mac.update(token.as_bytes());
    Ok(hex(&mac.finalize().into_bytes()))
}

/// What is stored of a refresh token.
pub fn stored(token: &str) -> String {
    sha256_hex(token.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::Id;
    use crate::people::model::{Role, Scope};
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
    use serde_json::{Value, json};

    fn ring() -> (KeyRing, std::path::PathBuf) {
        let folder = std::env::temp_dir().join(format!("shangliang-tokens-{}", uuid::Uuid::now_v7()));
        (KeyRing::open(&folder).unwrap(), folder)
    }

    fn sign(keys: &KeyRing, header: Value, claims: &str) -> String {
        let signing = keys.signing();
        let text = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims));
        let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &signing.key, Algorithm::EdDSA).unwrap();
        format!("{text}.{signature}")
    }

    #[test]
    fn only_our_own_fresh_tokens_pass() {
        let (keys, folder) = ring();
        let now = Instant::parse("2026-11-22T10:00:00Z").unwrap();
        let (account, session) = (AccountId::fresh(), SessionId::fresh());
        let roles = vec![RoleClaim { role: Role::Community, scope: Scope::Area("area_x".into()) }];
        let token = issue(&keys, &account, &session, roles.clone(), now).unwrap();
        let access = verify(&keys, &token, now.plus_seconds(604)).unwrap();
        assert_eq!((access.account, access.session, access.roles), (account.clone(), session.clone(), roles));
        for (when, ok) in [(605, false), (-5, true), (-6, false)] {
            assert_eq!(verify(&keys, &token, now.plus_seconds(when)).is_ok(), ok, "{when}");
        }

        let kid = keys.signing().kid.clone();
        let head = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid});
        let iat = now.unix_seconds();
        let good =
            json!({"iss": ISSUER, "aud": AUDIENCE, "sub": account, "sid": session, "iat": iat, "nbf": iat, "exp": iat + 600, "roles": []});
        assert!(verify(&keys, &sign(&keys, head.clone(), &good.to_string()), now).is_ok());

        let mut bad: Vec<(String, String)> = Vec::new();
        for (name, change) in [
            ("alg none", json!({"alg": "none"})),
            ("alg HS256", json!({"alg": "HS256"})),
            ("typ JWT", json!({"typ": "JWT"})),
            ("no typ", json!({"typ": null})),
            ("kid unknown", json!({"kid": "0000000000000000"})),
            ("kid path", json!({"kid": "../../etc/passwd"})),
            ("kid sql", json!({"kid": "' OR 1=1 --"})),
            ("kid long", json!({"kid": "x".repeat(10_000)})),
            ("no kid", json!({"kid": null})),
            ("jku", json!({"jku": "https://evil.example/jwks"})),
            ("crit", json!({"crit": ["b64"]})),
        ] {
            let mut head = head.as_object().unwrap().clone();
            head.extend(change.as_object().unwrap().clone());
            head.retain(|_, v| !v.is_null());
            bad.push((name.into(), sign(&keys, Value::Object(head), &good.to_string())));
        }
        for (name, change) in [
            ("iss", json!({"iss": "other"})),
            ("no iss", json!({"iss": null})),
            ("aud", json!({"aud": "other"})),
            ("no aud", json!({"aud": null})),
            ("aud list", json!({"aud": [AUDIENCE, "other"]})),
            ("no exp", json!({"exp": null})),
            ("exp text", json!({"exp": "9999999999"})),
            ("exp float", json!({"exp": 1.0e12})),
            ("exp far", json!({"exp": iat + 601})),
            ("no nbf", json!({"nbf": null})),
            ("nbf later", json!({"nbf": iat + 6})),
            ("sub of another kind", json!({"sub": session})),
            ("unknown role", json!({"roles": [{"role": "king", "scope": "platform"}]})),
        ] {
            let mut claims = good.as_object().unwrap().clone();
            claims.extend(change.as_object().unwrap().clone());
            claims.retain(|_, v| !v.is_null());
            bad.push((name.into(), sign(&keys, head.clone(), &Value::Object(claims).to_string())));
        }
        let twice = good.to_string().replacen('{', &format!("{{\"exp\":{},", iat + 1), 1);
        bad.push(("duplicate exp".into(), sign(&keys, head.clone(), &twice)));
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        parts[2] = String::new();
        bad.push(("no signature".into(), parts.join(".")));
        bad.push(("altered".into(), token.replacen('.', ".A", 1)));
        bad.push(("empty".into(), String::new()));
        bad.push(("words".into(), "a.b.c".into()));
        bad.push(("huge".into(), "x".repeat(20_000)));
        let (others, other_folder) = ring();
        bad.push(("another ring".into(), issue(&others, &account, &session, vec![], now).unwrap()));
        for (name, token) in bad {
            assert!(verify(&keys, &token, now).is_err(), "{name}");
        }
        for folder in [folder, other_folder] {
            std::fs::remove_dir_all(folder).unwrap();
        }
    }
}
