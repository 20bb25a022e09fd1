//! The peer: age, curl and nginx, each as its own process, as people script them.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use kith_tests::tools;

/// A web server with TLS in a folder, and a key to seal to.
pub(crate) struct Peer {
    folder: PathBuf,
    recipient: String,
    address: String,
    server: Child,
    age: PathBuf,
    curl: PathBuf,
}

impl Peer {
    /// Starts the server; none when a program is missing, after saying so.
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        let what = "the peer (Debian packages age, curl, nginx-light, openssl)";
        let [age, keygen, curl, openssl] =
            ["age", "age-keygen", "curl", "openssl"].map(|name| tools::find(name, what));
        let (age, keygen, curl, openssl) = (age?, keygen?, curl?, openssl?);
        let aside = PathBuf::from("/usr/sbin/nginx");
        let nginx = if aside.is_file() { aside } else { tools::find("nginx", what)? };
        fs::create_dir_all(folder.join("files")).expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).expect("a port").port();
        quiet(Command::new(keygen).args(["-o", "key.txt"]).current_dir(folder));
        let key = fs::read_to_string(folder.join("key.txt")).expect("a key");
        let recipient =
            key.lines().find_map(|line| line.strip_prefix("# public key: ")).expect("a recipient");
        let names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
        quiet(
            Command::new(openssl)
                .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
                .args(["-keyout", "tls.key", "-out", "tls.crt", "-days", "2"])
                .args(names)
                .current_dir(folder),
        );
        fs::write(folder.join("nginx.conf"), settings(folder, port)).expect("settings are written");
        let server = Command::new(nginx)
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .arg("-p")
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx starts");
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "nginx listens");
            std::thread::park_timeout(Duration::from_millis(10));
        }
        let (folder, recipient) = (folder.to_owned(), recipient.to_owned());
        Some(Self { folder, recipient, address: format!("https://localhost:{port}/it"), server, age, curl })
    }

    /// Seals, uploads, downloads and opens `file`.
    pub(crate) fn round(&self, file: &Path) -> Duration {
        let started = Instant::now();
        let curl = || {
            let mut curl = Command::new(&self.curl);
            curl.args(["-sS", "-f", "--cacert", "tls.crt"]).current_dir(&self.folder);
            curl
        };
        let age = || {
            let mut age = Command::new(&self.age);
            age.current_dir(&self.folder);
            age
        };
        quiet(age().args(["-r", &self.recipient, "-o", "sealed"]).arg(file));
        quiet(curl().args(["-T", "sealed", &self.address]));
        quiet(curl().args(["-o", "fetched", &self.address]));
        quiet(age().args(["-d", "-i", "key.txt", "-o", "opened", "fetched"]));
        let time = started.elapsed();
        let length = |path: &Path| fs::metadata(path).map_or(0, |one| one.len());
        assert_eq!(
            length(file),
            length(&self.folder.join("opened")),
            "the peer gives back what it was given"
        );
        for name in ["sealed", "fetched", "opened", "files/it"] {
            fs::remove_file(self.folder.join(name)).expect("it was written");
        }
        time
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // nginx ends its workers when it is told to; killed, it would leave them.
        let _told = Command::new("kill").arg(self.server.id().to_string()).status();
        let _ended = self.server.wait();
    }
}

fn quiet(command: &mut Command) {
    let done = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(done.is_ok_and(|status| status.success()), "{command:?}");
}

fn settings(folder: &Path, port: u16) -> String {
    let at = folder.display();
    let user = if fs::metadata("/proc/self").is_ok_and(is_root) { "user root;" } else { "" };
    format!(
        "{user} worker_processes 2; daemon off; pid {at}/pid; error_log {at}/errors;
events {{ worker_connections 256; }}
http {{
    access_log off; client_max_body_size 1g; sendfile on; tcp_nopush on;
    client_body_temp_path {at}/t1; proxy_temp_path {at}/t2; fastcgi_temp_path {at}/t3;
    uwsgi_temp_path {at}/t4; scgi_temp_path {at}/t5;
    server {{
        listen 127.0.0.1:{port} ssl http2; root {at}/files;
        ssl_certificate {at}/tls.crt; ssl_certificate_key {at}/tls.key; ssl_protocols TLSv1.3;
        location / {{ dav_methods PUT DELETE; }}
    }}
}}
"
    )
}

#[cfg(unix)]
#[expect(clippy::needless_pass_by_value, reason = "it stands where metadata is given")]
fn is_root(own: fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    own.uid() == 0
}

#[cfg(not(unix))]
fn is_root(_: fs::Metadata) -> bool {
    false
}
