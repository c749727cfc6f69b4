//! What the machine does meanwhile: the disk, stolen time, memory of a process.

use std::io::Write;
use std::path::Path;
use std::time::Instant as Tick;

/// Median µs of a write of 8 KiB and its `fdatasync`: what one durable commit costs at least.
pub fn fdatasync_us(folder: &Path) -> std::io::Result<f64> {
    let path = folder.join("fdatasync.probe");
    let mut file = std::fs::File::create(&path)?;
    let mut took = Vec::new();
    for _ in 0..60 {
        let begun = Tick::now();
        file.write_all(&[7; 8192])?;
        file.sync_data()?;
        took.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    std::fs::remove_file(path)?;
    Ok(median(&took))
}

/// Jiffies: stolen by the host, and all.
pub struct Steal(f64, f64);

impl Steal {
    /// Reads the clock of `/proc/stat`; zeros where there is none.
    pub fn now() -> Self {
        let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let cpu: Vec<f64> =
            text.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8).filter_map(|n| n.parse().ok()).collect();
        Self(cpu.get(7).copied().unwrap_or(0.0), cpu.iter().sum())
    }

    /// The share stolen since, in per cent.
    pub fn percent(&self) -> f64 {
        let Steal(stolen, all) = Self::now();
        100.0 * (stolen - self.0) / (all - self.1).max(1.0)
    }
}

/// Cores, kernel and load of this machine.
pub fn describe() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, Linux {}, load {}", read("/proc/sys/kernel/osrelease"), read("/proc/loadavg"))
}

/// `VmRSS` or `VmHWM` of a process in MiB.
pub fn memory_mib(pid: u32, field: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next()).and_then(|n| n.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// The value in the middle; 0 of nothing.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value below which that share lies.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(0.0)
}
