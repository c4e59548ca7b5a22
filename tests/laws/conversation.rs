//! Laws of two ends: what is sent is what is heard, closing always ends, output is always legal,
//! an error is final.

use wsproto::{Chunks, Client, Limits, Messages, Negotiate, Server};

use super::legal;
use super::listener::{Side, shake};
use super::talker::{Act, Phase, Talker, until_close};
use crate::common::{Mode, Step};

/// How a conversation ends, after its acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is carried and heard; where nobody has said Close, the client does.
    ClientCloses,
    /// Likewise the server.
    ServerCloses,
    /// The transport ends. What it carried is heard, the rest is lost.
    Vanishes,
}

/// What is done by two ends, and how they read.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    /// The lowest four bits are how the ends read: see [`converse`].
    pub modes: u8,
    /// Limits that messages may be above; without, the usual ones, which they may not.
    pub limits: Option<Limits>,
    /// Whether permessage-deflate may be agreed.
    pub deflate: bool,
    /// `true` for the client. Fewer pings than [`Limits::pending_pongs`] are expected.
    pub acts: &'a [(bool, Act)],
    pub ending: Ending,
}

/// What is sent is what is heard, closing always ends, output is always legal: for any acts of
/// both ends, in any order, over a wire that delays and cuts.
pub fn converse<N: Negotiate + Clone>(client: &N, server: &N, course: Course<'_>) {
    let converse = match course.modes & 3 {
        0 => converse_in::<N, Messages, Messages>,
        1 => converse_in::<N, Messages, Chunks>,
        2 => converse_in::<N, Chunks, Messages>,
        _ => converse_in::<N, Chunks, Chunks>,
    };
    converse(client, server, course);
}

fn step(modes: u8, bit: u8) -> Step {
    match modes & bit {
        0 => Step::Receive,
        _ => Step::HasEvent,
    }
}

fn converse_in<N: Negotiate + Clone, C: Mode, S: Mode>(client: &N, server: &N, course: Course<'_>) {
    let (limits, may_fail) = (course.limits.unwrap_or_default(), course.limits.is_some());
    let ends = shake(client.clone(), server.clone(), limits);
    let steps = (step(course.modes, 4), step(course.modes, 8));
    let mut client = Talker::<Client, N, C>::new(ends.0, steps.0, may_fail);
    let mut server = Talker::<Server, N, S>::new(ends.1, steps.1, may_fail);
    for (is_client, act) in course.acts {
        match (is_client, act) {
            (true, Act::Carry(len)) => client.carry(*len, &mut server.end),
            (false, Act::Carry(len)) => server.carry(*len, &mut client.end),
            (true, act) => client.act(act),
            (false, act) => server.act(act),
        }
        client.check_heard(&server.model);
        server.check_heard(&client.model);
    }
    if course.ending == Ending::Vanishes {
        vanish(&mut client);
        vanish(&mut server);
    } else {
        end(&mut client, &mut server, course.ending);
    }
    client.check_heard(&server.model);
    server.check_heard(&client.model);
    client.check_closed();
    server.check_closed();
    if course.ending != Ending::Vanishes {
        check_agreed(&client, &server);
    }
    client.check_output(course.deflate);
    server.check_output(course.deflate);
}

/// Carries and hears all there is, and closes.
fn end<N: Negotiate, C: Mode, S: Mode>(
    client: &mut Talker<Client, N, C>,
    server: &mut Talker<Server, N, S>,
    ending: Ending,
) {
    let mut finish =
        (client.model.close.is_none() && server.model.close.is_none()).then_some(ending);
    // One round carries what was said and the second what was answered; the third is for a pong
    // that found room only then.
    for _ in 0..4 {
        match finish.take() {
            Some(Ending::ClientCloses) => client.act(&Act::Close(1000, "bye".into())),
            Some(_) => server.act(&Act::CloseWithoutCode),
            None => {}
        }
        client.carry(usize::MAX, &mut server.end);
        while server.listen_once() {}
        server.act(&Act::Answer);
        server.carry(usize::MAX, &mut client.end);
        while client.listen_once() {}
        client.act(&Act::Answer);
    }
    assert_eq!(client.model.phase, Phase::Closed, "closing always ends");
    assert_eq!(server.model.phase, Phase::Closed, "closing always ends");
}

/// All was carried: each has heard all of the other, and they agree that it was clean. One that
/// failed the other has not, and is alone in calling it unclean: the other was told why.
fn check_agreed<N: Negotiate, C: Mode, S: Mode>(
    client: &Talker<Client, N, C>,
    server: &Talker<Server, N, S>,
) {
    let violations = (client.end.violation, server.end.violation);
    if violations.0.is_none() {
        let said = until_close(&server.model.said);
        assert_eq!(client.end.heard, said, "the client heard");
    }
    if violations.1.is_none() {
        let said = until_close(&client.model.said);
        assert_eq!(server.end.heard, said, "the server heard");
    }
    let closed = (
        client.end.connection.closed().unwrap(),
        server.end.connection.closed().unwrap(),
    );
    let clean = (violations.0.is_none(), violations.1.is_none());
    let found = (closed.0.is_clean(), closed.1.is_clean());
    assert_eq!(found, clean, "they agree on clean or not");
}

/// The transport ends under it.
fn vanish<R: Side, N: Negotiate, D: Mode>(talker: &mut Talker<R, N, D>) {
    while talker.listen_once() {}
    talker.end.connection.eof();
}

/// What an end does before and after it finds an error.
#[derive(Clone, Copy, Debug)]
pub struct Errs<'a> {
    pub step: Step,
    /// Whether permessage-deflate may be agreed.
    pub deflate: bool,
    pub before: &'a [Act],
    /// While the bytes arrive again.
    pub after: &'a [Act],
}

/// An error is final: once the peer is wrong, whatever is done and in whatever phase, nothing more
/// is heard, nothing is answered, and the same error is given until the connection is failed.
pub fn an_error_is_final<R: Side, N: Negotiate + Clone, D: Mode>(
    proposal: &N,
    errs: Errs<'_>,
    stream: &[u8],
) {
    let open = R::of(shake(proposal.clone(), proposal.clone(), Limits::default()));
    let mut talker = Talker::<R, N, D>::new(open, errs.step, false);
    for act in errs.before {
        talker.act(act);
    }
    talker.end.take_in(stream);
    talker.end.listen();
    let Some(violation) = talker.end.violation else {
        return;
    };
    let heard = talker.end.heard.clone();
    for act in errs.after {
        match act {
            Act::Carry(len) => talker.end.take_in(&stream[..stream.len().min(*len)]),
            // Each time it listens, it is told the same error.
            Act::Listen(_) => talker.end.listen(),
            Act::Answer => {}
            act => talker.act(act),
        }
    }
    talker.end.listen();
    assert_eq!(talker.end.heard, heard, "nothing is heard after an error");
    let (close, frames) = (talker.model.close.take(), talker.end.outbox.len());
    talker
        .end
        .connection
        .fail(violation, &mut talker.end.outbox);
    talker.end.listen_to_nothing();
    let closed = talker.end.connection.closed().expect("it has failed");
    assert_eq!(closed.violation(), Some(violation));
    assert!(!closed.is_clean());
    let code = close
        .as_ref()
        .map_or(violation.close_code().get(), |(code, _)| *code);
    assert_eq!(closed.sent_code().get(), code, "one Close, the first");
    let told = talker.end.outbox.len() > frames;
    assert_eq!(
        told,
        close.is_none(),
        "the peer is told, unless we have said Close"
    );
    legal::check::<R>(&talker.sent(), errs.deflate);
}

/// What an end puts on the wire that does these acts, those that its phase allows.
pub fn speech<R: Side, N: Negotiate + Clone>(proposal: &N, acts: &[Act]) -> Vec<u8> {
    let open = R::of(shake(proposal.clone(), proposal.clone(), Limits::default()));
    let mut talker = Talker::<R, N, Messages>::new(open, Step::Receive, false);
    for act in acts {
        talker.act(act);
    }
    talker.sent()
}
