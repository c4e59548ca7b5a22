//! `wss_server` and `wss_client` as they are run: who is not trusted, or is another, is not talked to.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

struct Server {
    child: Child,
    port: String,
    ca: PathBuf,
}

impl Server {
    fn start(name: &str) -> Self {
        let ca = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pem"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_wss_server"))
            .args(["--listen", "127.0.0.1:0", "--write-ca"])
            .arg(&ca)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("listening on wss://localhost:");
        let port = port.unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { child, port, ca }
    }

    fn ask(&self, host: &str, ca: &Path) -> Output {
        Command::new(env!("CARGO_BIN_EXE_wss_client"))
            .args(["--connect", &format!("wss://{host}:{}/", self.port)])
            .args(["--message", "Grüße", "--ca"])
            .arg(ca)
            .output()
            .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn who_trusts_the_authority_gets_an_echo() {
    let server = Server::start("trusted");
    let asked = server.ask("localhost", &server.ca);
    assert!(asked.status.success(), "{asked:?}");
    assert_eq!(String::from_utf8(asked.stdout).unwrap(), "Grüße\n");
}

#[test]
fn who_trusts_another_authority_does_not_talk_to_the_server() {
    let (server, other) = (Server::start("one"), Server::start("other"));
    refused(
        &server.ask("localhost", &other.ca),
        "invalid peer certificate",
    );
}

#[test]
fn a_certificate_is_for_a_name() {
    let server = Server::start("named");
    refused(&server.ask("127.0.0.1", &server.ca), "not valid for name");
}

fn refused(asked: &Output, why: &str) {
    assert_eq!(asked.status.code(), Some(1), "{asked:?}");
    assert!(asked.stdout.is_empty(), "{asked:?}");
    let told = String::from_utf8_lossy(&asked.stderr);
    assert!(told.contains(why), "{told}");
}
