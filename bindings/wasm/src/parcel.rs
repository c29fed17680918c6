//! An owner's answer to the authority: what is about to be handed over, then the sealed bytes.

use noren::messages::{Upload, UploadCode, read_codes};
use noren::text::trimmed;
use noren::{SignedProfile, TraceCode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::authority::Authority;
use crate::failure::{Code, Failure};
use crate::times;
use crate::venue::Venue;

/// `Handover` of the page.
#[derive(Serialize)]
struct Handover {
    venue: Venue,
    authority: Authority,
    from: u64,
    to: u64,
    keys: usize,
}

/// Returns whose private sheet a text is, as `VenueText`: for whoever has several. [WEB-14]
///
/// # Errors
/// Code `not-a-private-code`.
#[wasm_bindgen]
pub fn read_sheet(trace: String) -> Result<String, Failure> {
    let trace_code = trace_code(&Zeroizing::new(trace))?;
    Ok(serde_json::to_string(&Venue::of(trace_code.entry_code().venue()))?)
}

/// The keys of a window, made from a private sheet and the codes that were read out. They leave it
/// sealed to the authority, and in no other way. [WEB-9]
#[wasm_bindgen]
pub struct Parcel {
    authority: SignedProfile,
    trace_code: TraceCode,
    code: UploadCode,
    upload: Upload,
}

#[wasm_bindgen]
impl Parcel {
    /// Makes the keys. Nothing is sent, and the upload code is not spent.
    ///
    /// # Errors
    /// Codes `not-a-private-code`, `wrong-codes`, `wrong-time` where the window is not over,
    /// `not-yet-valid` or `no-longer-valid` where the venue's code was not valid in it.
    #[wasm_bindgen(constructor)]
    pub fn new(trace: String, codes: String, profile: &[u8], now: f64) -> Result<Self, Failure> {
        let (trace, codes) = (Zeroizing::new(trace), Zeroizing::new(codes));
        let authority = SignedProfile::from_bytes(profile)?;
        let trace_code = trace_code(&trace)?;
        // [VEN-6]
        let (code, window) = read_codes(&codes).map_err(Failure::of(Code::WrongCodes))?;
        let missing = || Failure::new(Code::WrongCodes, "the window code is missing");
        let window = window.ok_or_else(missing)?.window().map_err(Failure::of(Code::WrongCodes))?;
        let now = times::now(now)?;
        // [REV-13]
        if now < window.over_at() {
            return Err(Failure::new(Code::WrongTime, "the window is not over yet"));
        }
        // [REV-4]
        let valid = trace_code.entry_code().venue().valid();
        if valid.overlap(window).is_none() {
            let is_early = window.end() <= valid.start();
            let code = if is_early { Code::NotYetValid } else { Code::NoLongerValid };
            return Err(Failure::new(code, "the venue's code was not valid in this window"));
        }
        // [VEN-2]
        let upload = noren::venue::upload(&trace_code, window, code.binding(), now)?;
        Ok(Self { authority, trace_code, code, upload })
    }

    /// Returns what is about to be handed over, as `Handover`.
    ///
    /// # Errors
    /// None.
    pub fn handover(&self) -> Result<String, Failure> {
        let handover = Handover {
            venue: Venue::of(self.trace_code.entry_code().venue()),
            authority: Authority::of_profile(&self.authority),
            from: times::seconds(self.upload.window.start()),
            to: times::seconds(self.upload.window.end()),
            keys: self.upload.pre_traces.len(),
        };
        Ok(serde_json::to_string(&handover)?)
    }

    /// Returns the name under which the sealed bytes are kept until the server's answer is final.
    /// Nobody without the upload code can compare it with a guess.
    #[must_use]
    pub fn name(&self) -> String {
        self.digest(b"name", &[])
    }

    /// Returns what tells these keys from others that were sealed under the same code.
    #[must_use]
    pub fn content(&self) -> String {
        let window = [self.upload.window.start(), self.upload.window.end()];
        let times = window.iter().flat_map(|time| time.get().to_be_bytes());
        let mut content = Zeroizing::new(times.collect::<Vec<u8>>());
        for pre_trace in &self.upload.pre_traces {
            content.extend_from_slice(&Zeroizing::new(pre_trace.to_bytes()));
        }
        self.digest(b"content", &content)
    }

    /// Seals the keys. Each sealing is another: the worker keeps the bytes before it sends them, and
    /// sends the same again where no answer came. [VEN-3] [VEN-7]
    ///
    /// # Errors
    /// None for keys that were made here.
    pub fn seal(&self) -> Result<Vec<u8>, Failure> {
        Ok(self.upload.seal(&self.authority.profile().upload_key, &mut rand::rng())?)
    }

    /// Returns the ticket that admits the upload, for the header. The server learns no more of the
    /// code. [VEN-4]
    #[must_use]
    pub fn ticket(&self) -> String {
        self.code.ticket().to_text().to_string()
    }
}

impl Parcel {
    fn digest(&self, what: &[u8], content: &[u8]) -> String {
        let digest = Sha256::new().chain_update(b"NOREN-PAGE-OUTBOX\n").chain_update(what);
        let digest = digest.chain_update(self.authority.profile().fingerprint().as_bytes());
        let digest = digest.chain_update(self.code.to_text().as_bytes()).chain_update(content);
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn trace_code(text: &str) -> Result<TraceCode, Failure> {
    TraceCode::from_text(trimmed(text)).map_err(Failure::of(Code::NotAPrivateCode))
}
