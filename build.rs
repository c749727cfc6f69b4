//! Makes the table of the screens that the binary carries: every file of `web/dist`, with its precompressed siblings.
//! While `web/dist` is empty (a bare `cargo run`) the table is empty too, and the server says how to build them.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let dist = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=web/dist");
    // Cargo takes a folder that is not there for changed, and would build everything anew each time.
    std::fs::create_dir_all(&dist)?;
    let mut all = Vec::new();
    files(&dist, &mut all);
    all.sort();
    let mut table = String::from("&[\n");
    for file in all.iter().filter(|file| !file.extension().is_some_and(|e| e == "br" || e == "gz")) {
        let name = file.strip_prefix(&dist)?.to_str().ok_or("a file name that is not UTF-8")?;
        let packed = |how: &str| {
            let sibling = PathBuf::from(format!("{}.{how}", file.display()));
            if all.contains(&sibling) { format!("Some(include_bytes!({:?}))", sibling.display().to_string()) } else { "None".into() }
        };
        writeln!(table, "    ({name:?}, include_bytes!({:?}), {}, {}),", file.display().to_string(), packed("br"), packed("gz"))?;
    }
    table.push(']');
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("screens.rs");
    Ok(std::fs::write(out, table)?)
}
