//! Payloads and frames, the same every time.

/// Bytes that do not repeat.
pub fn binary(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(len)
    .collect()
}

pub fn ascii(len: usize) -> Vec<u8> {
    b"The quick brown fox jumps over the lazy dog. "
        .iter()
        .copied()
        .cycle()
        .take(len)
        .collect()
}

/// Text with characters of one to four bytes.
pub fn mixed(len: usize) -> Vec<u8> {
    let mut text: Vec<u8> = "aä€🦀 und so weiter, привет "
        .bytes()
        .cycle()
        .take(len)
        .collect();
    while std::str::from_utf8(&text).is_err() {
        text.pop();
    }
    text.resize(len, b' ');
    text
}

/// Text as programs send it to each other.
pub fn json(len: usize) -> Vec<u8> {
    let mut text = String::new();
    for id in 0.. {
        if text.len() >= len {
            break;
        }
        let price = id * 7919 % 10_007;
        text += &format!(
            r#"{{"id":{id},"symbol":"SYM{}","price":{price}.25}},"#,
            id % 17
        );
    }
    text.truncate(len);
    text.into()
}

/// A frame: `first` is FIN, reserved bits and opcode.
pub fn frame(first: u8, masked: bool, payload: &[u8]) -> Vec<u8> {
    let bit = if masked { 0x80 } else { 0 };
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..=125 => frame.push(bit | len as u8),
        len @ 126..=0xffff => {
            frame.push(bit | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(bit | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    if masked {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        frame.extend(key);
        frame.extend(payload.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b));
    } else {
        frame.extend(payload);
    }
    frame
}
