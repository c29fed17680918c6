//! The world that the benches measure in: an authority, a venue, a seeded source of randomness.

mod clock;
pub mod contestants;
pub mod files;
pub mod load;
pub mod plot;
pub mod race;
pub mod ratios;
pub mod report;
pub mod steps;
pub mod workload;

use noren::authority::{AuthorityKeys, Case, Trace, VerifiedPreTrace, review};
use noren::hazmat::{CheckInRecord, seal_visit};
use noren::messages::{
    EntryCode, Layout, Level, Notice, NoticeDetails, TraceCode, UploadCode, Venue, VenueDetails,
};
use noren::time::{UnixSeconds, Window};
use noren::visitor::{Stay, VisitId};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

/// What a bench needs may fail to be made; a bench then cannot go on.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Midnight of the day on which everything happens.
pub const MIDNIGHT: u64 = 1_700_006_400;

/// An authority and a source of randomness that is the same in every run.
pub struct World {
    /// The authority.
    pub keys: AuthorityKeys,
    /// The randomness.
    pub rng: ChaCha20Rng,
}

impl World {
    /// A world from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        Self { keys: AuthorityKeys::generate(&mut rng), rng }
    }

    /// A venue that is open all day.
    ///
    /// # Errors
    /// None that these texts can cause.
    pub fn venue(&mut self) -> Result<(EntryCode, TraceCode)> {
        let valid = window(0, 24)?;
        let venue = Venue::new("Izakaya Noren", "1-2-3 Umeda", valid, VenueDetails::default())?;
        Ok(noren::venue::set_up(venue, &self.keys.upload_public_key(), &mut self.rng)?)
    }

    /// The records of one visit.
    ///
    /// # Errors
    /// None that a valid code can cause.
    pub fn visit(&mut self, code: &EntryCode, from: u64, to: u64) -> Result<Vec<CheckInRecord>> {
        let stay = Stay::new(hour(from)?, UnixSeconds::new(MIDNIGHT + to * 3_600 - 1)?)?;
        let id = VisitId::generate(&mut self.rng);
        Ok(seal_visit(code, stay, id, &mut self.rng)?)
    }

    /// A venue's upload, sealed, with the case that it answers.
    ///
    /// # Errors
    /// None that a window of these hours can cause.
    pub fn upload(&mut self, code: &TraceCode, window: Window) -> Result<(Case, Vec<u8>)> {
        let binding = UploadCode::generate(&mut self.rng).binding();
        let upload = noren::venue::upload(code, window, binding, window.over_at())?;
        let sealed = upload.seal(&self.keys.upload_public_key(), &mut self.rng)?;
        Ok((Case { code: binding, window }, sealed))
    }

    /// The traces of a window.
    ///
    /// # Errors
    /// None that an honest upload can cause.
    pub fn traces(&mut self, code: &TraceCode, window: Window) -> Result<Vec<Trace>> {
        let (case, sealed) = self.upload(code, window)?;
        let review = review(self.keys.upload_key(), &case, &sealed, window.over_at())?;
        traces(&review.pre_traces, window, &mut self.rng)
    }
}

/// Traces of verified pre-traces, each with a notice of the window.
///
/// # Errors
/// When the window reaches beyond that of the pre-traces.
pub fn traces(
    pre_traces: &[VerifiedPreTrace],
    window: Window,
    rng: &mut ChaCha20Rng,
) -> Result<Vec<Trace>> {
    let details = NoticeDetails { level: Level::Attention, names_venue: false, names_date: true };
    let notice = Notice { window: Some(window), message: String::new(), details: Some(details) };
    let trace = |each: &VerifiedPreTrace| Ok(each.trace(&notice, Layout::WithTimes, rng)?);
    pre_traces.iter().map(trace).collect()
}

/// From one hour of the day to another.
///
/// # Errors
/// When the second is not after the first.
pub fn window(from: u64, to: u64) -> Result<Window> {
    Ok(Window::new(hour(from)?, hour(to)?)?)
}

fn hour(hour: u64) -> Result<UnixSeconds> {
    Ok(UnixSeconds::new(MIDNIGHT + hour * 3_600)?)
}
