//! A report: an interview named a venue. Nothing of it says who was interviewed.

use noren::authority::policy::Premises;
use noren::time::{UnixSeconds, Window};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::store::Record;

/// One infected person's visit to a venue, as told in an interview.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::authority) struct Report {
    pub(in crate::authority) id: String,
    pub(in crate::authority) venue: String,
    pub(in crate::authority) premises: Premises,
    /// The local day on which the stay began, like 2026-04-01.
    pub(in crate::authority) day: String,
    pub(in crate::authority) stay: Window,
    pub(in crate::authority) received: UnixSeconds,
}

impl Report {
    /// Whether both name the same venue, however it was typed.
    pub(in crate::authority) fn is_of(&self, venue: &str) -> bool {
        venue_key(&self.venue) == venue_key(venue)
    }
}

/// The usual form of a full-width one of ASCII.
pub(in crate::authority) fn narrow(c: char) -> char {
    match u32::from(c) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// A name without what people type differently: case, spaces, full and half width and other forms of
/// the same letters.
pub(in crate::authority) fn venue_key(name: &str) -> String {
    let folded = name.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace());
    folded.collect::<String>().nfkc().collect()
}

impl Record for Report {
    const KIND: &'static str = "report";

    fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_venue_is_the_same_however_it_is_typed() {
        assert_eq!(venue_key("Ｂａｒ　Noren, UMEDA"), venue_key("bar noren,umeda"));
        assert_eq!(venue_key("Café ﾉﾚﾝ"), venue_key("cafe\u{301} ノレン"));
        assert_ne!(venue_key("Bar Noren 1"), venue_key("Bar Noren 2"));
    }
}
