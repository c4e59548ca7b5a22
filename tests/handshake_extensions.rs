//! RFC 6455 9.1: what is offered, answered and confirmed, by extensions from outside the crate.

mod handshake_common;

use std::cell::RefCell;

use handshake_common::client::{SEED, answer, propose, request};
use handshake_common::{Edits, every_cut, text};
use wsproto::HandshakeError as E;
use wsproto::{
    Acceptance, Answer, ClientProgress, Extension, ExtensionHeader, ExtensionList, Handshaking,
    Inbox, InvalidAnswer, Limits, Negotiate, Outbox, Rsv, Server, ServerProgress,
};

/// An extension that changes nothing: it offers `offers`, takes `take` entries of the answer, and
/// notes them.
struct Noting<'a> {
    offers: u8,
    take: u8,
    noted: &'a RefCell<Vec<String>>,
}

struct Noted;

impl Extension for Noted {
    const RSV: Rsv = Rsv::NONE;
    type Encoder = ();
    type Decoder = ();

    fn split(self) -> ((), ()) {
        ((), ())
    }
}

impl Negotiate for Noting<'_> {
    type Agreed = Noted;

    fn offer(&self, offers: &mut ExtensionHeader) {
        for level in 0..self.offers {
            offers.entry("x-note").flag("a").param("level", level);
        }
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Noted, InvalidAnswer> {
        for _ in 0..self.take {
            let Some(entry) = answer.take("x-note") else {
                break;
            };
            if entry.params().any(|(name, _)| name == "illegal") {
                return Err(InvalidAnswer);
            }
            self.noted.borrow_mut().push(format!("{entry:?}"));
        }
        Ok(Noted)
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Noted {
        if let Some(offer) = offers.named("x-note").next() {
            let mut entry = answer.entry(offer.name());
            for (name, value) in offer.params() {
                match value {
                    Some(value) => entry.param(name, value),
                    None => entry.flag(name),
                };
            }
        }
        Noted
    }
}

#[test]
fn row_1_25_an_extension_takes_its_own_entries_and_what_is_left_fails_the_handshake() {
    let negotiate = |take: u8, header: &str| {
        let line = format!("Sec-WebSocket-Extensions: {header}");
        every_cut(&answer(&[("", &[&line])]), |pieces| {
            let noted = RefCell::new(vec![]);
            let proposal = Noting {
                offers: 1,
                take,
                noted: &noted,
            };
            let result = propose(proposal, Limits::default(), pieces).map(|_| ());
            result.map(|()| noted.into_inner())
        })
    };
    let entry = r#"x-note([("a", None), ("level", Some("0"))])"#.to_string();
    assert_eq!(
        negotiate(1, "x-note; a; level=\"0\""),
        Ok(vec![entry.clone()])
    );
    assert_eq!(negotiate(2, "x-note;a;level=0"), Ok(vec![entry.clone()]));
    assert_eq!(
        negotiate(2, "x-note;a;level=0, x-note"),
        Ok(vec![entry, "x-note([])".into()])
    );
    assert_eq!(
        negotiate(1, "x-note; illegal"),
        Err(E::InvalidExtensionAnswer)
    );
    for left in [
        "x-note, x-note",
        "x-note, other",
        "other, x-note",
        "X-Note",
        "other",
    ] {
        assert_eq!(negotiate(1, left), Err(E::UnofferedExtension), "{left}");
    }
    assert_eq!(negotiate(1, "x-note;"), Err(E::InvalidExtensions));
}

#[test]
fn an_offer_and_an_answer_go_out_as_they_were_written() {
    let noted = RefCell::new(vec![]);
    let propose = |offers| Noting {
        offers,
        take: 1,
        noted: &noted,
    };
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let limits = Limits::default();
    let client = Handshaking::propose(&request(), propose(2), limits, SEED, &mut outbox);
    let sent = text(&mut outbox);
    let offer = "\r\nSec-WebSocket-Extensions: x-note; a; level=0, x-note; a; level=1\r\n";
    assert!(sent.contains(offer), "{sent}");

    inbox.extend(sent.as_bytes());
    let server = Handshaking::<Server>::new(limits);
    let Ok(ServerProgress::Requested(requested)) = server.receive(&mut inbox) else {
        panic!("the request is all right");
    };
    let _open = requested.accept_with(propose(0), Acceptance::default(), &mut outbox);
    let sent = text(&mut outbox);
    assert!(sent.ends_with("\r\nSec-WebSocket-Extensions: x-note; a; level=0\r\n\r\n"));

    inbox.extend(sent.as_bytes());
    assert!(matches!(
        client.receive(&mut inbox),
        Ok(ClientProgress::Open(_))
    ));
    assert_eq!(
        *noted.borrow(),
        [r#"x-note([("a", None), ("level", Some("0"))])"#]
    );
}

/// An extension that may be declined.
struct Maybe;

impl Negotiate for Maybe {
    type Agreed = Option<Noted>;

    fn offer(&self, offers: &mut ExtensionHeader) {
        offers.entry("x-maybe");
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Option<Noted>, InvalidAnswer> {
        Ok(answer.take("x-maybe").map(|_| Noted))
    }

    fn answer(self, _: ExtensionList<'_>, _: &mut ExtensionHeader) -> Option<Noted> {
        None
    }
}

#[test]
fn a_client_can_require_an_extension() {
    let require = |edits: Edits<'_>| match propose(Maybe, Limits::default(), &[&answer(edits)]) {
        Ok((ClientProgress::Open(accepted), _)) => accepted.require().map(|_| ()),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        require(&[("", &["Sec-WebSocket-Extensions: x-maybe"])]),
        Ok(())
    );
    assert_eq!(require(&[]), Err(E::ExtensionDeclined));
}
