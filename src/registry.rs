//! Extensions by name, of which any may be agreed: wsproto's `SUPPORTED_EXTENSIONS`.
//!
//! Knows no extension, and is the one place where codecs are behind a pointer. Its one idea: a
//! registry is one more proposal, and what it agrees to one more extension, so that nothing else
//! knows of it.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use crate::between::{DecodedBetween, EncodedBetween};
use crate::broadcast::Broadcast;
use crate::extension::{Coding, Decode, Encode, Extension, InvalidCoding, Progress, copy};
use crate::extension_header::ExtensionHeader;
use crate::extension_list::ExtensionList;
use crate::negotiate::{Answer, InvalidAnswer, Negotiate};
use crate::pool::Pool;
use crate::rsv::Rsv;

/// Extensions by name, each with what is proposed of it: a proposal whose contents are known only
/// at run time.
///
/// A client offers all of them, in their order. A server accepts those that are offered, in the
/// order of the offer. Two that own the same reserved bit may both be offered, and only one of them
/// can be agreed.
///
/// ```
/// use wsproto::{Client, Connection, Registry, Settings};
///
/// let registry = Registry::supported(); // permessage-deflate, with the feature `deflate`
/// for name in registry.names() {
///     println!("{name}");
/// }
/// let client: Connection<Client, Registry> = Settings::new().proposal(registry).client();
/// ```
///
/// What is known at compile time is better said by a type: each message of what a registry agreed
/// to goes through a pointer.
#[derive(Clone, Default)]
pub struct Registry {
    /// Names are unique.
    entries: Vec<(Cow<'static, str>, Arc<dyn Proposal>)>,
}

impl Registry {
    /// No extension.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All extensions of this crate, with their default parameters.
    #[must_use]
    pub fn supported() -> Self {
        let registry = Self::new();
        #[cfg(feature = "deflate")]
        let registry = registry.with(
            crate::deflate_offer::NAME,
            crate::deflate_offer::DeflateOffer::default(),
        );
        registry
    }

    /// With one more extension, in place of one of the same name. `name` is the one that the
    /// proposal offers.
    #[must_use]
    pub fn with<N>(mut self, name: impl Into<Cow<'static, str>>, proposal: N) -> Self
    where
        N: Negotiate + Clone + Send + Sync + 'static,
        <N::Agreed as Extension>::Encoder: Send + Sync + 'static,
        <N::Agreed as Extension>::Decoder: Send + Sync + 'static,
    {
        let (name, proposal): (_, Arc<dyn Proposal>) = (name.into(), Arc::new(proposal));
        match self.entries.iter_mut().find(|(other, _)| *other == name) {
            Some(entry) => entry.1 = proposal,
            None => self.entries.push((name, proposal)),
        }
        self
    }

    /// The names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| &**name)
    }

    /// Whether there is an extension of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Those extensions whose names are among `names`, in that order; a name that is not there is
    /// skipped.
    #[must_use]
    pub fn select(&self, names: &[&str]) -> Self {
        let mut selected = Self::new();
        for name in names {
            let entry = self.entries.iter().find(|(other, _)| other == name);
            if let Some(entry) = entry.filter(|_| !selected.contains(name)) {
                selected.entries.push(entry.clone());
            }
        }
        selected
    }

    fn find(&self, name: &str) -> Option<&dyn Proposal> {
        let (_, proposal) = self.entries.iter().find(|(other, _)| other == name)?;
        Some(&**proposal)
    }
}

impl Negotiate for Registry {
    type Agreed = AnyExtension;

    fn offer(&self, offers: &mut ExtensionHeader) {
        for (_, proposal) in &self.entries {
            proposal.offer(offers);
        }
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<AnyExtension, InvalidAnswer> {
        let mut agreed = AnyExtension::default();
        // In the order of the answer. What no extension here takes is left, and fails the handshake.
        while let Some(name) = answer.next_name() {
            let Some(proposal) = self.find(name) else {
                break;
            };
            if agreed.names.iter().any(|other| other == name) || !agreed.has_room(proposal.rsv()) {
                return Err(InvalidAnswer);
            }
            agreed.push(name, proposal.confirm(answer)?);
        }
        for (name, proposal) in &self.entries {
            if !agreed.names.iter().any(|other| other == name) {
                // It may be one that is required.
                proposal.confirm(answer)?;
            }
        }
        Ok(agreed)
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> AnyExtension {
        let mut agreed = AnyExtension::default();
        let mut asked: Vec<&str> = Vec::new();
        for name in offers.iter().map(|entry| entry.name()) {
            let Some(proposal) = self.find(name) else {
                continue;
            };
            if asked.contains(&name) || !agreed.has_room(proposal.rsv()) {
                continue;
            }
            asked.push(name);
            let said = answer.as_str().len();
            let link = proposal.answer(offers, answer);
            if answer.as_str().len() > said {
                agreed.push(name, link);
            }
        }
        agreed
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// A proposal of any type.
trait Proposal: Send + Sync {
    fn rsv(&self) -> Rsv;
    fn offer(&self, offers: &mut ExtensionHeader);
    fn confirm(&self, answer: &mut Answer<'_>) -> Result<Link, InvalidAnswer>;
    fn answer(&self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Link;
}

impl<N> Proposal for N
where
    N: Negotiate + Clone + Send + Sync,
    <N::Agreed as Extension>::Encoder: Send + Sync + 'static,
    <N::Agreed as Extension>::Decoder: Send + Sync + 'static,
{
    fn rsv(&self) -> Rsv {
        N::Agreed::RSV
    }

    fn offer(&self, offers: &mut ExtensionHeader) {
        Negotiate::offer(self, offers);
    }

    fn confirm(&self, answer: &mut Answer<'_>) -> Result<Link, InvalidAnswer> {
        Ok(Link::of(Negotiate::confirm(self.clone(), answer)?))
    }

    fn answer(&self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Link {
        Link::of(Negotiate::answer(self.clone(), offers, answer))
    }
}

type Encoder = Box<dyn Encode + Send + Sync>;
type Decoder = Box<dyn Decode + Send + Sync>;

/// An extension of any type, with the bits that it owns.
struct Link {
    owns: Rsv,
    encoder: Encoder,
    decoder: Decoder,
}

impl Link {
    fn of<X: Extension>(extension: X) -> Self
    where
        X::Encoder: Send + Sync + 'static,
        X::Decoder: Send + Sync + 'static,
    {
        let (encoder, decoder) = extension.split();
        Self {
            owns: X::RSV,
            encoder: Box::new(encoder),
            decoder: Box::new(decoder),
        }
    }

    /// Two in a row, as one: `self` encodes first and decodes last.
    fn before(self, second: Self) -> Self {
        let owns = (self.owns, second.owns);
        Self {
            owns: self.owns.union(second.owns),
            encoder: Box::new(EncoderPair {
                codecs: (self.encoder, second.encoder),
                owns,
                between: EncodedBetween::default(),
            }),
            decoder: Box::new(DecoderPair {
                codecs: (self.decoder, second.decoder),
                owns,
                between: DecodedBetween::default(),
            }),
        }
    }
}

/// What a [`Registry`] agreed to: any number of extensions, in the order of the server's answer.
#[derive(Default)]
pub struct AnyExtension {
    names: Vec<Cow<'static, str>>,
    /// All in a row, as one.
    link: Option<Link>,
}

impl AnyExtension {
    /// The names of those that were agreed.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Whether none of the bits is owned yet.
    fn has_room(&self, bits: Rsv) -> bool {
        let owned = self.link.as_ref().map_or(Rsv::NONE, |link| link.owns);
        owned.intersection(bits).is_empty()
    }

    fn push(&mut self, name: &str, link: Link) {
        self.names.push(Cow::Owned(name.into()));
        self.link = Some(match self.link.take() {
            Some(first) => first.before(link),
            None => link,
        });
    }
}

impl fmt::Debug for AnyExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Extension for AnyExtension {
    /// Any of them may be agreed; which are in force its decoder knows.
    const RSV: Rsv = Rsv::RSV1.union(Rsv::RSV2).union(Rsv::RSV3);
    type Encoder = AnyEncoder;
    type Decoder = AnyDecoder;

    fn split(self) -> (AnyEncoder, AnyDecoder) {
        match self.link {
            None => (AnyEncoder { codec: None }, AnyDecoder { codec: None }),
            Some(link) => (
                AnyEncoder {
                    codec: Some((link.encoder, link.owns)),
                },
                AnyDecoder {
                    codec: Some((link.decoder, link.owns)),
                },
            ),
        }
    }
}

/// The encoder of an [`AnyExtension`].
pub struct AnyEncoder {
    /// With the bits that it owns.
    codec: Option<(Encoder, Rsv)>,
}

impl Encode for AnyEncoder {
    fn begin(&mut self, len: Option<usize>) -> (Rsv, Coding) {
        let Some((codec, owns)) = &mut self.codec else {
            return (Rsv::NONE, Coding::Plain);
        };
        let (rsv, coding) = codec.begin(len);
        (rsv.intersection(*owns), coding)
    }

    fn encode(&mut self, payload: &[u8], last: bool, output: &mut Vec<u8>, pool: &mut Pool) {
        match &mut self.codec {
            Some((codec, _)) => codec.encode(payload, last, output, pool),
            None => output.extend_from_slice(payload),
        }
    }

    fn broadcast<'b>(&mut self, message: &'b Broadcast) -> Option<&'b Bytes> {
        match &mut self.codec {
            Some((codec, _)) => codec.broadcast(message),
            None => Some(message.plain_frame()),
        }
    }
}

impl fmt::Debug for AnyEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyEncoder").finish_non_exhaustive()
    }
}

/// The decoder of an [`AnyExtension`].
pub struct AnyDecoder {
    /// With the bits that it owns.
    codec: Option<(Decoder, Rsv)>,
}

impl Decode for AnyDecoder {
    fn in_force(&self, owned: Rsv) -> Rsv {
        let Some((codec, owns)) = &self.codec else {
            return Rsv::NONE;
        };
        codec.in_force(owned.intersection(*owns))
    }

    fn begin(&mut self, rsv: Rsv) -> Coding {
        match &mut self.codec {
            Some((codec, _)) => codec.begin(rsv),
            None => Coding::Plain,
        }
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        last: bool,
        pool: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        match &mut self.codec {
            Some((codec, _)) => codec.decode(input, output, last, pool),
            None => Ok(copy(input, output)),
        }
    }
}

impl fmt::Debug for AnyDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyDecoder").finish_non_exhaustive()
    }
}

/// Two encoders of any type, as one.
struct EncoderPair {
    codecs: (Encoder, Encoder),
    owns: (Rsv, Rsv),
    between: EncodedBetween,
}

impl Encode for EncoderPair {
    fn begin(&mut self, len: Option<usize>) -> (Rsv, Coding) {
        let first = (&mut *self.codecs.0, self.owns.0);
        let second = (&mut *self.codecs.1, self.owns.1);
        self.between.begin(first, second, len)
    }

    fn encode(&mut self, payload: &[u8], last: bool, output: &mut Vec<u8>, pool: &mut Pool) {
        let codecs = (&mut *self.codecs.0, &mut *self.codecs.1);
        self.between.encode(codecs, payload, last, output, pool);
    }
}

/// Two decoders of any type, as one.
struct DecoderPair {
    codecs: (Decoder, Decoder),
    owns: (Rsv, Rsv),
    between: DecodedBetween,
}

impl Decode for DecoderPair {
    fn in_force(&self, owned: Rsv) -> Rsv {
        let first = self.codecs.0.in_force(owned.intersection(self.owns.0));
        first.union(self.codecs.1.in_force(owned.intersection(self.owns.1)))
    }

    fn begin(&mut self, rsv: Rsv) -> Coding {
        let first = self.codecs.0.begin(rsv.intersection(self.owns.0));
        let second = self.codecs.1.begin(rsv.intersection(self.owns.1));
        self.between.begin(first, second)
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        last: bool,
        pool: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        let codecs = (&mut *self.codecs.0, &mut *self.codecs.1);
        self.between.decode(codecs, input, output, last, pool)
    }
}
