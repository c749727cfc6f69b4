//! Recurrence rules against python-dateutil, the judge of everybody's calendars, as `make setup` installs it.

use serde_json::Value;
use shangliang::kernel::Zone;
use shangliang::kernel::time::parse_day;
use shangliang::schedule::rules::recurrence::{Beyond, Rule, expand};
use std::path::PathBuf;
use std::process::Command;

/// The Python of the tests.
pub fn python() -> PathBuf {
    let python = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/.venv/bin/python"));
    assert!(python.exists(), "no {}: run `make setup`", python.display());
    python
}

/// Runs a script of `tests/python`; gives what it printed.
pub fn run(script: &str, args: &[&str]) -> String {
    let done = Command::new(python()).arg(format!("{}/tests/python/{script}", env!("CARGO_MANIFEST_DIR"))).args(args).output().unwrap();
    assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn a_thousand_rules_expand_as_dateutil_expands_them() {
    let cases = run("recurrences.py", &["20261128", "1200"]);
    let (mut expanded, mut refused, mut occurrences) = (0, 0, 0);
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (text, start) = (case["rule"].as_str().unwrap(), case["start"].as_str().unwrap());
        let rule = Rule::parse(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        let zone = Zone::named(case["zone"].as_str().unwrap()).unwrap();
        let hour: u16 = start[11..13].parse().unwrap();
        let minute: u16 = start[14..16].parse().unwrap();
        let got = expand(&rule, &zone, parse_day(&start[..10]).unwrap(), hour * 60 + minute);
        let got = got.map(|all| all.into_iter().map(|one| one.start.unix_seconds()).collect::<Vec<_>>());
        let expect = match case["word"].as_str() {
            None => Ok(case["expect"].as_array().unwrap().iter().map(|at| at.as_i64().unwrap()).collect()),
            Some("never") => Err(Beyond::Never),
            Some("too-far") => Err(Beyond::TooFar),
            Some("too-many") => Err(Beyond::TooMany),
            Some(other) => panic!("{other}"),
        };
        assert_eq!(got, expect, "{line}");
        match got {
            Ok(all) => (expanded, occurrences) = (expanded + 1, occurrences + all.len()),
            Err(_) => refused += 1,
        }
    }
    println!("{expanded} rules, {occurrences} occurrences, as dateutil; {refused} refused, as it says");
    assert!(expanded >= 500 && refused >= 100, "{expanded} expanded, {refused} refused");
}
