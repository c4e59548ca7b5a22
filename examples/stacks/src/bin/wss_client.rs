//! A client for `wss://`: blocking, over rustls. Sends a message, and prints the reply.
//!
//!     cargo run --bin wss_client -- --connect wss://localhost:9443/ --ca ca.pem --message hello
//!
//! It trusts the authority in the file, and no other; the roots of the web are in the crate
//! `webpki-roots`, and those of the system in `rustls-native-certs`.

use std::error::Error;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use wsproto::{CloseCode, CloseReason, Event, Inbox, Request, blocking};

/// Sends a WebSocket message over TLS, and prints the reply
#[derive(Parser)]
struct Options {
    /// The server, such as wss://localhost:9443/
    #[arg(long, value_name = "URI", value_parser = secure)]
    connect: Request,
    /// The certificate of the authority to trust
    #[arg(long, value_name = "FILE")]
    ca: PathBuf,
    /// What to send
    #[arg(long, value_name = "TEXT")]
    message: String,
}

fn secure(uri: &str) -> Result<Request, String> {
    match Request::from_uri(uri) {
        Ok(request) if !request.is_secure() => Err("not a wss URI".into()),
        other => other.map_err(|error| error.to_string()),
    }
}

fn main() -> ExitCode {
    match ask(&Options::parse()) {
        Ok(reply) => println!("{reply}"),
        Err(error) => {
            eprintln!("wss_client: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn ask(options: &Options) -> Result<String, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&options.ca)?)?;
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();

    let request = &options.connect;
    let stream = TcpStream::connect((request.host(), request.port()))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    // The name that the certificate has to be for is that of the URI.
    let name = ServerName::try_from(request.host().to_owned())?;
    let tls = StreamOwned::new(ClientConnection::new(Arc::new(config), name)?, stream);

    let mut inbox = Inbox::new();
    let mut socket = blocking::connect(tls, request, &mut inbox)?.socket;
    socket.send_text(&options.message)?;
    let reply = loop {
        match socket.receive(&mut inbox)? {
            Event::Text(text) => break text.into_string(),
            Event::Binary(_) | Event::Ping(_) | Event::Pong(_) => {}
            Event::Close(close) => return Err(format!("closed with {}", close.code()).into()),
        }
    };
    let mut closing = socket.close(CloseCode::NORMAL, CloseReason::default());
    let close = closing.receive_close(&mut inbox)?;
    // A client waits for the server to end the transport.
    closing.finish(close).end_with(|_| Ok(()))?;
    Ok(reply)
}
