//! Fresh databases. The migrations run once per backend and test process; each test gets a copy of the result.

use super::postgres::SERVER;
use shangliang::kernel::time::SetClock;
use shangliang::kernel::{Clock, Instant};
use shangliang::store::{Backend, Conn, DatabaseUrl, Db, DbOptions, migrate};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

/// Saturday 28 November 2026, 10:00 in Shanghai: the "now" of a test that does not care.
pub const NOW: Instant = Instant(1_795_831_200_000_000);

fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A new folder under the machine's folder for temporary files.
pub fn fresh_folder(what: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("shangliang-test-{what}-{}-{}", std::process::id(), number()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A migrated SQLite file, kept in memory.
static SQLITE_TEMPLATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = fresh_folder("template");
    let file = folder.join("template.db");
    migrate::run(&DatabaseUrl::Sqlite(file.clone())).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    bytes
});

/// A migrated PostgreSQL database to copy. On a server of `TEST_DATABASE_URL` it stays behind, `_template` in its name.
static POSTGRES_TEMPLATE: LazyLock<String> = LazyLock::new(|| {
    let name = format!("shangliang_template_{}", std::process::id());
    SERVER.run(&format!("DROP DATABASE IF EXISTS {name}"));
    SERVER.run(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
    migrate::run(&SERVER.url(&name)).unwrap();
    name
});

/// A database of one test, gone when dropped.
pub struct TestDb {
    /// Where it is.
    pub url: DatabaseUrl,
    /// Which backend.
    pub backend: Backend,
    /// A folder of this test, for whatever it writes.
    pub folder: PathBuf,
    name: String,
}

impl TestDb {
    /// A migrated, empty database.
    pub fn fresh(backend: Backend) -> Self {
        let db = Self::place(backend);
        match backend {
            Backend::Sqlite => std::fs::write(db.folder.join("test.db"), &*SQLITE_TEMPLATE).unwrap(),
            Backend::Postgres => SERVER.run(&format!("CREATE DATABASE {} TEMPLATE {}", db.name, *POSTGRES_TEMPLATE)),
        }
        db
    }

    /// A database without a table.
    pub fn bare(backend: Backend) -> Self {
        let db = Self::place(backend);
        if backend == Backend::Postgres {
            SERVER.run(&format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", db.name));
        }
        db
    }

    fn place(backend: Backend) -> Self {
        let folder = fresh_folder("db");
        let name = format!("shangliang_test_{}_{}", std::process::id(), number());
        let url = match backend {
            Backend::Sqlite => DatabaseUrl::Sqlite(folder.join("test.db")),
            Backend::Postgres => SERVER.url(&name),
        };
        Self { url, backend, folder, name }
    }

    /// Opens it as the service does, with as many connections as the service has by default.
    pub fn open(&self, clock: Arc<dyn Clock>) -> Db {
        Db::open(&DbOptions { url: self.url.clone(), connections: 8 }, clock).unwrap()
    }

    /// Opens it with the clock standing at [`NOW`].
    pub fn open_now(&self) -> Db {
        self.open(SetClock::at(NOW))
    }

    /// A plain connection, outside the service.
    pub fn conn(&self) -> Conn {
        Conn::open(&self.url, false).unwrap()
    }

    /// Runs statements outside the service.
    pub fn sql(&self, statements: &str) {
        use diesel::connection::SimpleConnection;
        self.conn().batch_execute(statements).unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// Runs a command of the program against it: exit code, and what it said.
    pub fn command(&self, args: &[&str]) -> (Option<i32>, String) {
        super::process::run(&self.folder, args, &[("DATABASE_URL", &super::postgres::SERVER.text(self))])
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        // While a test fails its own words matter; a folder left behind does not.
        let _ = std::fs::remove_dir_all(&self.folder);
        if self.backend == Backend::Postgres && !std::thread::panicking() {
            SERVER.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

/// Makes two tests of each function, `name::sqlite` and `name::postgres`, so that a failure names its backend.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* fn $name:ident($db:ident: &TestDb) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;
            fn check($db: &$crate::harness::TestDb) $body
            #[test]
            fn sqlite() {
                check(&$crate::harness::TestDb::fresh(shangliang::store::Backend::Sqlite));
            }
            #[test]
            fn postgres() {
                check(&$crate::harness::TestDb::fresh(shangliang::store::Backend::Postgres));
            }
        }
    )+};
}

/// Two tests of each story, one a backend; the story brings its own application.
#[macro_export]
macro_rules! told_on_both {
    ($($name:ident($backend:ident) $body:block)+) => {$(
        mod $name {
            use super::*;
            fn tell($backend: Backend) $body
            #[test]
            fn sqlite() {
                tell(Backend::Sqlite);
            }
            #[test]
            fn postgres() {
                tell(Backend::Postgres);
            }
        }
    )+};
}
