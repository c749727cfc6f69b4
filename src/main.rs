//! The binary: see `shangliang::cli`.

fn main() -> std::process::ExitCode {
    shangliang::cli::main()
}
