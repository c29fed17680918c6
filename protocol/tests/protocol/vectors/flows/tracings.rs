//! A tracing: a venue's pre-traces for a window, and the traces that the authority makes of them.

use noren::authority::{Case as AuthorityCase, ReviewError, review, verify};
use noren::hazmat::{open_secretbox, seal_secretbox};
use noren::keys::SealSecretKey;
use noren::messages::{CodeBinding, IdentityKey, Notice, PreTrace, SealedNotice, Upload, VERSION};
use noren::time::{Hour, UnixSeconds, Window};
use noren::venue::pre_traces;
use prost::Message;

use super::super::case::{Case, Checked};
use super::super::ciphertexts::Replay;
use super::super::stricter::Stricter;
use super::locations::Location;
use super::{each, member, time, window};
use crate::vectors::Context;

/// The trace of the TypeScript library alone.
#[derive(Clone, PartialEq, Message)]
struct Trace {
    #[prost(bytes = "vec", tag = "1")]
    identity: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    secret_key_for_identity: Vec<u8>,
    #[prost(int64, tag = "3")]
    start_time: i64,
    #[prost(int64, tag = "4")]
    end_time: i64,
    #[prost(bytes = "vec", tag = "5")]
    nonce: Vec<u8>,
    #[prost(bytes = "vec", tag = "6")]
    encrypted_associated_data: Vec<u8>,
}

/// The trace as a device gets it.
#[derive(Clone, PartialEq, Message)]
struct ProblematicEvent {
    #[prost(uint64, tag = "1")]
    version: u64,
    #[prost(bytes = "vec", tag = "2")]
    identity: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    secret_key_for_identity: Vec<u8>,
    #[prost(int64, tag = "4")]
    day: i64,
    #[prost(bytes = "vec", tag = "5")]
    encrypted_associated_data: Vec<u8>,
    #[prost(bytes = "vec", tag = "6")]
    cipher_text_nonce: Vec<u8>,
}

/// One trace of a tracing.
pub(crate) struct Item {
    pub(crate) identity: Vec<u8>,
    pub(crate) key: IdentityKey,
    /// The same trace as a `ProblematicEvent`.
    pub(crate) event: Vec<u8>,
    pre_trace: PreTrace,
}

/// A tracing whose traces were checked.
pub(crate) struct Tracing {
    pub(crate) window: Window,
    pub(crate) message: String,
    pub(crate) country_data: Vec<u8>,
    pub(crate) items: Vec<Item>,
}

impl Tracing {
    /// [VEN-2] [REV-10] [REV-11] [PUB-1]
    pub(crate) fn check(
        case: &Case<'_>,
        locations: &[Location],
        authority: &SealSecretKey,
        context: &Context,
    ) -> Checked<Self> {
        case.same("version", VERSION, case.unsigned("version")?)?;
        let location = member(case, "location", locations)?;
        let window = window(case, "startTime", "endTime")?;
        let mut tracing = Self {
            window,
            message: case.text("message")?.to_owned(),
            country_data: case.bytes("countryData")?,
            items: Vec::new(),
        };
        tracing.items = each(case, "items", |item| tracing.check_item(item, location))?;
        // The reference takes the window as closed at its end.
        let hours: Vec<Hour> = Hour::spanning(window.start(), window.end()).collect();
        let recorded: Vec<Hour> = tracing.items.iter().map(|item| item.pre_trace.hour).collect();
        case.same("hours", recorded, hours)?;
        tracing.check_review(case, location, authority, context)?;
        Ok(tracing)
    }

    fn check_item(&self, item: &Case<'_>, location: &Location) -> Checked<Item> {
        let hour = item.must("hour", Hour::starting_at(time(item, "startOfInterval")?))?;
        let identity = location.secrets.identity(hour);
        item.same_bytes("identity", identity.as_bytes())?;
        item.same_bytes("notificationKey", location.secrets.notification_key().as_bytes())?;
        let pre_trace = self.check_pre_trace(item, location, hour)?;
        let key = location.identity_key(item, identity.as_bytes())?;
        item.same_bytes("secretKeyForIdentity", key.to_bytes())?;
        let belongs = key.belongs_to(identity.as_bytes(), location.entry_code.master_public_key());
        item.same("belongs_to", belongs, true)?;
        self.check_notice(item, location)?;
        self.check_trace(item)?;
        let event = ProblematicEvent {
            version: VERSION,
            identity: identity.as_bytes().to_vec(),
            secret_key_for_identity: key.to_bytes().to_vec(),
            day: hour.day().start().as_i64(),
            encrypted_associated_data: item.bytes("encryptedAssociatedData")?,
            cipher_text_nonce: item.bytes("nonce")?,
        };
        let event = event.encode_to_vec();
        Ok(Item { identity: identity.as_bytes().to_vec(), key, event, pre_trace })
    }

    /// The recorded pre-trace is the one that the venue's own step makes.
    fn check_pre_trace(
        &self,
        item: &Case<'_>,
        location: &Location,
        hour: Hour,
    ) -> Checked<PreTrace> {
        let bytes = item.bytes("preTraceWithProof")?;
        let recorded = item.must("pre-trace", PreTrace::from_bytes(&bytes))?;
        item.same_bytes("preTraceWithProof", recorded.to_bytes())?;
        item.same("hour", recorded.hour, hour)?;
        item.same("window", recorded.window, self.window)?;
        item.same_bytes("pskidl", recorded.partial_identity_key.to_bytes())?;
        let made = item.must(
            "pre-traces",
            pre_traces(&location.trace_code, self.window, self.window.over_at()),
        )?;
        match made.iter().find(|made| made.hour == hour) {
            Some(made) => item.same_bytes("preTraceWithProof", made.to_bytes())?,
            None => item.same("hour", hour.start(), self.window.end())?,
        }
        Ok(recorded)
    }

    /// The notice in the reference's layout, which has no times. [MSG-6]
    fn check_notice(&self, item: &Case<'_>, location: &Location) -> Checked {
        let plaintext = item.bytes("associatedData")?;
        let (sealed, nonce) = (item.bytes("encryptedAssociatedData")?, item.array("nonce")?);
        let key = location.secrets.notification_key();
        let written = seal_secretbox(key.as_bytes(), &nonce, &plaintext);
        item.same_bytes("encryptedAssociatedData", written.unwrap_or_default())?;
        let opened = open_secretbox(key.as_bytes(), &nonce, &sealed);
        item.same_bytes("associatedData", opened.unwrap_or_default().as_slice())?;
        let mut encoded = vec![1 << 3, 3, 2 << 3 | 2];
        prost::encoding::encode_varint(self.message.len() as u64, &mut encoded);
        encoded.extend(self.message.as_bytes());
        encoded.push(3 << 3 | 2);
        prost::encoding::encode_varint(self.country_data.len() as u64, &mut encoded);
        encoded.extend(&self.country_data);
        item.same_bytes("associatedData", encoded)?;
        let expected = Notice { window: None, message: self.message.clone(), details: None };
        item.same("notice", Notice::from_bytes(&plaintext), Ok(expected.clone()))?;
        item.same("opened notice", SealedNotice::new(nonce, sealed).open(key), Ok(expected))
    }

    fn check_trace(&self, item: &Case<'_>) -> Checked {
        let trace = item.must("trace", Trace::decode(&item.bytes("trace")?[..]))?;
        let expected = Trace {
            identity: item.bytes("identity")?,
            secret_key_for_identity: item.bytes("secretKeyForIdentity")?,
            start_time: self.window.start().as_i64(),
            end_time: self.window.end().as_i64(),
            nonce: item.bytes("nonce")?,
            encrypted_associated_data: item.bytes("encryptedAssociatedData")?,
        };
        item.same("trace", trace, expected)
    }

    /// The whole review of a sealed upload. An hour that begins where the window ends is the
    /// reference's alone: Noren's windows are half-open, and the hour is refused by itself.
    fn check_review(
        &self,
        case: &Case<'_>,
        location: &Location,
        authority: &SealSecretKey,
        context: &Context,
    ) -> Checked {
        let (touched, beyond): (Vec<&Item>, Vec<&Item>) =
            self.items.iter().partition(|item| item.pre_trace.hour.start() < self.window.end());
        for item in beyond {
            let (code, pre_trace) = (&location.entry_code, &item.pre_trace);
            let verified = verify(authority, self.window, code, pre_trace, UnixSeconds::MAX);
            case.same("beyond", verified.err(), Some(ReviewError::HourOutsideWindow))?;
            context.met.note(Stricter::HourOutsideWindow);
        }
        let code = CodeBinding::from_bytes([7; 32]);
        let pre_traces = touched.iter().map(|item| item.pre_trace.clone()).collect();
        let upload = Upload { code, window: self.window, pre_traces };
        let sealed = upload.seal(&authority.public_key(), &mut Replay::new(&[b"ephemeral"]));
        let sealed = case.must("upload", sealed)?;
        let asked = AuthorityCase { code, window: self.window };
        let reviewed =
            case.must("review", review(authority, &asked, &sealed, self.window.over_at()))?;
        let identities: Vec<&[u8]> =
            reviewed.pre_traces.iter().map(|each| &each.identity().as_bytes()[..]).collect();
        let expected: Vec<&[u8]> = touched.iter().map(|item| &item.identity[..]).collect();
        case.same("reviewed identities", identities, expected)
    }
}
