//! argon2id (19 MiB, 2 passes, 1 lane) behind a bounded semaphore: 40–70 ms of CPU each would otherwise stop the server.

use crate::kernel::{Code, Fault, Outcome};
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Memory of a hash in KiB …
const MEMORY: u32 = 19_456;
/// … and how often it is gone through.
const PASSES: u32 = 2;
/// Waiting hashes beyond this are turned away.
const QUEUE: usize = 20;
/// Longest wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// A place in line; given up when dropped, so also by whoever hangs up while waiting.
struct InLine<'w> {
    waiting: &'w AtomicUsize,
    /// How many wait already.
    before: usize,
}

impl<'w> InLine<'w> {
    fn behind(waiting: &'w AtomicUsize) -> Self {
        Self { waiting, before: waiting.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    patience: Duration,
}

/// Of a password nobody has, made with the work of today's: verified for unknown accounts, so that they take as long as known ones.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzLg$bm9ib2R5IGhhcyBpdCwgbm90IGV2ZW4gYnkgbHVjayE";

fn argon2() -> Outcome<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, 1, None).map_err(Fault::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Outcome<String> {
    Ok(argon2()?.hash_password(password.as_bytes()).map_err(Fault::internal)?.to_string())
}

fn belongs(password: &str, hash: &str) -> bool {
    argon2().is_ok_and(|argon2| PasswordHash::new(hash).is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok()))
}

/// It was made with less work than a hash of today.
fn is_weak(hash: &str) -> bool {
    let made_with = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
    made_with.is_some_and(|params| params.m_cost() < MEMORY || params.t_cost() < PASSES)
}

impl Default for Passwords {
    /// One hash at a time per core but one.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { turns: Arc::new(Semaphore::new(cores.saturating_sub(1).max(1))), waiting: Arc::default(), patience: PATIENCE }
    }
}

impl Passwords {
    /// How many wait for their turn.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Outcome<T> {
        let busy = || Fault::from(Code::Overloaded).because("password queue").retry_after(2);
        let place = InLine::behind(&self.waiting);
        if place.before >= QUEUE {
            return Err(busy());
        }
        let turn = tokio::time::timeout(self.patience, self.turns.clone().acquire_owned()).await;
        drop(place);
        let turn = turn.ok().and_then(Result::ok).ok_or_else(busy)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(Fault::internal)
    }

    /// PHC string of a new password.
    pub async fn hash(&self, password: String) -> Outcome<String> {
        self.in_turn(move || hash_now(&password)).await?
    }

    /// True when the password belongs to the hash. Without a hash it takes as long and is false.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Outcome<bool> {
        let (known, hash) = or_decoy(hash);
        self.in_turn(move || belongs(&password, &hash) && known).await
    }

    /// The same for whoever signs in, when the password is at hand: the hash to keep of it from now on, another one where the present one
    /// was made with less work than today's. `None` when the password does not belong to the hash.
    pub async fn verify_to_keep(&self, password: String, hash: Option<String>) -> Outcome<Option<String>> {
        let (known, hash) = or_decoy(hash);
        self.in_turn(move || {
            let right = belongs(&password, &hash) && known;
            if right && is_weak(&hash) { hash_now(&password).map(Some) } else { Ok(right.then_some(hash)) }
        })
        .await?
    }
}

fn or_decoy(hash: Option<String>) -> (bool, String) {
    (hash.is_some(), hash.unwrap_or_else(|| DECOY.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hashes_are_argon2id_as_decided() {
        let passwords = Passwords::default();
        let hash = passwords.hash("一起商量着办".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("一起商量着办".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("一起商量着辦".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("nobody has this one".into(), None).await.unwrap());
    }

    #[test]
    fn the_decoy_takes_the_work_of_a_hash() {
        let (decoy, real) = (PasswordHash::new(DECOY).unwrap(), hash_now("一起商量着办").unwrap());
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!((decoy.algorithm, decoy.version, Params::try_from(&decoy)), (real.algorithm, real.version, Params::try_from(&real)));
        assert_eq!(decoy.hash.map(|hash| hash.len()), real.hash.map(|hash| hash.len()));
    }

    #[tokio::test]
    async fn a_hash_of_less_work_is_made_anew() {
        let passwords = Passwords::default();
        let of_old = |memory, passes| {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(memory, passes, 1, None).unwrap());
            argon2.hash_password("一起商量着办".as_bytes()).unwrap().to_string()
        };
        for (memory, passes) in [(8, 2), (MEMORY, 1)] {
            let weak = of_old(memory, passes);
            let kept = passwords.verify_to_keep("一起商量着办".into(), Some(weak.clone())).await.unwrap().unwrap();
            assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
            assert!(passwords.verify("一起商量着办".into(), Some(kept.clone())).await.unwrap());
            // One of today stays as it is, and whoever does not know the password changes nothing.
            assert_eq!(passwords.verify_to_keep("一起商量着办".into(), Some(kept.clone())).await.unwrap(), Some(kept));
            assert_eq!(passwords.verify_to_keep("一起商量着辦".into(), Some(weak)).await.unwrap(), None);
        }
        let stronger = of_old(MEMORY, 3);
        assert_eq!(passwords.verify_to_keep("一起商量着办".into(), Some(stronger.clone())).await.unwrap(), Some(stronger));
        assert_eq!(passwords.verify_to_keep("nobody has this one".into(), None).await.unwrap(), None);
    }

    #[tokio::test]
    async fn whoever_hangs_up_leaves_the_line() {
        let passwords = Passwords::default();
        let turns = passwords.turns.clone().acquire_many_owned(u32::try_from(passwords.turns.available_permits()).unwrap()).await;
        for _ in 0..2 * QUEUE {
            let waits = passwords.verify("x".into(), None);
            assert!(tokio::time::timeout(Duration::from_millis(1), waits).await.is_err());
        }
        assert_eq!(passwords.waiting(), 0);
        drop(turns);
        assert!(!passwords.verify("x".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_crowd_is_turned_away_not_queued_for_ever() {
        let passwords = Passwords::default();
        let all = (0..60).map(|_| passwords.verify("x".into(), None));
        let done = futures_util::future::join_all(all).await;
        let away = done.iter().filter(|r| r.as_ref().is_err_and(|f| f.code == Code::Overloaded)).count();
        assert!((30..=59).contains(&away), "{away} of 60 turned away");
    }
}
