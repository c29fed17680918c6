//! The window code: the window of a case, read out after its upload code, so that nobody types times.

use super::upload_code::{ALPHABET, UploadCode, value_of};
use super::{MessageError, Part, RangeError};
use crate::time::{UnixSeconds, Window};

const NAME: Part = Part::WindowCode;
const DATA: usize = 8;
const SYMBOLS: usize = DATA + 2;
const GROUP: usize = 5;
const LENGTH_BITS: u32 = 13;
const MINUTE: u64 = 60;
/// The longest window of one upload: 36 hours.
pub(super) const MAX_MINUTES: u64 = 36 * 60;

/// A window of whole minutes as ten symbols, `ABCDE-FGHJK`, bound to the upload code that it is read
/// out with. Not secret.
///
/// Eight symbols hold the window; two more make the ten a Reed–Solomon code over GF(32), exclusive-or
/// a digest of the upload code. Every mistake in one or two symbols is found, and so is every
/// exchange of two; any other, and another case's upload code, in 1,023 of 1,024 cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowCode {
    start: u64,
    minutes: u64,
}

impl WindowCode {
    /// Returns the code of the whole minutes inside a window, or `None` where there are none, where
    /// they are more than 36 hours, or after the year 2224.
    #[must_use]
    pub fn within(window: Window) -> Option<Self> {
        // [VEN-6]
        let start = window.start().get().div_ceil(MINUTE);
        let minutes = (window.end().get() / MINUTE).checked_sub(start)?;
        let fits = start < 1 << (5 * DATA as u32 - LENGTH_BITS);
        (fits && (1..=MAX_MINUTES).contains(&minutes)).then_some(Self { start, minutes })
    }

    /// Returns the window.
    ///
    /// # Errors
    /// None for a code that was made or read.
    pub fn window(self) -> Result<Window, MessageError> {
        let time = |minute: u64| {
            UnixSeconds::new(minute * MINUTE)
                .map_err(|source| MessageError::Time { field: NAME, source })
        };
        Window::new(time(self.start)?, time(self.start + self.minutes)?)
            .map_err(|source| MessageError::Time { field: NAME, source })
    }

    /// Returns the code as people write it, beside the upload code that it belongs to.
    #[must_use]
    pub fn to_text(self, code: &UploadCode) -> String {
        let bits = self.start << LENGTH_BITS | self.minutes;
        let mut symbols = [0; SYMBOLS];
        for (place, symbol) in symbols.iter_mut().take(DATA).enumerate() {
            *symbol = (bits >> (5 * (DATA - 1 - place)) & 31) as u8;
        }
        // [VEN-6]
        let checks = checks(&symbols).into_iter().zip(code.window_check());
        for (symbol, (check, mask)) in symbols.iter_mut().skip(DATA).zip(checks) {
            *symbol = check ^ mask;
        }
        let mut text = String::with_capacity(SYMBOLS + 1);
        for (place, symbol) in symbols.iter().enumerate() {
            if place == GROUP {
                text.push('-');
            }
            text.extend(ALPHABET.get(usize::from(*symbol)).map(|symbol| char::from(*symbol)));
        }
        text
    }

    /// Reads a code as people type it, like an upload code, beside the upload code that it was read
    /// out with.
    ///
    /// # Errors
    /// [`MessageError::CodeLength`], a symbol or a window out of range, or check symbols that do not fit:
    /// a mistake, or the code of another case.
    pub fn from_text(text: &str, code: &UploadCode) -> Result<Self, MessageError> {
        // [VEN-6]
        let mut symbols = [0; SYMBOLS];
        let mut found = 0;
        for symbol in text.chars().filter_map(crate::text::symbol) {
            let value =
                value_of(symbol).ok_or(MessageError::OutOfRange(RangeError::CodeSymbol(NAME)))?;
            if let Some(place) = symbols.get_mut(found) {
                *place = value;
            }
            found += 1;
        }
        if found != SYMBOLS {
            return Err(MessageError::CodeLength { code: NAME, found, expected: SYMBOLS });
        }
        let [first, second] = checks(&symbols);
        let [.., a, b] = symbols;
        let [mask_a, mask_b] = code.window_check();
        if [a ^ mask_a, b ^ mask_b] != [first, second] {
            return Err(MessageError::OutOfRange(RangeError::CheckSymbols(NAME)));
        }
        let data = symbols.iter().take(DATA);
        let bits = data.fold(0_u64, |bits, symbol| bits << 5 | u64::from(*symbol));
        let (start, minutes) = (bits >> LENGTH_BITS, bits & ((1 << LENGTH_BITS) - 1));
        if !(1..=MAX_MINUTES).contains(&minutes) {
            return Err(MessageError::OutOfRange(RangeError::WindowMinutes(minutes)));
        }
        Ok(Self { start, minutes })
    }
}

/// Reads what was read out: an upload code, alone or with its window code after it.
///
/// # Errors
/// What is wrong with either.
pub fn read_codes(text: &str) -> Result<(UploadCode, Option<WindowCode>), MessageError> {
    // [VEN-6]
    let symbols: zeroize::Zeroizing<String> =
        zeroize::Zeroizing::new(text.chars().filter_map(crate::text::symbol).collect());
    let both = UploadCode::SYMBOLS + SYMBOLS;
    if symbols.chars().count() != both {
        return Ok((text.parse()?, None));
    }
    let end = symbols.char_indices().nth(UploadCode::SYMBOLS).map_or(0, |(end, _)| end);
    let (code, window) = symbols.split_at(end);
    let code: UploadCode = code.parse()?;
    let window = WindowCode::from_text(window, &code)?;
    Ok((code, Some(window)))
}

/// Returns the last two symbols that make the sum of all, and the sum of all times 2^place, zero.
fn checks(symbols: &[u8; SYMBOLS]) -> [u8; 2] {
    let (mut sum, mut weighted, mut weight) = (0, 0, 1);
    for symbol in symbols.iter().take(DATA) {
        sum ^= symbol;
        weighted ^= times(*symbol, weight);
        weight = times(weight, 2);
    }
    // a + b = sum and a·w + b·2w = weighted, with w the weight of the place after the data.
    let (next, factor) = (times(weight, 2), weight ^ times(weight, 2));
    let wanted = weighted ^ times(sum, next);
    let first = (0..32).find(|first| times(*first, factor) == wanted).unwrap_or(0);
    [first, sum ^ first]
}

/// Returns the product in GF(32) = GF(2)[x] / (x^5 + x^2 + 1).
fn times(a: u8, b: u8) -> u8 {
    let mut product = 0;
    let mut shifted = a;
    for bit in 0..5 {
        if b >> bit & 1 == 1 {
            product ^= shifted;
        }
        shifted <<= 1;
        if shifted & 32 != 0 {
            shifted ^= 0b10_0101;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: u64, end: u64) -> Window {
        let time = |seconds| UnixSeconds::new(seconds).expect("a time");
        Window::new(time(start), time(end)).expect("a window")
    }

    fn code(byte: u8) -> UploadCode {
        UploadCode::from_secret([byte; 10])
    }

    fn with(text: &str, place: usize, symbol: u8) -> String {
        let mut bytes = text.as_bytes().to_vec();
        bytes[place] = symbol;
        String::from_utf8(bytes).expect("ASCII")
    }

    #[test]
    fn the_whole_minutes_of_a_window_come_back() {
        // [VEN-6]
        for (start, end, minutes) in
            [(0, 60, (0, 1)), (1, 180, (1, 2)), (1_775_037_600, 1_775_048_459, (29_583_960, 180))]
        {
            let written = WindowCode::within(window(start, end)).expect("whole minutes");
            assert_eq!((written.start, written.minutes), minutes);
            let text = written.to_text(&code(7));
            assert_eq!((text.len(), &text[5..6]), (11, "-"));
            for typed in [text.clone(), text.to_lowercase(), text.replace('-', " \n")] {
                let typed = typed.replace('0', "o").replace('1', "L");
                assert_eq!(WindowCode::from_text(&typed, &code(7)), Ok(written));
            }
        }
        for (start, end) in [(1, 60), (61, 119), (0, 36 * 3_600 + 60), (1 << 33, (1 << 33) + 60)] {
            assert_eq!(WindowCode::within(window(start, end)), None, "{start} {end}");
        }
        assert!(WindowCode::within(window(0, 36 * 3_600)).is_some());
    }

    #[test]
    fn every_mistake_in_one_or_two_symbols_is_found() {
        // [VEN-6]
        let (code, written) = (code(9), window(1_775_037_600, 1_775_048_400));
        let text = WindowCode::within(written).expect("minutes").to_text(&code);
        let places: Vec<usize> = (0..text.len()).filter(|place| *place != GROUP).collect();
        let others = |text: &str, place: usize| {
            let own = text.as_bytes()[place];
            ALPHABET.iter().copied().filter(move |symbol| *symbol != own).collect::<Vec<u8>>()
        };
        for first in &places {
            for symbol in others(&text, *first) {
                let one = with(&text, *first, symbol);
                assert!(WindowCode::from_text(&one, &code).is_err(), "{one}");
                for second in places.iter().filter(|second| *second > first) {
                    for symbol in others(&text, *second) {
                        let two = with(&one, *second, symbol);
                        assert!(WindowCode::from_text(&two, &code).is_err(), "{two}");
                    }
                }
            }
            for second in &places {
                let [a, b] = [*first, *second].map(|place| text.as_bytes()[place]);
                let exchanged = with(&with(&text, *first, b), *second, a);
                assert_eq!(WindowCode::from_text(&exchanged, &code).is_ok(), a == b, "{exchanged}");
            }
        }
    }

    #[test]
    fn another_cases_code_is_found_but_once_in_a_thousand() {
        // [VEN-6]
        let written = WindowCode::within(window(1_775_037_600, 1_775_048_400)).expect("minutes");
        let text = written.to_text(&code(0));
        let taken = (1..=255).filter(|byte| WindowCode::from_text(&text, &code(*byte)).is_ok());
        assert!(taken.count() <= 2);
    }

    #[test]
    fn both_codes_are_read_in_one() {
        // [VEN-6]
        let written = WindowCode::within(window(1_775_037_600, 1_775_048_400)).expect("minutes");
        let (first, second) = (code(3).to_text(), written.to_text(&code(3)));
        for both in [format!("{}\n{second}\n", *first), format!("{} {second}", *first)] {
            assert_eq!(read_codes(&both), Ok((code(3), Some(written))));
        }
        assert_eq!(read_codes(&first), Ok((code(3), None)));
        let foreign = format!("{} {}", *first, written.to_text(&code(4)));
        assert!(read_codes(&foreign).is_err());
        for wrong in [&*second, "", "U", &format!("{} {second}0", *first), &"é".repeat(28)] {
            assert!(read_codes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_window_without_length_or_too_long_is_refused() {
        // [VEN-6]
        for minutes in [0, MAX_MINUTES + 1, (1 << LENGTH_BITS) - 1] {
            let text = WindowCode { start: 29_583_960, minutes }.to_text(&code(1));
            let refused = Err(MessageError::OutOfRange(RangeError::WindowMinutes(minutes)));
            assert_eq!(WindowCode::from_text(&text, &code(1)), refused);
        }
    }
}
