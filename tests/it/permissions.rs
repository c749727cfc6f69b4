//! The permission matrix.

use crate::harness::{TestApp, TestDb, Town};
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;

#[test]
fn town_stands() {
    let start = std::time::Instant::now();
    let app = TestApp::serve(TestDb::fresh(Backend::Sqlite), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    town.book(&town.person("yuxin-p-res-1"), 1, 600);
    app.settle();
    eprintln!("{:?}", start.elapsed());
}
