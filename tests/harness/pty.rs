//! A program in a pseudo-terminal, its screen kept by a terminal model; nothing sleeps, everything waits for a state.

use std::{
    io::{Read, Write},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A running program and what it shows.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    chunks: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    /// Everything the program wrote, as it came.
    pub written: Vec<u8>,
    started: Instant,
}

impl Terminal {
    /// Starts `command` with `args` and `env` on a screen of `rows` by `cols`.
    ///
    /// # Panics
    /// When no pseudo-terminal can be had or the program does not start.
    #[must_use]
    pub fn start(command: &str, args: &[&str], env: &[(&str, &str)], (rows, cols): (u16, u16)) -> Self {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut builder = CommandBuilder::new(command);
        builder.args(args);
        builder.env("TERM", "xterm-256color");
        builder.env("LC_ALL", "C.UTF-8");
        builder.env_remove("NO_COLOR");
        for (name, value) in env {
            builder.env(name, value);
        }
        let keys = pty.master.take_writer().expect("a writer");
        let mut output = pty.master.try_clone_reader().expect("a reader");
        let (send, chunks) = channel();
        let started = Instant::now();
        let child = pty.slave.spawn_command(builder).expect("the program starts");
        drop(pty.slave);
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(n @ 1..) = output.read(&mut buffer) {
                if send.send((Instant::now(), buffer[..n].to_vec())).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(rows, cols, 0);
        Self { child, master: pty.master, keys, chunks, screen, written: Vec::new(), started }
    }

    /// The process id, for accounting.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.process_id()
    }

    /// What stands on the screen now, line by line.
    #[must_use]
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Row and column of the cursor, and whether it is shown.
    #[must_use]
    pub fn cursor(&self) -> (u16, u16, bool) {
        let (row, col) = self.screen.screen().cursor_position();
        (row, col, !self.screen.screen().hide_cursor())
    }

    /// Sends keys as bytes.
    ///
    /// # Panics
    /// When the program has gone.
    pub fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("keys reach the program");
        self.keys.flush().expect("keys reach the program");
    }

    /// Changes the size of the screen.
    ///
    /// # Panics
    /// When the pseudo-terminal refuses.
    pub fn resize(&mut self, rows: u16, cols: u16) {
        self.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("a resize");
        self.screen.screen_mut().set_size(rows, cols);
    }

    fn take(&mut self, until: Instant) -> Result<Instant, RecvTimeoutError> {
        let (at, chunk) = self.chunks.recv_timeout(until.saturating_duration_since(Instant::now()))?;
        self.screen.process(&chunk);
        self.written.extend_from_slice(&chunk);
        Ok(at)
    }

    /// Waits until `wanted` stands on the screen; gives the time since `since` (the start when none).
    ///
    /// # Panics
    /// When it does not appear in `patience`; shows the screen then.
    pub fn wait_for(&mut self, wanted: &str, since: Option<Instant>, patience: Duration) -> Duration {
        let since = since.unwrap_or(self.started);
        let at = self.wait_until(wanted, |terminal| terminal.text().contains(wanted), patience);
        at.saturating_duration_since(since)
    }

    /// Waits until the screen and the cursor are as `holds` says; gives the time of the last output before that.
    ///
    /// # Panics
    /// When they are not in `patience`; shows the screen then.
    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool, patience: Duration) -> Instant {
        let until = Instant::now() + patience;
        let mut at = Instant::now();
        while !holds(self) {
            match self.take(until) {
                Ok(time) => at = time,
                Err(_) => panic!("`{what}` did not appear; the screen:\n{}", self.text()),
            }
        }
        at
    }

    /// The line of the screen that the shown cursor stands on.
    #[must_use]
    pub fn cursor_line(&self) -> Option<String> {
        let (row, _, shown) = self.cursor();
        let line = self.text().lines().nth(usize::from(row)).map(str::to_owned);
        line.filter(|_| shown)
    }

    /// Sends a key and gives the time until the first output that changes the screen.
    pub fn time_key(&mut self, key: &str, patience: Duration) -> Option<Duration> {
        self.drain();
        let before = self.screen.screen().contents_formatted();
        let sent = Instant::now();
        self.keys(key);
        let until = sent + patience;
        loop {
            let at = self.take(until).ok()?;
            if self.screen.screen().contents_formatted() != before {
                return Some(at.saturating_duration_since(sent));
            }
        }
    }

    /// Sends a key and gives the times until the first output that changes the screen and until the last output before
    /// `quiet` without any.
    pub fn time_settled(
        &mut self,
        key: &str,
        patience: Duration,
        quiet: Duration,
    ) -> Option<(Duration, Duration)> {
        self.drain();
        let before = self.screen.screen().contents_formatted();
        let sent = Instant::now();
        self.keys(key);
        let (mut first, mut last) = (None, sent);
        while let Ok(at) = self.take(if first.is_some() { last + quiet } else { sent + patience }) {
            last = at;
            if first.is_none() && self.screen.screen().contents_formatted() != before {
                first = Some(at.saturating_duration_since(sent));
            }
        }
        first.map(|first| (first, last.saturating_duration_since(sent)))
    }

    /// Takes in what has come without waiting.
    pub fn drain(&mut self) {
        while let Ok((_, chunk)) = self.chunks.try_recv() {
            self.screen.process(&chunk);
            self.written.extend_from_slice(&chunk);
        }
    }

    /// Takes what is on its way until nothing has come for a moment, then says whether nothing comes for `time`.
    pub fn quiet_for(&mut self, time: Duration) -> bool {
        while self.take(Instant::now() + Duration::from_millis(500)).is_ok() {}
        self.take(Instant::now() + time).is_err()
    }

    /// Waits until the program has ended; gives its exit code.
    ///
    /// # Panics
    /// When it does not end in `patience`.
    pub fn wait_end(&mut self, patience: Duration) -> u32 {
        let until = Instant::now() + patience;
        loop {
            match self.take(until) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("the program did not end; the screen:\n{}", self.text())
                }
            }
        }
        self.child.wait().map_or(1, |status| status.exit_code())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
