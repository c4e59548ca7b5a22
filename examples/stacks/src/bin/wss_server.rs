//! An echo server for `wss://`: blocking, over rustls.
//!
//!     cargo run --bin wss_server -- --listen 127.0.0.1:9443 --write-ca ca.pem
//!
//! It makes a certificate authority of its own, which signs a certificate for `localhost`, and
//! writes the authority's certificate to a file: a client that is given it can check who it talks
//! to. No private key leaves the program.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Parser;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use wsproto::{CloseStatus, Event, Inbox, blocking};

/// Echoes WebSocket messages, over TLS
#[derive(Parser)]
struct Options {
    /// Where to listen; port 0 picks a free port
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: String,
    /// Where to write the certificate that clients need
    #[arg(long, value_name = "FILE")]
    write_ca: PathBuf,
}

fn main() -> ExitCode {
    let Err(error) = listen(&Options::parse());
    eprintln!("wss_server: {error}");
    ExitCode::FAILURE
}

fn listen(options: &Options) -> Result<std::convert::Infallible, Box<dyn Error>> {
    let (config, ca) = certified()?;
    let config = Arc::new(config);
    fs::write(&options.write_ca, ca)?;
    let listener = TcpListener::bind(&options.listen)?;
    let port = listener.local_addr()?.port();
    println!("listening on wss://localhost:{port}");
    loop {
        let (stream, peer) = listener.accept()?;
        let tls = StreamOwned::new(ServerConnection::new(config.clone())?, stream);
        thread::spawn(move || match echo(tls) {
            Ok(code) => eprintln!("{peer}: closed with {code}"),
            Err(error) => eprintln!("{peer}: {error}"),
        });
    }
}

/// A server's configuration with a fresh certificate, and that of its authority.
fn certified() -> Result<(ServerConfig, String), Box<dyn Error>> {
    let mut authority = CertificateParams::new([])?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let ca = authority.self_signed(&key)?.pem();
    let issuer = Issuer::new(authority, key);

    let key = KeyPair::generate()?;
    let certificate =
        CertificateParams::new([String::from("localhost")])?.signed_by(&key, &issuer)?;
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())?;
    Ok((config, ca))
}

/// One connection; the TLS handshake is made on the way, with the first bytes.
fn echo(tls: StreamOwned<ServerConnection, TcpStream>) -> Result<CloseStatus, wsproto::Error> {
    // A handshake, or a silence, may not take for ever.
    tls.sock.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut inbox = Inbox::new();
    let mut socket = blocking::accept(tls, &mut inbox)?;
    let mut closed = loop {
        match socket.receive(&mut inbox)? {
            Event::Text(text) => socket.feed_text(&text)?,
            Event::Binary(data) => socket.feed_binary(&data)?,
            Event::Ping(_) | Event::Pong(_) => {}
            Event::Close(close) => break socket.acknowledge(close),
        }
    };
    Ok(closed.end_with(close_notify)?.code())
}

/// Ends the writing side: of TLS, so that the end cannot be forged, and then of TCP.
fn close_notify(tls: &mut StreamOwned<ServerConnection, TcpStream>) -> io::Result<()> {
    tls.conn.send_close_notify();
    tls.flush()?;
    tls.sock.shutdown(Shutdown::Write)?;
    tls.sock.set_read_timeout(Some(Duration::from_secs(1)))
}
