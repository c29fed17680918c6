//! A venue's set-up: its two codes and the keys behind them.

use noren::hazmat::PayloadSecrets;
use noren::keys::{MasterSecretKey, SealSecretKey};
use noren::messages::{EntryCode, IdentityKey, TraceCode, VERSION, decode_payload, encode_payload};

use super::super::case::{Case, Checked};
use super::window;

/// A venue whose codes were checked.
pub(crate) struct Location {
    pub(crate) entry_code: EntryCode,
    pub(crate) trace_code: TraceCode,
    pub(crate) secrets: PayloadSecrets,
    venue: MasterSecretKey,
    authority: MasterSecretKey,
}

impl Location {
    /// [MSG-4] [ID-5] [IBE-9] [REV-9]
    pub(crate) fn check(case: &Case<'_>, authority: &SealSecretKey) -> Checked<Self> {
        case.same("version", VERSION, case.unsigned("version")?)?;
        let entry_code = entry_code(case)?;
        let trace_code = trace_code(case, &entry_code)?;
        let half = |name| case.must(name, MasterSecretKey::from_bytes(&case.bytes(name)?));
        let location = Self {
            secrets: entry_code.secrets(),
            entry_code,
            trace_code,
            venue: half("masterSecretKeyLocation")?,
            authority: half("masterSecretKeyHealthAuthority")?,
        };
        let opened = authority.open(&case.bytes("cipherTextHealthAuthority")?);
        let opened = case.must("sealed half", opened.ok_or("does not open"))?;
        case.same_bytes("masterSecretKeyHealthAuthority", opened.as_slice())?;
        let sum = location.venue.public_key().sum(&location.authority.public_key());
        case.same_bytes("publicKey", case.must("sum", sum)?.to_bytes())?;
        Ok(location)
    }

    /// The key of an identity, from both halves.
    pub(crate) fn identity_key(&self, case: &Case<'_>, id: &[u8]) -> Checked<IdentityKey> {
        let venue = self.venue.partial_identity_key(id);
        case.must("key", IdentityKey::sum(&venue, &self.authority.partial_identity_key(id)))
    }
}

fn entry_code(case: &Case<'_>) -> Checked<EntryCode> {
    let payload = case.bytes("qrCodePayload")?;
    let code = case.must("entry code", EntryCode::from_bytes(&payload))?;
    let text = case.text("qrCodePayload_base64")?;
    case.same("payload as text", encode_payload(&payload).as_str(), text)?;
    case.same("payload of the text", decode_payload(text), Ok(payload.clone()))?;
    let venue = code.venue();
    case.same("description", venue.description(), case.text("description")?)?;
    case.same("address", venue.address(), case.text("address")?)?;
    case.same("validity", venue.valid(), window(case, "startTimestamp", "endTimestamp")?)?;
    case.same_bytes("publicKey", code.master_public_key().to_bytes())?;
    same_but_for_foreign_data(case, &code, &payload)?;
    Ok(code)
}

/// What Noren writes for the same venue is the recorded payload up to its `countryData`, which
/// Noren writes only for itself; the reference writes it even where it is empty.
fn same_but_for_foreign_data(case: &Case<'_>, code: &EntryCode, payload: &[u8]) -> Checked {
    let seed = case.array("cryptographicSeed")?;
    if code.venue().valid().start().get() == 0 {
        // Another default that the reference writes.
        return Ok(());
    }
    let written = EntryCode::new(code.venue().clone(), *code.master_public_key(), &seed);
    let mut written = case.must("entry code", written)?.as_bytes().to_vec();
    let country_data = case.bytes("countryData")?;
    written.push(4 << 3 | 2);
    prost::encoding::encode_varint(country_data.len() as u64, &mut written);
    written.extend(country_data);
    case.same("payload", hex::encode(written), hex::encode(payload))
}

fn trace_code(case: &Case<'_>, entry_code: &EntryCode) -> Checked<TraceCode> {
    let bytes = case.bytes("qrCodeTrace")?;
    let code = case.must("trace code", TraceCode::from_bytes(&bytes))?;
    case.same("entry code inside", code.entry_code(), entry_code)?;
    case.same_bytes("qrCodeTrace", code.to_bytes().as_slice())?;
    let text = case.text("qrCodeTrace_base64")?;
    case.same("trace code as text", code.to_text().as_str(), text)?;
    case.must("trace code's text", TraceCode::from_text(text))
}
