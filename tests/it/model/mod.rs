//! Random commands against SQLite, PostgreSQL and a naive model in memory: all three give the same answers.
//!
//! - `commands`: what may be done, and dice · `naive`: the model; it knows the rules in its own words, keeps plain lists and
//!   shares no code with `terms`, `schedule` or `store` · `service`: the same commands on a database, those beside versions in `living`
//!
//! A difference is made as short as it can be, and printed with its seed and every command's three answers;
//! `SHANGLIANG_SOAK=n` runs n sequences.

mod commands;
mod living;
mod naive;
mod service;

use crate::harness::rounds;
use commands::{Command, Dice};
use naive::{BEYOND, Model};
use service::{Backed, Hub, Neighbourhood, Service};
use shangliang::store::{Backend, backup};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Hubs of shortened sequences are numbered from here on.
static EXTRA: AtomicUsize = AtomicUsize::new(1_000_000);

/// The words of every answer, without figures; `Err` when they differ, or the model itself holds an overlap.
fn tell(commands: &[Command], number: usize, on: [&Backed; 2], people: &Neighbourhood) -> Result<Vec<String>, String> {
    let hub = Hub::new(number);
    let (mut model, mut services) = (Model::new(), on.map(|backed| Service::new(backed, people, &hub)));
    let (mut told, mut answers) = (String::new(), Vec::new());
    for command in commands {
        let expected = model.answer(command);
        if expected == BEYOND {
            // It would offer bookings another time, or ask for fewer people: told in the stories of `impact`.
            answers.push(expected);
            continue;
        }
        let seen = services.each_mut().map(|service| service.answer(command));
        told.push_str(&format!("\n{command:?}\n    model {expected} | sqlite {} | postgres {}", seen[0], seen[1]));
        if seen.iter().any(|seen| *seen != expected) {
            return Err(told);
        }
        if model.overlaps() > 0 {
            return Err(format!("{told}\n    the model itself holds an overlap"));
        }
        answers.extend(expected.split(' ').map(|word| word.split(':').next().unwrap().to_owned()));
    }
    Ok(answers)
}

/// Leaves out whatever can be left out while they still differ; gives the shortest report.
fn shorten(mut commands: Vec<Command>, mut report: String, fails: &dyn Fn(&[Command]) -> Option<String>) -> (Vec<Command>, String) {
    loop {
        let before = commands.len();
        for at in (0..commands.len()).rev() {
            let mut fewer = commands.clone();
            fewer.remove(at);
            if let Some(shorter) = fails(&fewer) {
                (commands, report) = (fewer, shorter);
            }
        }
        if commands.len() == before {
            return (commands, report);
        }
    }
}

#[test]
fn a_difference_is_made_short() {
    let commands = Dice(7).sequence();
    let books = |commands: &[Command]| commands.iter().filter(|c| matches!(c, Command::Book { .. })).count();
    assert!(books(&commands) > 2, "{commands:?}");
    let (shortest, report) = shorten(commands, String::new(), &|fewer| (books(fewer) > 1).then(|| format!("{} left", fewer.len())));
    assert_eq!((shortest.len(), books(&shortest), report.as_str()), (2, 2, "2 left"));
}

#[test]
fn soak_both_databases_answer_as_the_model() {
    let (sequences, next) = (rounds(2_000), AtomicUsize::new(0));
    let started = std::time::Instant::now();
    let kinds = std::sync::Mutex::new(std::collections::BTreeMap::<String, usize>::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let people = Neighbourhood::new();
                let (sqlite, postgres) = (Backed::new(Backend::Sqlite, &people), Backed::new(Backend::Postgres, &people));
                let on = [&sqlite, &postgres];
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= sequences {
                        break;
                    }
                    let seed = 0x0073_6861_6e67_0000 ^ u64::try_from(number).unwrap();
                    let commands = Dice(seed).sequence();
                    let told = tell(&commands, number, on, &people).unwrap_or_else(|report| {
                        let again = |fewer: &[Command]| tell(fewer, EXTRA.fetch_add(1, Ordering::Relaxed), on, &people).err();
                        let (_, report) = shorten(commands, report, &again);
                        panic!("sequence {number} (seed {seed:#x}) differs; shortened:{report}");
                    });
                    for answer in told {
                        *kinds.lock().unwrap().entry(answer).or_default() += 1;
                    }
                }
                for backed in on {
                    assert_eq!(backup::broken_invariants(&mut backed.test.conn()).unwrap(), Vec::<String>::new());
                }
            });
        }
    });
    let kinds = kinds.into_inner().unwrap();
    println!("{sequences} sequences in {:.1} s: {kinds:?}", started.elapsed().as_secs_f32());
    // A model that agrees because everything is refused would prove nothing.
    for kind in [
        "booked",
        "period-taken",
        "booking-refused",
        "suspended",
        "not-granted",
        "term-ended",
        "outside-hours",
        "reserved-hours",
        "quiet-hours",
        "over-capacity",
        "over-ceiling",
        "use-prohibited",
        "cancelled",
        "agreed",
        "state-conflict",
        "not-found",
        "out-of-turn",
        "ordered",
        "interrupted",
        "at_risk",
        "lifted",
        "kept",
        "noticed",
        "left",
        "not-alone",
        "forbidden",
        "consented",
        "annulled",
        "upheld",
        "disputed",
        "settled",
        "closed",
    ] {
        assert!(kinds.contains_key(kind), "no sequence had {kind}: {kinds:?}");
    }
}
