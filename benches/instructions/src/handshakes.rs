//! What it takes to open a connection: as a server, a browser's request with a cookie; as a client,
//! a request made and its answer checked.

use std::hint::black_box;

use wsproto::{
    Acceptance, Client, ClientProgress, ExtraHeaders, Handshaking, Inbox, Limits, Outbox, Request,
    Server, ServerProgress,
};

/// As a browser sends it: 12 headers, and 300 bytes in `Cookie`.
fn request() -> Vec<u8> {
    let cookie = "session=0123456789abcdef; ".repeat(12);
    format!(
        "GET /chat?room=1 HTTP/1.1\r\n\
         Host: server.example.com\r\n\
         Connection: Upgrade\r\n\
         Pragma: no-cache\r\n\
         Cache-Control: no-cache\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36\r\n\
         Upgrade: websocket\r\n\
         Origin: https://server.example.com\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Accept-Encoding: gzip, deflate, br, zstd\r\n\
         Accept-Language: en-US,en;q=0.9\r\n\
         Cookie: {}\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
        &cookie[..300]
    )
    .into()
}

pub fn server(times: usize) {
    let request = request();
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    for _ in 0..times {
        inbox.extend(black_box(&request));
        let handshaking = Handshaking::<Server>::new(Limits::default());
        let Ok(ServerProgress::Requested(requested)) = handshaking.receive(&mut inbox) else {
            panic!("the request is a whole one");
        };
        let _ = black_box(requested.accept(Acceptance::default(), &mut outbox));
        black_box(outbox.bytes_to_send(None));
    }
}

pub fn client(times: usize) {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let request = Request::new("server.example.com", "/chat?room=1").unwrap();
    let start = |outbox: &mut Outbox| {
        let limits = Limits::default();
        Handshaking::<Client>::start_with(black_box(&request), limits, [7; 32], outbox)
    };
    // The same seed gives the same key, and so the same answer.
    let _ = start(&mut outbox);
    inbox.extend(&outbox.bytes_to_send(None));
    let handshaking = Handshaking::<Server>::new(Limits::default());
    let Ok(ServerProgress::Requested(requested)) = handshaking.receive(&mut inbox) else {
        panic!("the request is a whole one");
    };
    let headers = ExtraHeaders::new()
        .with("Server", "example")
        .and_then(|headers| headers.with("Date", "Thu, 01 Jan 2026 00:00:00 GMT"))
        .unwrap();
    let _ = requested.accept(Acceptance::default().headers(headers), &mut outbox);
    let answer = outbox.bytes_to_send(None);
    for _ in 0..times {
        let handshaking = start(&mut outbox);
        black_box(outbox.bytes_to_send(None));
        inbox.extend(black_box(&answer));
        let Ok(ClientProgress::Open(accepted)) = handshaking.receive(&mut inbox) else {
            panic!("the answer is the right one");
        };
        let _ = black_box(accepted);
    }
}
