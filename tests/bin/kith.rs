//! The `kith` program, for tests. It can be made to panic from outside, which the product cannot: with `KITH_PANICS_WITH`
//! a thread of it panics as soon as nobody holds the other end of that socket any more.

use std::{io::Read as _, os::unix::net::UnixStream};

fn main() -> std::process::ExitCode {
    if let Some(socket) = std::env::var_os("KITH_PANICS_WITH") {
        std::thread::spawn(move || {
            let heard = UnixStream::connect(socket).and_then(|mut link| link.read(&mut [0]));
            assert!(heard.is_err(), "Lena Marsh saw it");
        });
    }
    kith_tui::main()
}
