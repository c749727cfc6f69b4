//! The real application on a free port, and people to talk to it.

use super::TestDb;
use shangliang::config::{Config, DatabaseConfig};
use shangliang::demo::client::Client;
use shangliang::jobs;
use shangliang::kernel::Clock;
use shangliang::kernel::id::AccountId;
use shangliang::kernel::time::SystemClock;
use shangliang::outbox;
use shangliang::people::keys::KeyRing;
use shangliang::people::model::NewPerson;
use shangliang::people::passwords::Passwords;
use shangliang::people::rules::Login;
use shangliang::people::{actions, queries};
use shangliang::server::{Application, StopHandle};
use shangliang::store::Backend;
use std::sync::{Arc, LazyLock};
use std::thread::JoinHandle;

/// The password of everybody in the tests.
pub const PASSWORD: &str = "一起商量着办-2026";

/// What is kept of it, made once: a hash takes 40 ms.
static HASH: LazyLock<String> =
    LazyLock::new(|| actix_web::rt::System::new().block_on(Passwords::default().hash(PASSWORD.into())).unwrap());

/// Login of the platform administrator.
const ADMIN: &str = "admin@example.org";

/// A running server with a database of its own.
pub struct TestApp {
    /// Its database.
    pub db: TestDb,
    /// `http://127.0.0.1:port`
    pub base: String,
    /// Where the metrics are.
    admin_base: String,
    /// Nobody in particular.
    pub client: Client,
    /// One-time token of the first administrator.
    pub first_admin: Option<String>,
    store: shangliang::store::Db,
    /// Those it signs with.
    keys: Arc<KeyRing>,
    /// Its mail goes to a server, and so is not for the tests to do.
    mailing: bool,
    handle: StopHandle,
    thread: Option<JoinHandle<()>>,
}

/// The configuration the tests serve with: the shipped defaults on free ports.
pub fn config(db: &TestDb) -> Config {
    let any = "127.0.0.1:0".parse().unwrap();
    Config {
        listen: any,
        admin_listen: any,
        database: DatabaseConfig { url: db.url.clone(), connections: 8, wait_seconds: 5 },
        keys: db.folder.join("keys"),
        workers: 2,
        demo: false,
        behind_proxy: false,
        log: "off".into(),
        screens: None,
        shutdown_seconds: 5,
        mail: None,
    }
}

impl TestApp {
    /// Serves a fresh database with the machine's clock.
    pub fn start(backend: Backend) -> Self {
        Self::serve(TestDb::fresh(backend), Arc::new(SystemClock))
    }

    /// Serves a database with a clock.
    pub fn serve(db: TestDb, clock: Arc<dyn Clock>) -> Self {
        Self::serve_with(db, clock, |_| ())
    }

    /// Serves with other settings than the tests usually have.
    pub fn serve_with(db: TestDb, clock: Arc<dyn Clock>, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(&db);
        change(&mut config);
        let (mailing, keys) = (config.mail.is_some(), config.keys.clone());
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let app = Application::build(config, clock).unwrap();
            tell.send((app.address(), app.admin_address(), app.handle(), app.db().clone(), app.first_admin().map(str::to_owned))).unwrap();
            actix_web::rt::System::new().block_on(app.run()).unwrap();
        });
        let (address, admin, handle, store, first_admin) = told.recv().unwrap();
        let base = format!("http://{address}");
        Self {
            client: Client::new(&base),
            admin_base: format!("http://{admin}"),
            base,
            first_admin,
            db,
            store,
            keys: Arc::new(KeyRing::open(&keys).unwrap()),
            mailing,
            handle,
            thread: Some(thread),
        }
    }

    /// The store of the running server.
    pub fn store(&self) -> &shangliang::store::Db {
        &self.store
    }

    /// What Prometheus reads.
    pub fn metrics(&self) -> String {
        Client::new(&self.admin_base).get("/metrics").unwrap().expect(200, "metrics").unwrap().content
    }

    /// Does every job that is due; fails when one was given up. Timers of later stay.
    pub fn settle(&self) {
        // The server's own thread may have leased some: wait until those are done too.
        let begun = std::time::Instant::now();
        loop {
            jobs::settle(&self.store, "test").unwrap();
            while !self.mailing && jobs::mail_round(&self.store, &mut None, "test").unwrap() {}
            let now = self.store.clock().now();
            let backlog = self.store.read_now(|tx| outbox::backlog(tx, now)).unwrap();
            assert_eq!(backlog.parked, 0, "jobs were given up");
            if backlog.waiting == 0 {
                return;
            }
            assert!(begun.elapsed().as_secs() < 10, "{} jobs are left", backlog.waiting);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// [`TestApp::settle`], and everything recorded is linked; the server's own thread may hold the linker's lease.
    pub fn link(&self) {
        self.settle();
        let begun = std::time::Instant::now();
        while self.store.read_now(|tx| shangliang::audit::verify(tx)).unwrap().unlinked > 0 {
            shangliang::audit::link(&self.store, "test").unwrap();
            assert!(begun.elapsed().as_secs() < 10, "entries stay unlinked");
        }
    }

    /// The platform administrator, made on first use. Like [`TestApp::tokens`] without waiting for a hash.
    pub fn admin(&self) -> Client {
        if let Some(token) = self.first_admin.clone() {
            let email = Some(ADMIN.to_owned());
            let person = NewPerson { code: None, name: "平台管理员".into(), mobile: None, email, household: None, area: None };
            let hash: &'static str = &HASH;
            self.store.write_now(move |tx| actions::create_first_admin(tx, &token, &person, hash)).unwrap();
        }
        self.client.with_token(Some(&self.tokens(ADMIN).access))
    }

    /// Signs somebody in beside their password, by the verb of `POST /sign-in`.
    pub fn tokens(&self, login: &str) -> actions::Tokens {
        let login = Login::parse(login).unwrap();
        let account = self.store.read_now(|tx| queries::sign_in_facts(tx, &login)).unwrap().unwrap().account;
        self.tokens_of(account)
    }

    /// The same by account.
    pub fn tokens_of(&self, account: AccountId) -> actions::Tokens {
        let keys = self.keys.clone();
        self.store.write_now(move |tx| actions::sign_in(tx, &keys, &account)).unwrap()
    }

    /// Gives somebody an import made their password and signs them in.
    pub fn claim(&self, desk: &Client, login: &str) -> Client {
        let code = desk.post("/api/v1/claim-codes", &serde_json::json!({ "login": login })).unwrap().expect(200, "claim code").unwrap();
        let body = serde_json::json!({"login": login, "code": code.text("/code"), "password": PASSWORD});
        self.client.post("/api/v1/claims", &body).unwrap().expect(200, "claim").unwrap();
        self.client.sign_in(login, PASSWORD).unwrap()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let handle = self.handle.clone();
        actix_web::rt::System::new().block_on(async move { handle.stop(true).await });
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                assert!(ended.is_ok(), "the server panicked");
            }
        }
    }
}
