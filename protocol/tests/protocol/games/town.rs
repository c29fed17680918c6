//! One authority, its venues and their visitors; and what an opponent can write by hand.

use noren::authority::{AuthorityKeys, Case, Review, ReviewError, Trace, review};
use noren::hazmat::{CheckInRecord, match_entries, seal_visit};
use noren::messages::{
    EntryCode, Identity, Layout, Level, Notice, NoticeDetails, NotificationKey, PreTrace,
    TraceCode, Upload, UploadCode, Venue, VenueDetails, VenueKind,
};
use noren::time::{Hour, UnixSeconds, Window};
use noren::visitor::{Stay, VisitId, to_the_end};
use prost::Message;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// 2023-11-15T12:00:00Z.
pub(crate) const NOON: u64 = 1_700_049_600;
pub(crate) const HOUR: u64 = 3_600;
pub(crate) const DAY: u64 = 86_400;

pub(crate) fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).expect("a time")
}

pub(crate) fn window(start: u64, end: u64) -> Window {
    Window::new(at(start), at(end)).expect("a window")
}

pub(crate) fn hour(start: u64) -> Hour {
    Hour::starting_at(at(start)).expect("an hour")
}

/// What everybody in the games lives in.
pub(crate) struct Town {
    pub(crate) rng: ChaCha20Rng,
    pub(crate) authority: AuthorityKeys,
}

impl Town {
    pub(crate) fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(11);
        Self { authority: AuthorityKeys::generate(&mut rng), rng }
    }

    pub(crate) fn venue(&mut self, name: &str) -> (EntryCode, TraceCode) {
        self.venue_with(name, "1-2-3 Naka", VenueDetails::default())
    }

    /// The venue with the longest texts that there are.
    pub(crate) fn wordy_venue(&mut self) -> (EntryCode, TraceCode) {
        let (room, kind) = ("座".repeat(32), Some(VenueKind::SportsClub));
        let details = VenueDetails::new(kind, Some(room), Some(720)).expect("details");
        self.venue_with(&"店".repeat(100), &"京".repeat(100), details)
    }

    fn venue_with(
        &mut self,
        name: &str,
        address: &str,
        details: VenueDetails,
    ) -> (EntryCode, TraceCode) {
        let valid = window(NOON - 30 * DAY, NOON + 30 * DAY);
        let venue = Venue::new(name, address, valid, details).expect("a venue");
        let key = self.authority.upload_public_key();
        noren::venue::set_up(venue, &key, &mut self.rng).expect("two codes")
    }

    /// The records of a visit.
    pub(crate) fn visit(&mut self, code: &EntryCode, from: u64, to: u64) -> Vec<CheckInRecord> {
        let stay = Stay::new(at(from), at(to)).expect("a stay");
        let visit = VisitId::generate(&mut self.rng);
        seal_visit(code, stay, visit, &mut self.rng).expect("records")
    }

    /// What the authority says to pre-traces for a window.
    pub(crate) fn judge(
        &mut self,
        pre_traces: Vec<PreTrace>,
        window: Window,
    ) -> Result<Review, ReviewError> {
        let code = UploadCode::generate(&mut self.rng).binding();
        let upload = Upload { code, window, pre_traces };
        let key = self.authority.upload_public_key();
        let sealed = upload.seal(&key, &mut self.rng).expect("a box");
        review(self.authority.upload_key(), &Case { code, window }, &sealed, window.over_at())
    }

    /// The log entries of a window that venue and authority agree on.
    pub(crate) fn publish(&mut self, trace_code: &TraceCode, window: Window) -> Vec<Vec<u8>> {
        self.publish_notice(trace_code, window, Level::Attention, "")
    }

    pub(crate) fn publish_notice(
        &mut self,
        trace_code: &TraceCode,
        window: Window,
        level: Level,
        message: &str,
    ) -> Vec<Vec<u8>> {
        let traces = self.traces_with_notice(trace_code, window, level, message);
        traces.iter().map(Trace::to_bytes).collect()
    }

    /// The traces of a window that venue and authority agree on.
    pub(crate) fn traces(&mut self, trace_code: &TraceCode, window: Window) -> Vec<Trace> {
        self.traces_with_notice(trace_code, window, Level::Attention, "")
    }

    fn traces_with_notice(
        &mut self,
        trace_code: &TraceCode,
        window: Window,
        level: Level,
        message: &str,
    ) -> Vec<Trace> {
        let pre_traces =
            noren::venue::pre_traces(trace_code, window, window.over_at()).expect("pre-traces");
        let review = self.judge(pre_traces, window).expect("a good upload");
        let details =
            Some(NoticeDetails { level, names_venue: level == Level::Cluster, names_date: true });
        let notice = Notice { window: Some(window), message: message.to_owned(), details };
        let trace = |verified: &noren::authority::VerifiedPreTrace| {
            verified.trace(&notice, Layout::WithTimes, &mut self.rng).expect("a trace")
        };
        review.pre_traces.iter().map(trace).collect()
    }

    /// A log entry that an opponent writes: any key for any identity, with a notice that opens.
    pub(crate) fn forge(
        &mut self,
        identity: &Identity,
        key: &[u8],
        hour: Hour,
        notification_key: &NotificationKey,
    ) -> Vec<u8> {
        let details =
            Some(NoticeDetails { level: Level::Cluster, names_venue: true, names_date: true });
        let window = Window::new(hour.start(), hour.end()).expect("an hour");
        let notice = Notice { window: Some(window), message: "forged".to_owned(), details };
        let sealed = notice.seal(notification_key, Layout::WithTimes, &mut self.rng);
        let sealed = sealed.expect("a notice");
        ProblematicEvent {
            version: 3,
            identity: identity.as_bytes().to_vec(),
            secret_key_for_identity: key.to_vec(),
            day: hour.day().start().as_i64(),
            encrypted_associated_data: sealed.bytes().to_vec(),
            cipher_text_nonce: sealed.nonce().to_vec(),
        }
        .encode_to_vec()
    }
}

/// How many of the entries open one of the records.
pub(crate) fn matches(records: &[CheckInRecord], entries: &[Vec<u8>]) -> usize {
    let entries = (0..).zip(entries.iter().map(Vec::as_slice));
    match_entries(records, entries, to_the_end).expect("not cancelled").matches.len()
}

/// Whether two byte strings share `length` bytes in a row.
pub(crate) fn share(a: &[u8], b: &[u8], length: usize) -> bool {
    let windows: std::collections::BTreeSet<&[u8]> = a.windows(length).collect();
    b.windows(length).any(|window| windows.contains(window))
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ProblematicEvent {
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) identity: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) secret_key_for_identity: Vec<u8>,
    #[prost(int64, tag = "4")]
    pub(crate) day: i64,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) encrypted_associated_data: Vec<u8>,
    #[prost(bytes = "vec", tag = "6")]
    pub(crate) cipher_text_nonce: Vec<u8>,
}
