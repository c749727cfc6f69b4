//! The key ring: a folder, readable by its owner only, shared by the processes of one deployment.
//!
//! Files named `*.ed25519` (one or more) sign access tokens: all verify, the newest signs once it has lain there for [`KNOWN_AFTER`].
//! A key is rotated by adding a file; twenty minutes later nobody holds a token of the old one, and it is removed. No process is
//! restarted: each reads the folder again every minute, and when it meets a key it does not know. `cursor.key` signs paging cursors,
//! `refresh.key` derives refresh tokens.

use crate::kernel::digest::{hex, sha256};
use crate::kernel::{Code, Fault, Outcome};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Tick, SystemTime};

/// PKCS#8 (RFC 8410) prefix of a bare Ed25519 seed.
const PKCS8: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A key that lies there for so long is known to every process, and to whoever reads the JWKS.
const KNOWN_AFTER: Duration = Duration::from_secs(600);
/// The folder is read again after so long …
const READ_EVERY: Duration = Duration::from_secs(60);
/// … and for a key nobody knows, however often one is sent, after so long.
const READ_AT_MOST_EVERY: Duration = Duration::from_secs(1);

struct Verifier {
    kid: String,
    public: [u8; 32],
    key: DecodingKey,
}

/// The keys of access tokens.
pub(super) struct Signing {
    /// Signs.
    pub(super) key: EncodingKey,
    /// Its name.
    pub(super) kid: String,
    verifiers: Vec<Verifier>,
}

impl Signing {
    /// The key of that name.
    pub(super) fn verifier(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifiers.iter().find(|v| v.kid == kid).map(|v| &v.key)
    }
}

/// Secrets of the service. `Debug` shows none.
pub struct KeyRing {
    folder: PathBuf,
    signing: Mutex<(Tick, Arc<Signing>)>,
    /// Signs paging cursors.
    pub cursor: [u8; 32],
    /// Derives refresh tokens.
    pub refresh: [u8; 32],
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({} keys)", self.signing().verifiers.len())
    }
}

/// A key or its folder that whoever runs the service must look after.
fn fault(path: &Path, what: impl std::fmt::Display) -> Fault {
    let path = path.display();
    Fault::saying(Code::Unavailable, format!("密钥 {path} 不能用：{what}"), format!("{path}: {what}"))
}

/// 32 bytes from the machine's random source.
pub fn random_32() -> Outcome<[u8; 32]> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(Fault::internal)?;
    Ok(bytes)
}

/// Writes a secret to a new file only its owner can read.
pub fn write_secret(path: &Path, text: &str) -> Outcome<()> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut f| f.write_all(text.as_bytes()).and_then(|()| f.sync_all())).map_err(|e| fault(path, e))
}

fn read_secret(path: &Path) -> Outcome<[u8; 32]> {
    let mode = std::fs::metadata(path).map_err(|e| fault(path, e))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(fault(path, "others may read this key; make it yours alone (chmod 600)"));
    }
    let text = std::fs::read_to_string(path).map_err(|e| fault(path, e))?;
    let text = text.trim();
    let digits: Vec<u8> = (0..text.len()).step_by(2).filter_map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect();
    let key: [u8; 32] = digits.try_into().map_err(|_| fault(path, "not 64 hexadecimal digits (256 bit)"))?;
    let distinct = key.iter().collect::<std::collections::BTreeSet<_>>().len();
    if distinct < 8 { Err(fault(path, "this is a sample, not a random key")) } else { Ok(key) }
}

fn secret(path: &Path) -> Outcome<[u8; 32]> {
    if !path.exists() {
        // Two processes may start at once: whoever comes second reads what the first wrote.
        match write_secret(path, &hex(&random_32()?)) {
            Err(_) if path.exists() => {}
            done => done?,
        }
    }
    read_secret(path)
}

/// Key files, the oldest first.
fn listed(folder: &Path) -> Outcome<Vec<(SystemTime, PathBuf)>> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(folder).map_err(|e| fault(folder, e))? {
        let path = file.map_err(|e| fault(folder, e))?.path();
        if path.extension().is_some_and(|e| e == "ed25519") {
            let made = std::fs::metadata(&path).and_then(|m| m.modified()).map_err(|e| fault(&path, e))?;
            files.push((made, path));
        }
    }
    files.sort();
    Ok(files)
}

fn read_signing(folder: &Path) -> Outcome<Signing> {
    let files = listed(folder)?;
    let known = |made: SystemTime| made.elapsed().is_ok_and(|age| age >= KNOWN_AFTER);
    // Where none has lain for long, the first: the others may not have been seen by everybody.
    let signs = files.iter().rposition(|(made, _)| known(*made)).unwrap_or(0);
    let mut verifiers = Vec::new();
    let mut signer = None;
    for (n, (_, path)) in files.iter().enumerate() {
        let seed = read_secret(path)?;
        let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        let kid = hex(sha256(&public).get(..8).unwrap_or_default());
        if n == signs {
            let pkcs8: Vec<u8> = PKCS8.iter().chain(&seed).copied().collect();
            signer = Some((EncodingKey::from_ed_der(&pkcs8), kid.clone()));
        }
        verifiers.push(Verifier { kid, public, key: DecodingKey::from_ed_der(&public) });
    }
    let (key, kid) = signer.ok_or_else(|| fault(folder, "no signing key"))?;
    Ok(Signing { key, kid, verifiers })
}

impl KeyRing {
    /// Reads the ring, making what is missing.
    pub fn open(folder: &Path) -> Outcome<KeyRing> {
        std::fs::DirBuilder::new().recursive(true).create(folder).map_err(|e| fault(folder, e))?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(|e| fault(folder, e))?;
        if listed(folder)?.is_empty() {
            // One name, so that two processes starting at once agree on one first key.
            secret(&folder.join("first.ed25519"))?;
        }
        Ok(KeyRing {
            folder: folder.to_owned(),
            signing: Mutex::new((Tick::now(), Arc::new(read_signing(folder)?))),
            cursor: secret(&folder.join("cursor.key"))?,
            refresh: secret(&folder.join("refresh.key"))?,
        })
    }

    /// The keys as they lie in the folder, or lay there a moment ago.
    pub(super) fn signing(&self) -> Arc<Signing> {
        self.read_after(READ_EVERY)
    }

    /// The same for somebody who shows a key of that name, which may be new.
    pub(super) fn signing_with(&self, kid: &str) -> Arc<Signing> {
        let signing = self.signing();
        if signing.verifier(kid).is_some() { signing } else { self.read_after(READ_AT_MOST_EVERY) }
    }

    fn read_after(&self, age: Duration) -> Arc<Signing> {
        let mut last = self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0.elapsed() >= age {
            last.0 = Tick::now();
            match read_signing(&self.folder) {
                Ok(signing) => last.1 = Arc::new(signing),
                // What was read before is good still.
                Err(fault) => tracing::error!(%fault, "the keys could not be read again"),
            }
        }
        last.1.clone()
    }

    /// The public keys (RFC 7517, RFC 8037).
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .signing()
            .verifiers
            .iter()
            .map(|v| json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": v.kid, "x": URL_SAFE_NO_PAD.encode(v.public)}))
            .collect();
        json!({ "keys": keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make_older(folder: &Path, name: &str, seconds: u64) {
        let file = std::fs::File::options().write(true).open(folder.join(format!("{name}.ed25519"))).unwrap();
        let made = file.metadata().unwrap().modified().unwrap();
        file.set_modified(made - Duration::from_secs(seconds)).unwrap();
    }

    fn add(folder: &Path, name: &str) {
        write_secret(&folder.join(format!("{name}.ed25519")), &hex(&random_32().unwrap())).unwrap();
    }

    #[test]
    fn a_new_key_verifies_at_once_and_signs_when_everybody_knows_it() {
        let folder = std::env::temp_dir().join(format!("shangliang-keys-{}", uuid::Uuid::now_v7()));
        let ring = KeyRing::open(&folder).unwrap();
        let first = ring.signing().kid.clone();
        // Another process, and a second key; the first process meets it in a token.
        add(&folder, "second");
        let other = KeyRing::open(&folder).unwrap();
        assert_eq!(other.signing().kid, first, "nobody else may know the second yet");
        let second = other.signing().verifiers.iter().map(|v| v.kid.clone()).find(|kid| *kid != first).unwrap();
        assert!(ring.signing_with(&second).verifier(&second).is_none(), "read a moment ago");
        std::thread::sleep(READ_AT_MOST_EVERY);
        assert!(ring.signing_with(&second).verifier(&second).is_some());
        assert_eq!(ring.signing().kid, first);
        // It has lain there for long: it signs, and the first still verifies until it is removed.
        std::fs::remove_file(folder.join("second.ed25519")).unwrap();
        add(&folder, "third");
        make_older(&folder, "third", 601);
        make_older(&folder, "first", 9000);
        let later = KeyRing::open(&folder).unwrap();
        assert_ne!(later.signing().kid, first);
        assert!(later.signing().verifier(&first).is_some() && later.signing().verifier(&second).is_none());
        std::fs::remove_file(folder.join("first.ed25519")).unwrap();
        std::thread::sleep(READ_AT_MOST_EVERY);
        assert!(later.signing_with("nobody's").verifier(&first).is_none(), "a key that is removed counts no more");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_ring_is_made_once_and_guarded() {
        let folder = std::env::temp_dir().join(format!("shangliang-keys-{}", uuid::Uuid::now_v7()));
        let first = KeyRing::open(&folder).unwrap();
        let again = KeyRing::open(&folder).unwrap();
        assert_eq!((first.jwks(), first.cursor), (again.jwks(), again.cursor));
        let path = folder.join("cursor.key");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(KeyRing::open(&folder).unwrap_err().to_string().contains("others may read"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "00".repeat(32)).unwrap();
        assert!(KeyRing::open(&folder).unwrap_err().to_string().contains("sample"));
        std::fs::write(&path, "abcd").unwrap();
        assert!(KeyRing::open(&folder).unwrap_err().to_string().contains("256 bit"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
