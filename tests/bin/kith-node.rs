//! The program of a node, for tests: the same few lines as `exchange/src/main.rs`.

fn main() -> std::process::ExitCode {
    kith_exchange::node::cli::run()
}
