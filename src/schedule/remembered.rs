//! Answers that were worked out before, as they went out. A remembered answer is given again while nothing it was made of has
//! changed and no minute has begun that it was not made for; it never feeds a write. `Cache-Control: no-cache` asks anew.

use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Db;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap};
use actix_web::web::Bytes;
use serde::Serialize;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most bytes remembered; beyond it memory begins anew.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// An answer that was worked out, and what makes it good for another time.
#[derive(Debug)]
pub struct Worked<T> {
    /// The answer.
    pub answer: T,
    /// Everything it depends on, by the names [`crate::store::Changes`] knows.
    pub names: Vec<String>,
    /// Good from then …
    pub from: Instant,
    /// … until before then.
    pub until: Instant,
}

struct Entry {
    bytes: Bytes,
    names: Vec<String>,
    /// Moment of [`crate::store::Changes`] before anything was read.
    read_at: u64,
    from: Instant,
    until: Instant,
}

struct Memory<K> {
    entries: HashMap<K, Entry>,
    bytes: usize,
}

/// Answers by what was asked.
pub struct Remembered<K> {
    memory: Mutex<Memory<K>>,
}

impl<K> Default for Remembered<K> {
    fn default() -> Self {
        Self { memory: Mutex::new(Memory { entries: HashMap::new(), bytes: 0 }) }
    }
}

impl<K: Hash + Eq> Remembered<K> {
    fn memory(&self) -> MutexGuard<'_, Memory<K>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer of the same question, if it is good still and the caller takes it.
    pub fn find(&self, db: &Db, asked: &K, headers: &HeaderMap) -> Option<Bytes> {
        let anew = headers.get_all(CACHE_CONTROL).filter_map(|value| value.to_str().ok()).any(|value| value.contains("no-cache"));
        if anew {
            return None;
        }
        let now = db.clock().now();
        let memory = self.memory();
        let entry = memory.entries.get(asked).filter(|entry| entry.from <= now && now < entry.until)?;
        db.changes().unchanged(&entry.names, entry.read_at).then(|| entry.bytes.clone())
    }

    /// Writes an answer down and keeps it. `read_at`: the moment of the changes before anything was read.
    pub fn keep<T: Serialize>(&self, asked: K, read_at: u64, worked: Worked<T>) -> Outcome<Bytes> {
        let bytes = Bytes::from(serde_json::to_vec(&worked.answer).map_err(Fault::internal)?);
        let entry = Entry { bytes: bytes.clone(), names: worked.names, read_at, from: worked.from, until: worked.until };
        let mut memory = self.memory();
        if memory.bytes + bytes.len() > MOST_BYTES {
            memory.entries.clear();
            memory.bytes = 0;
        }
        memory.bytes += bytes.len();
        if let Some(before) = memory.entries.insert(asked, entry) {
            memory.bytes -= before.bytes.len();
        }
        Ok(bytes)
    }
}
