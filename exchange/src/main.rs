//! The `kith-node` program.

fn main() -> std::process::ExitCode {
    kith_exchange::node::cli::run()
}
