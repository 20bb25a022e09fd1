//! The command line: the same commands as the screens, for scripts.

/// Runs `kith` and gives its exit code.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
