//! The phases behind the handshake, with owned events.
//!
//! Knows what each event is in the typed phases. Its one idea: what the peer says is answered when
//! it is told, its Close and its mistakes too, so that there is nothing to forget.

use crate::close::{CloseReason, CloseStatus, ControlPayload};
use crate::closed::Closed;
use crate::delivery::Delivery;
use crate::established::Established;
use crate::event::Event as Lent;
use crate::events::{BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage};
use crate::inbox::Inbox;
use crate::local_error::LocalReason;
use crate::negotiate::Negotiate;
use crate::outbox::Outbox;
use crate::phase::Phase;
use crate::role::Role;
use crate::step::Unsent;

/// Does the same in each phase in which control frames may be sent, and something else in others.
macro_rules! speaking {
    ($established:ident, $it:pat_param => $act:expr, $other:ident => $or:expr) => {
        match $established {
            Established::Open($it) => $act,
            Established::StreamingText($it) => $act,
            Established::StreamingBinary($it) => $act,
            $other => $or,
        }
    };
}

impl<R: Role, N: Negotiate> Established<R, N> {
    /// Its name.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self {
            Self::Open(_) => Phase::Open,
            Self::StreamingText(_) => Phase::StreamingText,
            Self::StreamingBinary(_) => Phase::StreamingBinary,
            Self::Closing(_) => Phase::Closing,
            Self::Closed(_) => Phase::Closed,
        }
    }

    /// The next event. With `ended`, nothing will come behind what is in the inbox.
    pub(crate) fn next_event<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        outbox: &mut Outbox,
        ended: bool,
    ) -> Option<Event> {
        let close = match self.receive(inbox, outbox) {
            Ok(Some(Lent::Close(close))) => {
                let code = close.code();
                let reason = close.reason.clone();
                self.acknowledge(close, outbox);
                CloseConnection { code, reason }
            }
            Ok(Some(event)) => return Some(owned(event)),
            Ok(None) if ended && self.closed().is_none() => {
                self.eof();
                let code = self.closed().map_or(CloseStatus::ABNORMAL, Closed::code);
                let reason = CloseReason::default();
                CloseConnection { code, reason }
            }
            Ok(None) => return None,
            Err(violation) => {
                self.fail(violation, outbox);
                CloseConnection {
                    code: violation.close_code().into(),
                    reason: CloseReason::from_static(violation.as_str()),
                }
            }
        };
        Some(close.into())
    }

    pub(crate) fn send(self, event: Event, outbox: &mut Outbox) -> (Self, Option<Unsent>) {
        let next = match (self, event) {
            (Self::Open(mut open), Event::TextMessage(message)) if message.message_finished => {
                open.send_string(message.data, outbox);
                open.into()
            }
            (Self::Open(open), Event::TextMessage(message)) => {
                let mut streaming = open.start_text();
                streaming.write(&message.data, outbox);
                streaming.into()
            }
            (Self::StreamingText(streaming), Event::TextMessage(message))
                if message.message_finished =>
            {
                streaming.finish(&message.data, outbox).into()
            }
            (Self::StreamingText(mut streaming), Event::TextMessage(message)) => {
                streaming.write(&message.data, outbox);
                streaming.into()
            }
            (Self::Open(mut open), Event::BytesMessage(message)) if message.message_finished => {
                open.send_bytes(message.data, outbox);
                open.into()
            }
            (Self::Open(open), Event::BytesMessage(message)) => {
                let mut streaming = open.start_binary();
                streaming.write(&message.data, outbox);
                streaming.into()
            }
            (Self::StreamingBinary(streaming), Event::BytesMessage(message))
                if message.message_finished =>
            {
                streaming.finish(&message.data, outbox).into()
            }
            (Self::StreamingBinary(mut streaming), Event::BytesMessage(message)) => {
                streaming.write(&message.data, outbox);
                streaming.into()
            }
            (it, Event::Ping(ping)) => speaking!(it, mut it => {
                it.ping(ping.payload, outbox);
                it.into()
            }, other => return (other, Unsent::phase(ping.into()))),
            (it, Event::Pong(pong)) => speaking!(it, mut it => {
                it.pong(pong.payload, outbox);
                it.into()
            }, other => return (other, Unsent::phase(pong.into()))),
            (it, Event::CloseConnection(close)) => speaking!(it, it => {
                match close.code.code() {
                    Some(code) => it.close(code, close.reason, outbox).into(),
                    None if close.code == CloseStatus::NONE && close.reason.is_empty() => {
                        it.close_without_code(outbox).into()
                    }
                    None => {
                        let unsent = Unsent::for_reason(LocalReason::CloseCode, close);
                        return (it.into(), unsent);
                    }
                }
            }, other => return (other, Unsent::phase(close.into()))),
            (it, event) => return (it, Unsent::phase(event)),
        };
        (next, None)
    }
}

/// What is lent, but for a Close, which is answered first.
fn owned<D: Delivery>(event: Lent<'_, D>) -> Event {
    match event {
        Lent::Text(data) => TextMessage {
            frame_finished: data.frame_finished(),
            message_finished: data.message_finished(),
            data: data.into_string(),
        }
        .into(),
        Lent::Binary(data) => BytesMessage {
            frame_finished: data.frame_finished(),
            message_finished: data.message_finished(),
            data: data.into_vec().into(),
        }
        .into(),
        Lent::Ping(payload) => Ping::from(control(payload)).into(),
        Lent::Pong(payload) => Pong::from(control(payload)).into(),
        Lent::Close(close) => CloseConnection {
            code: close.code(),
            reason: close.reason,
        }
        .into(),
    }
}

/// What stood in a control frame is short enough for one.
fn control(payload: &[u8]) -> ControlPayload {
    ControlPayload::try_from(payload).unwrap_or_default()
}
