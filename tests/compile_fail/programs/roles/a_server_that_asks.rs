//! A server does not send the request.

use given::given;
use wsproto::*;

pub fn main() {
    let request = Request::new("example.com", "/").unwrap();
    #[cfg(refused)] // E0599
    let client = Handshaking::<Server>::start_with(&request, given(), [7; 32], &mut given());
    #[cfg(allowed)]
    let client = Handshaking::<Client>::start_with(&request, given(), [7; 32], &mut given());
    let _ = client.eof();
}
