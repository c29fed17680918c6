//! Unicode's normalization forms C and KC (UAX #15): by tables of our own, or, in WebAssembly with the
//! feature `javascript`, by the engine that has such tables anyway. The tables are 35 kB of a packed
//! module that a telephone downloads.
//!
//! Both give the same for every character that both know: Unicode never changes what a character that
//! it has once assigned is normalized to.

use zeroize::Zeroizing;

/// Returns a secret in form C.
pub(crate) fn nfc(text: &str) -> Zeroizing<String> {
    engine::nfc(text)
}

/// Returns a text in form KC.
pub(crate) fn nfkc(text: &str) -> String {
    engine::nfkc(text)
}

#[cfg(not(all(feature = "javascript", target_family = "wasm")))]
mod engine {
    use unicode_normalization::UnicodeNormalization as _;
    use zeroize::Zeroizing;

    pub(super) fn nfc(text: &str) -> Zeroizing<String> {
        // A letter grows to at most three times its bytes (UAX #15), so that nothing of the secret
        // stays behind in a buffer that was too small.
        let mut normal = Zeroizing::new(String::with_capacity(3 * text.len()));
        normal.extend(text.nfc());
        normal
    }

    pub(super) fn nfkc(text: &str) -> String {
        text.nfkc().collect()
    }
}

#[cfg(all(feature = "javascript", target_family = "wasm"))]
mod engine {
    use js_sys::JsString;
    use zeroize::Zeroizing;

    pub(super) fn nfc(text: &str) -> Zeroizing<String> {
        // The engine has the secret already: somebody typed it there.
        Zeroizing::new(normalized(text, "NFC"))
    }

    pub(super) fn nfkc(text: &str) -> String {
        normalized(text, "NFKC")
    }

    fn normalized(text: &str, form: &str) -> String {
        String::from(JsString::from(text).normalize(form))
    }
}
