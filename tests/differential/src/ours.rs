//! This crate, from the handshake on.

use std::cell::Cell;

use wsproto::{
    Acceptance, Answer, ClientProgress, Deflate, DeflateOffer, Event, Extension, ExtensionHeader,
    ExtensionList, Handshaking, Inbox, InvalidAnswer, Limits, Negotiate, Open, Outbox, Request,
    Role, Server, ServerProgress,
};

use crate::{Conversation, LIMIT, Lines, hex};

/// The key of the request is then `PgDvL4lfQNZ/W7joHwmloQ==`.
const SEED: [u8; 32] = [0; 32];

fn limits() -> Limits {
    Limits::default()
        .message_payload(LIMIT)
        .frame_payload(LIMIT)
}

pub fn hear(conversation: &Conversation<'_>) -> Lines {
    let mut lines = Lines::new();
    match (conversation.is_server, conversation.deflate) {
        (true, false) => server(conversation, (), &mut lines),
        (true, true) => server(conversation, DeflateOffer::default(), &mut lines),
        (false, false) => client(conversation, (), &mut lines),
        (false, true) => client(conversation, DeflateOffer::default(), &mut lines),
    }
    lines
}

/// Whether permessage-deflate was agreed to.
trait Agreed: Extension {
    fn word(&self) -> &'static str;
}

impl Agreed for () {
    fn word(&self) -> &'static str {
        "-"
    }
}

impl Agreed for Option<Deflate> {
    fn word(&self) -> &'static str {
        match self {
            Some(_) => "deflate",
            None => "-",
        }
    }
}

/// A proposal that notes what comes of it.
struct Noting<'w, N> {
    proposal: N,
    word: &'w Cell<&'static str>,
}

impl<N: Negotiate<Agreed: Agreed>> Negotiate for Noting<'_, N> {
    type Agreed = N::Agreed;

    fn offer(&self, offers: &mut ExtensionHeader) {
        self.proposal.offer(offers);
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<N::Agreed, InvalidAnswer> {
        let agreed = self.proposal.confirm(answer)?;
        self.word.set(agreed.word());
        Ok(agreed)
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> N::Agreed {
        let agreed = self.proposal.answer(offers, answer);
        self.word.set(agreed.word());
        agreed
    }
}

fn server<N: Negotiate<Agreed: Agreed>>(
    conversation: &Conversation<'_>,
    proposal: N,
    lines: &mut Lines,
) {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut handshaking = Some(Handshaking::<Server>::new(limits()));
    let mut proposal = Some(proposal);
    let mut open = None;
    for piece in conversation.pieces() {
        inbox.extend(piece);
        if let Some(waiting) = handshaking.take() {
            match waiting.receive(&mut inbox) {
                Ok(ServerProgress::Handshaking(waiting)) => handshaking = Some(waiting),
                Ok(ServerProgress::Requested(requested)) => {
                    let subprotocols: Vec<&str> = requested.subprotocols().collect();
                    lines.push(format!(
                        "requested {} {} {}",
                        requested.target(),
                        requested.host(),
                        list(&subprotocols)
                    ));
                    let word = Cell::new("-");
                    let proposal = Noting {
                        proposal: proposal.take().expect("it opens once"),
                        word: &word,
                    };
                    let acceptance = Acceptance::default();
                    open = Some(requested.accept_with(proposal, acceptance, &mut outbox));
                    lines.push(format!("open - {}", word.get()));
                }
                Err(error) => {
                    return lines.push(format!("refused {} ; {error:?}", error.status()));
                }
            }
        }
        if let Some(open) = &mut open
            && !listen(open, &mut inbox, &mut outbox, lines)
        {
            return;
        }
    }
}

fn client<N: Negotiate<Agreed: Agreed>>(
    conversation: &Conversation<'_>,
    proposal: N,
    lines: &mut Lines,
) {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let request = Request::new("server.example.com", "/chat").expect("a request");
    let request = request.subprotocols(&["superchat", "chat"]);
    let request = request.expect("two subprotocols");
    let word = Cell::new("-");
    let proposal = Noting {
        proposal,
        word: &word,
    };
    let start = Handshaking::propose(&request, proposal, limits(), SEED, &mut outbox);
    let mut handshaking = Some(start);
    let mut open = None;
    for piece in conversation.pieces() {
        inbox.extend(piece);
        if let Some(waiting) = handshaking.take() {
            match waiting.receive(&mut inbox) {
                Ok(ClientProgress::Handshaking(waiting)) => handshaking = Some(waiting),
                Ok(ClientProgress::Open(accepted)) => {
                    let subprotocol = accepted.response.subprotocol().unwrap_or("-");
                    lines.push(format!("open {subprotocol} {}", word.get()));
                    open = Some(accepted.open);
                }
                Ok(ClientProgress::Rejected(rejected)) => {
                    return lines.push(format!("rejected {}", rejected.status()));
                }
                Err(error) => return lines.push(format!("refused ; {error:?}")),
            }
        }
        if let Some(open) = &mut open
            && !listen(open, &mut inbox, &mut outbox, lines)
        {
            return;
        }
    }
}

fn list(items: &[&str]) -> String {
    if items.is_empty() {
        return "-".into();
    }
    items.join(",")
}

/// Hears what there is. Whether it goes on.
fn listen<R: Role, X: Extension>(
    open: &mut Open<R, X>,
    inbox: &mut Inbox,
    outbox: &mut Outbox,
    lines: &mut Lines,
) -> bool {
    loop {
        lines.push(match open.receive(inbox, outbox) {
            Ok(None) => return true,
            Ok(Some(Event::Text(text))) => format!("text {}", hex(text.as_bytes())),
            Ok(Some(Event::Binary(data))) => format!("binary {}", hex(&data)),
            Ok(Some(Event::Ping(payload))) => format!("ping {}", hex(payload)),
            Ok(Some(Event::Pong(payload))) => format!("pong {}", hex(payload)),
            Ok(Some(Event::Close(close))) => {
                let reason = hex(close.reason().as_bytes());
                lines.push(format!("close {} {reason}", close.code()));
                return false;
            }
            Err(violation) => {
                let code = violation.close_code();
                lines.push(format!("fail {code} ; {violation:?}"));
                return false;
            }
        });
    }
}
