//! A text message does not go on as a binary one (RFC 6455 5.4).

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    #[cfg(refused)] // E0308
    let streaming: Streaming<Server, (), Binary> = open.start_text();
    #[cfg(allowed)]
    let streaming: Streaming<Server, (), Binary> = open.start_binary();
    let _ = streaming.eof();
}
