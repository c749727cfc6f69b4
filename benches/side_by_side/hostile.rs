//! What it costs to refuse a recurrence rule nobody means well with.

use crate::sides::{Aim, Done, Report};
use crate::world::World;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde_json::{Value, json};
use shangliang::demo::client::Client;

#[path = "../../tests/hostile.rs"]
mod rules;

/// Asked so often each; the mean counts, since the clock of a process also runs for what is done beside.
const TIMES: i64 = 10;

/// CPU time of this process so far, in ms: server, client, and whatever else runs in it.
fn cpu_ms() -> Done<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let ms = |time: TimeVal| time.tv_sec() as f64 * 1e3 + time.tv_usec() as f64 / 1e3;
    Ok(ms(usage.user_time()) + ms(usage.system_time()))
}

pub fn measure(world: &World, report: &mut Report) -> Done<Value> {
    let client = Client::new(&format!("http://{}", world.address)).with_token(world.tokens.borrow().first().map(String::as_str));
    let mut each = Vec::new();
    for rule in rules::rules() {
        let wish = world.series_wish(0, &rule);
        let before = cpu_ms()?;
        for _ in 0..TIMES {
            client.post("/api/v1/series/preview", &wish)?.expect(422, &rule.chars().take(60).collect::<String>())?;
        }
        each.push(((cpu_ms()? - before) / TIMES as f64, rule));
    }
    each.sort_by(|a, b| b.0.total_cmp(&a.0));
    let costs: Vec<f64> = each.iter().map(|(ms, _)| *ms).collect();
    let slowest = each.first().map(|(ms, rule)| (*ms, rule.chars().take(60).collect::<String>())).ok_or("no rules")?;
    report.line(format!(
        "\n{} hostile rules, answered 422; CPU of client and server together: median {:.2} ms",
        each.len(),
        crate::machine::median(&costs)
    ));
    let name = format!("CPU ms to refuse the dearest hostile rule ({})", slowest.1.replace('|', "/"));
    let aim = report.aim(&name, &[slowest.0], 2, Aim::AtMost(20.0));
    Ok(json!({"rules": each.len(), "median_ms": crate::machine::median(&costs), "aim": aim}))
}
