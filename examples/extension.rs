//! An extension to start your own from: it rotates every byte by a number that the two ends agree
//! on, and owns RSV2. The guide's page *Writing an extension* goes through it.

use std::error::Error;

use wsproto::{
    Answer, Client, ClientProgress, Coding, Decode, Encode, Entropy, Event, Extension,
    ExtensionEntry, ExtensionHeader, ExtensionList, Handshaking, Inbox, InvalidAnswer,
    InvalidCoding, Limits, Narrowed, Negotiate, Outbox, Pool, Progress, Request, Rsv, Server,
    ServerProgress,
};

/// What was agreed: to rotate by this much.
struct Rotate {
    by: u8,
}

impl Extension for Rotate {
    const RSV: Rsv = Rsv::RSV2;
    type Encoder = Rotator;
    type Decoder = Rotator;

    fn split(self) -> (Rotator, Rotator) {
        (
            Rotator { by: self.by },
            Rotator {
                by: self.by.wrapping_neg(),
            },
        )
    }
}

/// One direction.
struct Rotator {
    by: u8,
}

impl Encode for Rotator {
    fn begin(&mut self, len: Option<usize>) -> (Rsv, Coding) {
        match len {
            // Nothing to rotate: the message goes without the bit, and `encode` is not called.
            Some(0) => (Rsv::NONE, Coding::Plain),
            _ => (Rsv::RSV2, Coding::Coded),
        }
    }

    fn encode(&mut self, payload: &[u8], _last: bool, output: &mut Vec<u8>, _: &mut Pool) {
        output.extend(payload.iter().map(|byte| byte.wrapping_add(self.by)));
    }
}

impl Decode for Rotator {
    fn begin(&mut self, rsv: Rsv) -> Coding {
        if rsv.is_empty() {
            Coding::Plain
        } else {
            Coding::Coded
        }
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        _last: bool,
        _: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        // As much as fits: the limits of the connection are held by the space it gives.
        let fits = input.len().min(output.capacity() - output.len());
        let (now, later) = input.split_at(fits);
        output.extend(now.iter().map(|byte| byte.wrapping_add(self.by)));
        *input = later;
        Ok(if later.is_empty() {
            Progress::Done
        } else {
            Progress::Full
        })
    }
}

/// What is proposed: a client offers to rotate by `by`, a server accepts up to that.
struct RotateOffer {
    by: u8,
}

/// The one parameter, if it is there once and is a number.
fn by(entry: ExtensionEntry<'_>) -> Option<u8> {
    let mut params = entry.params();
    match (params.next()?, params.next()) {
        (("by", Some(value)), None) => value.parse().ok(),
        _ => None,
    }
}

impl Negotiate for RotateOffer {
    /// A server may decline.
    type Agreed = Option<Rotate>;

    fn offer(&self, offers: &mut ExtensionHeader) {
        offers.entry("x-rotate").param("by", self.by);
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Option<Rotate>, InvalidAnswer> {
        // What nobody takes out of the answer fails the handshake.
        match answer.take("x-rotate") {
            None => Ok(None),
            Some(entry) if by(entry) == Some(self.by) => Ok(Some(Rotate { by: self.by })),
            Some(_) => Err(InvalidAnswer),
        }
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Option<Rotate> {
        // An offer that cannot be accepted is passed over; the next may do.
        let by = offers
            .named("x-rotate")
            .filter_map(by)
            .find(|by| *by <= self.by)?;
        answer.entry("x-rotate").param("by", by);
        Some(Rotate { by })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let limits = Limits::default();
    let (mut client_in, mut client_out) = (Inbox::new(), Outbox::new());
    let (mut server_in, mut server_out) = (Inbox::new(), Outbox::new());

    let request = Request::new("example.com", "/")?;
    let handshaking = Handshaking::<Client, _>::propose(
        &request,
        RotateOffer { by: 13 },
        limits,
        Entropy::from_os()?,
        &mut client_out,
    );
    server_in.extend(&client_out.bytes_to_send(None));
    let ServerProgress::Requested(requested) =
        Handshaking::<Server>::new(limits).receive(&mut server_in)?
    else {
        return Err("the request is not whole".into());
    };
    println!("the client offers {:?}", requested.extensions());
    let server = requested.accept_with(RotateOffer { by: 20 }, Default::default(), &mut server_out);
    client_in.extend(&server_out.bytes_to_send(None));
    let ClientProgress::Open(accepted) = handshaking.receive(&mut client_in)? else {
        return Err("the answer is not whole, or a refusal".into());
    };

    let (Narrowed::With(mut server), mut client) = (server.narrow(), accepted.require()?.open)
    else {
        return Err("the server has not agreed".into());
    };
    server.send_text("Hello", &mut server_out);
    let wire = server_out.bytes_to_send(None);
    println!("on the wire: {wire:02x?}");
    client_in.extend(&wire);
    match client.receive(&mut client_in, &mut client_out)? {
        Some(Event::Text(text)) => println!("the client hears {:?}", &*text),
        other => return Err(format!("the client hears {other:?}").into()),
    }
    Ok(())
}
