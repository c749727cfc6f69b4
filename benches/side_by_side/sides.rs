//! Sides that are measured in turn, what they did, and what is written about it.

use crate::load::Run;
use crate::machine::{self, Steal, median};
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;
use std::time::Duration;

pub type Done<T> = Result<T, Box<dyn Error>>;

/// Connections, and tasks that call the database.
pub const CROWD: usize = 64;

/// How long, how often, and over how much.
#[derive(Clone, Copy)]
pub struct Plan {
    pub runs: usize,
    pub time: Duration,
    /// Bookings of a young service …
    pub few: usize,
    /// … of one in whose database the program is started …
    pub some: usize,
    /// … and of an old one.
    pub many: usize,
}

impl Plan {
    pub fn quick() -> Self {
        Plan { runs: 1, time: Duration::from_millis(400), few: 500, some: 1_000, many: 5_000 }
    }
    pub fn full() -> Self {
        Plan { runs: 5, time: Duration::from_secs(2), few: 10_000, some: 100_000, many: 1_000_000 }
    }
    pub fn shorter(self, by: f64) -> Self {
        Plan { time: self.time.mul_f64(by), ..self }
    }
}

const BACKENDS: [&str; 2] = ["sqlite", "postgres"];
const PARTS: [&str; 12] =
    ["bookings", "availability", "rooms", "search", "series", "waitlist", "mixed", "latency", "rules", "statements", "process", "growth"];

/// Which parts were asked for by name; all unless any was.
pub struct Wanted(Vec<String>);

impl Wanted {
    pub fn read(arguments: impl Iterator<Item = String>) -> Done<Self> {
        let named: Vec<String> = arguments.filter(|argument| !argument.starts_with('-')).collect();
        let known = |name: &str| BACKENDS.contains(&name) || PARTS.contains(&name);
        match named.iter().find(|name| !known(name)) {
            Some(name) => Err(format!("there is no part {name}: {}; {}", BACKENDS.join(", "), PARTS.join(", ")).into()),
            None => Ok(Self(named)),
        }
    }

    fn of(&self, all: &[&str], name: &str) -> bool {
        self.0.iter().any(|wanted| wanted == name) || !self.0.iter().any(|wanted| all.contains(&wanted.as_str()))
    }
    pub fn backend(&self, name: &str) -> bool {
        self.of(&BACKENDS, name)
    }
    pub fn part(&self, name: &str) -> bool {
        self.of(&PARTS, name)
    }
    pub fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.part(name))
    }
    /// `side_by_side`, or with the parts in its name when it is not the whole.
    pub fn title(&self) -> String {
        std::iter::once("side_by_side").chain(self.0.iter().map(String::as_str)).collect::<Vec<_>>().join("-")
    }
}

/// One side of a comparison.
pub struct Side<'w> {
    pub name: String,
    pub run: Box<dyn Fn(Duration) -> Run + 'w>,
}

/// A side of that name.
pub fn side<'w>(name: impl Into<String>, run: impl Fn(Duration) -> Run + 'w) -> Side<'w> {
    Side { name: name.into(), run: Box::new(run) }
}

/// What one side did over all kept runs.
#[derive(Clone)]
pub struct Figures {
    pub per_second: Vec<f64>,
    pub p50: Vec<f64>,
    pub p99: Vec<f64>,
}

fn spread(values: &[f64]) -> Value {
    json!({"median": median(values), "min": machine::quantile(values, 0.0), "max": machine::quantile(values, 1.0)})
}

/// Median and range, with as many decimals.
pub fn shown(values: &[f64], decimals: usize) -> String {
    let [low, high] = [0.0, 1.0].map(|share| machine::quantile(values, share));
    format!("{:.decimals$} ({low:.decimals$}–{high:.decimals$})", median(values))
}

impl Figures {
    pub fn none() -> Self {
        Self { per_second: vec![], p50: vec![], p99: vec![] }
    }
    pub fn json(&self) -> Value {
        json!({"per_second": spread(&self.per_second), "p50_ms": spread(&self.p50), "p99_ms": spread(&self.p99)})
    }
}

/// What is aimed at.
#[derive(Clone, Copy)]
pub enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

impl Aim {
    fn met(self, measured: f64) -> bool {
        match self {
            Aim::AtLeast(aim) => measured >= aim,
            Aim::AtMost(aim) => measured <= aim,
        }
    }
}

impl std::fmt::Display for Aim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Aim::AtLeast(aim) => write!(f, "≥ {aim}"),
            Aim::AtMost(aim) => write!(f, "≤ {aim}"),
        }
    }
}

#[derive(Default)]
pub struct Report {
    pub markdown: String,
    pub json: serde_json::Map<String, Value>,
    pub discarded: usize,
    pub turned_away: usize,
    /// Whose figures come now.
    pub backend: String,
    /// Backend, what, measured, aim, met.
    aims: Vec<(String, String, String, Aim, bool)>,
}

impl Report {
    pub fn line(&mut self, line: impl AsRef<str>) {
        println!("{}", line.as_ref());
        self.markdown.push_str(line.as_ref());
        self.markdown.push('\n');
    }

    /// The head of a table, named after what its sides have in common.
    pub fn head(&mut self, of: &str) {
        self.line(format!("\n| {of} | per second: median (range) | p50 ms | p99 ms |\n|---|---|---|---|"));
    }

    pub fn row(&mut self, name: &str, figures: &Figures) {
        let Figures { per_second, p50, p99 } = figures;
        self.line(format!("| {name} | {} | {:.2} | {:.2} |", shown(per_second, 0), median(p50), median(p99)));
    }

    /// A table of sides, and their figures by name.
    pub fn table(&mut self, of: &str, sides: &[Side], figures: &[Figures]) -> Value {
        self.head(of);
        let mut all = serde_json::Map::new();
        for (side, figures) in sides.iter().zip(figures) {
            self.row(&side.name, figures);
            all.insert(side.name.clone(), figures.json());
        }
        all.into()
    }

    /// Something measured several times, whose median is aimed at.
    pub fn aim(&mut self, what: &str, values: &[f64], decimals: usize, aim: Aim) -> Value {
        let met = aim.met(median(values));
        let measured = shown(values, decimals);
        self.line(format!("\n{what}: **{measured}**, aim {aim}{}", if met { "" } else { ": missed" }));
        self.aims.push((self.backend.clone(), what.into(), measured, aim, met));
        json!({"what": what, "figures": spread(values), "aim": aim.to_string(), "met": met})
    }

    /// How often the first side did it for once of the other, run by run.
    pub fn ratio(&mut self, name: &str, of: &Figures, to: &Figures, aim: Option<f64>) -> Value {
        let each: Vec<f64> = of.per_second.iter().zip(&to.per_second).map(|(a, b)| a / b).collect();
        match aim {
            Some(aim) => self.aim(name, &each, 2, Aim::AtLeast(aim)),
            None => {
                self.line(format!("\n{name}: {}", shown(&each, 2)));
                json!({"what": name, "figures": spread(&each)})
            }
        }
    }

    /// Which aim was met.
    pub fn end(&mut self) {
        self.backend.clear();
        self.line("\n## Aims\n\n| database | what | measured: median (range) | aim | met |\n|---|---|---|---|---|");
        for (backend, what, measured, aim, met) in std::mem::take(&mut self.aims) {
            self.line(format!("| {backend} | {what} | {measured} | {aim} | {} |", if met { "yes" } else { "**no**" }));
        }
        self.line(format!("\nRounds discarded for stolen time: {}", self.discarded));
        self.line(format!("Requests turned away: {}", self.turned_away));
        self.json.insert("discarded".into(), json!(self.discarded));
        self.json.insert("turned_away".into(), json!(self.turned_away));
    }
}

/// Runs the sides in turn, as often as planned, each after `before`; a round with stolen time is discarded.
pub fn in_turn(plan: Plan, folder: &Path, before: &dyn Fn() -> Done<()>, sides: &[Side], report: &mut Report) -> Done<Vec<Figures>> {
    let mut figures: Vec<Figures> = sides.iter().map(|_| Figures::none()).collect();
    let (mut kept, mut syncs) = (0, Vec::new());
    for _ in 0..plan.runs * 2 {
        if kept == plan.runs {
            break;
        }
        syncs.push(machine::fdatasync_us(folder)?);
        let steal = Steal::now();
        let mut round = Vec::new();
        for side in sides {
            before()?;
            let run = (side.run)(plan.time);
            // Turned away because the queue was full is an answer, and is shown; more than one in fifty is no measurement.
            if run.failed * 50 > run.done {
                return Err(format!("{}: {} failed, the first: {}", side.name, run.failed, run.first_failure.unwrap_or_default()).into());
            }
            if run.failed > 0 {
                let first = run.first_failure.as_deref().unwrap_or_default().lines().next().unwrap_or_default();
                report.line(format!("- {}: {} of {} were turned away ({first})", side.name, run.failed, run.done + run.failed));
                report.turned_away += run.failed;
            }
            round.push(run);
        }
        if steal.percent() > 5.0 {
            report.discarded += 1;
            continue;
        }
        kept += 1;
        for (figures, run) in figures.iter_mut().zip(&round) {
            figures.per_second.push(run.per_second());
            figures.p50.push(run.ms(0.5));
            figures.p99.push(run.ms(0.99));
        }
    }
    println!("(fdatasync before each round, µs: {})", syncs.iter().map(|us| format!("{us:.0}")).collect::<Vec<_>>().join(" "));
    if kept < plan.runs {
        report.line(format!("- only {kept} of {} rounds without stolen time", plan.runs));
    }
    if kept == 0 { Err("every run was discarded: the host steals too much time".into()) } else { Ok(figures) }
}
