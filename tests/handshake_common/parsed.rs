//! Heads as a stack that has parsed HTTP already gives them. What it does not parse is nothing here,
//! and neither is what it forgives: a bare LF, and a fragment in the target, which it cuts off.

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Request, Response, Uri, Version, request, response};

/// As many as any head here has.
const HEADERS: usize = 128;

/// A request, if it can be parsed.
pub fn request(head: &[u8]) -> Option<request::Parts> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let whole = parsed.parse(head).ok()?.is_complete() && !has_bare_line_feed(head);
    let path = parsed.path.filter(|path| whole && !path.contains('#'))?;
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = parsed.method?.parse().ok()?;
    parts.uri = Uri::try_from(path).ok()?;
    parts.version = version(parsed.version?);
    parts.headers = map(parsed.headers)?;
    Some(parts)
}

/// A response, if it can be parsed and is not an interim one.
pub fn response(head: &[u8]) -> Option<response::Parts> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Response::new(&mut headers);
    let whole = parsed.parse(head).ok()?.is_complete() && !has_bare_line_feed(head);
    let code = parsed
        .code
        .filter(|code| whole && (*code == 101 || *code >= 200))?;
    let (mut parts, ()) = Response::new(()).into_parts();
    parts.status = code.try_into().ok()?;
    parts.version = version(parsed.version?);
    parts.headers = map(parsed.headers)?;
    Some(parts)
}

/// Names and values, in their order.
pub fn lines(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect()
}

fn has_bare_line_feed(head: &[u8]) -> bool {
    let count = |end: &[u8]| head.windows(end.len()).filter(|it| *it == end).count();
    count(b"\n") != count(b"\r\n")
}

fn version(minor: u8) -> Version {
    match minor {
        0 => Version::HTTP_10,
        _ => Version::HTTP_11,
    }
}

fn map(headers: &[httparse::Header<'_>]) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    for header in headers {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        map.append(name, HeaderValue::from_bytes(header.value).ok()?);
    }
    Some(map)
}
