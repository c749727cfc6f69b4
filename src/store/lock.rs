//! One server, one SQLite file.

use super::DatabaseUrl;
use crate::kernel::{Code, Fault, Outcome};
use std::fs::File;
use std::path::PathBuf;

/// Keeps a second server away from an SQLite file. The system drops the lock with the process, however it ends.
pub fn server_lock(url: &DatabaseUrl) -> Outcome<Option<File>> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(None) };
    // Another name of the same file (a symbolic link) is the same lock; a file that is yet to be made has one name.
    let named = path.canonicalize().unwrap_or_else(|_| path.clone());
    let beside = PathBuf::from(format!("{}.lock", named.display()));
    let fault = |e: &dyn std::fmt::Display| Fault::from(Code::Unavailable).because(format!("cannot use {}: {e}", beside.display()));
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|e| fault(&e))?;
    }
    let file = File::options().create(true).write(true).truncate(false).open(&beside).map_err(|e| fault(&e))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(Fault::from(Code::Unavailable)
            .because(format!("another server uses {}: one SQLite file serves one process (use PostgreSQL for several)", path.display()))),
        Err(std::fs::TryLockError::Error(e)) => Err(fault(&e)),
    }
}
