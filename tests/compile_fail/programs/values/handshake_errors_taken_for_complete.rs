//! The list of errors of a handshake may grow.

use given::given;
use wsproto::*;

/// All that there are today.
macro_rules! known {
    () => {
        HandshakeError::EarlyEof { .. }
            | HandshakeError::HeadTooLong { .. }
            | HandshakeError::TooManyHeaders { .. }
            | HandshakeError::BareLineFeed { .. }
            | HandshakeError::ControlCharacter { .. }
            | HandshakeError::FoldedHeader { .. }
            | HandshakeError::MalformedStartLine { .. }
            | HandshakeError::InvalidHeaderName { .. }
            | HandshakeError::HttpVersion { .. }
            | HandshakeError::MethodNotGet { .. }
            | HandshakeError::InvalidTarget { .. }
            | HandshakeError::MissingHost { .. }
            | HandshakeError::DuplicateHost { .. }
            | HandshakeError::InvalidHost { .. }
            | HandshakeError::MissingUpgrade { .. }
            | HandshakeError::MissingConnection { .. }
            | HandshakeError::MissingVersion { .. }
            | HandshakeError::DuplicateVersion { .. }
            | HandshakeError::InvalidVersion { .. }
            | HandshakeError::UnsupportedVersion { .. }
            | HandshakeError::MissingKey { .. }
            | HandshakeError::DuplicateKey { .. }
            | HandshakeError::InvalidKey { .. }
            | HandshakeError::RequestBody { .. }
            | HandshakeError::InvalidOrigin { .. }
            | HandshakeError::InvalidSubprotocols { .. }
            | HandshakeError::InvalidExtensions { .. }
            | HandshakeError::TooManyInterimAnswers { .. }
            | HandshakeError::MissingAccept { .. }
            | HandshakeError::DuplicateAccept { .. }
            | HandshakeError::WrongAccept { .. }
            | HandshakeError::UnofferedSubprotocol { .. }
            | HandshakeError::DuplicateSubprotocol { .. }
            | HandshakeError::UnofferedExtension { .. }
            | HandshakeError::InvalidExtensionAnswer { .. }
            | HandshakeError::ExtensionDeclined { .. }
            | HandshakeError::InvalidBody { .. }
    };
}

pub fn main() {
    let error: HandshakeError = given::<Handshaking<Server>>().eof();
    #[cfg(refused)] // E0004
    match error { known!() => {} }
    #[cfg(allowed)]
    match error { known!() => {} _ => {} }
}
