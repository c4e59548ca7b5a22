//! A request is made of parts that were looked at.

use given::given;
use wsproto::*;

pub fn main() {
    let request = Request::new("example.com", "/").unwrap();
    #[cfg(refused)] // E0308
    let client = Handshaking::<Client>::start_with("GET /", given(), [7; 32], &mut given());
    #[cfg(allowed)]
    let client = Handshaking::<Client>::start_with(&request, given(), [7; 32], &mut given());
    let _ = client.eof();
}
