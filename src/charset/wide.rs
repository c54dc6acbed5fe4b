//! UTF-32, which the WHATWG encodings leave out and a few feeds still use.

use super::Decoded;

/// Which byte of four comes first.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

/// UTF-32 that says so by its mark. (`FF FE 00 00` is read as UTF-32, not as UTF-16 beginning with a zero.)
pub(super) fn utf32_by_mark(bytes: &[u8]) -> Option<Decoded> {
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE\x00\x00") {
        return Some(decode(rest, Order::Little, "bom"));
    }
    bytes.strip_prefix(b"\x00\x00\xFE\xFF").map(|rest| decode(rest, Order::Big, "bom"))
}

/// UTF-32 without a mark: three of four bytes of markup are zero.
pub(super) fn utf32_by_pattern(bytes: &[u8], head: &[u8]) -> Option<Decoded> {
    let (quads, _) = head.as_chunks::<4>();
    let agree = |order: Order| {
        quads.iter().all(|quad| match (order, *quad) {
            (Order::Little, [low, _, 0, 0]) => low != 0,
            (Order::Big, [0, 0, _, low]) => low != 0,
            _ => false,
        })
    };
    let order = if agree(Order::Little) {
        Order::Little
    } else if agree(Order::Big) {
        Order::Big
    } else {
        return None;
    };
    Some(decode(bytes, order, "pattern"))
}

fn decode(bytes: &[u8], order: Order, by: &'static str) -> Decoded {
    let (quads, rest) = bytes.as_chunks::<4>();
    let mut replaced = usize::from(!rest.is_empty());
    let mut text = String::with_capacity(quads.len() + 4);
    for quad in quads {
        let value = match order {
            Order::Little => u32::from_le_bytes(*quad),
            Order::Big => u32::from_be_bytes(*quad),
        };
        text.push(char::from_u32(value).unwrap_or_else(|| {
            replaced += 1;
            '\u{FFFD}'
        }));
    }
    if !rest.is_empty() {
        text.push('\u{FFFD}');
    }
    let encoding = match order {
        Order::Little => "utf-32le",
        Order::Big => "utf-32be",
    };
    let lost = 4 * (replaced - usize::from(!rest.is_empty())) + rest.len();
    Decoded { text, encoding, by, replaced, lost }
}
