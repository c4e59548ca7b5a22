//! From an extension that may have been declined to one that was agreed, or to none.

use crate::extension::Extension;
use crate::open::Open;
use crate::outgoing::Outgoing;
use crate::role::Role;

/// A connection whose type says whether the extension was agreed. See [`Open::narrow`].
#[derive(Debug)]
#[must_use = "it is the connection"]
pub enum Narrowed<R: Role, X: Extension> {
    /// It was.
    With(Open<R, X>),
    /// It was declined.
    Without(Open<R>),
}

impl<R: Role, X: Extension> Open<R, Option<X>> {
    /// Asks once whether the extension was agreed, so that nothing asks for each message.
    pub fn narrow(self) -> Narrowed<R, X> {
        let (keys, encoder) = self.outgoing.into_parts();
        let (incoming, decoder) = self.incoming.replace_decoder::<()>(());
        match (encoder, decoder) {
            (Some(encoder), Some(decoder)) => Narrowed::With(Open {
                incoming: incoming.replace_decoder::<X>(decoder).0,
                outgoing: Outgoing::new(keys, encoder),
            }),
            // Both come from one agreement, so both are there or neither.
            _ => Narrowed::Without(Open {
                incoming,
                outgoing: Outgoing::new(keys, ()),
            }),
        }
    }
}
