//! Publishing: from a verified pre-trace to an entry of the log.

use std::collections::BTreeMap;

use rand_core::CryptoRng;

use super::review::VerifiedPreTrace;
use crate::ibe::MasterSecretKey;
use crate::identity::{Identity, NotificationKey};
use crate::messages::{
    Layout, Level, MessageError, Notice, NoticeDetails, PublishedTrace, RangeError,
};
use crate::time::Day;

/// A trace that the authority is about to publish. Only [`VerifiedPreTrace::trace`] makes one.
#[derive(Debug, Clone)]
pub struct Trace(PublishedTrace);

impl Trace {
    /// Returns the trace as a device will read it.
    #[must_use]
    pub const fn published(&self) -> &PublishedTrace {
        &self.0
    }

    /// Returns the bytes of the log entry.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }
}

impl VerifiedPreTrace {
    /// Returns the trace of this hour with a notice. A later trace of the same hour supersedes it:
    /// so a notice is corrected, raised to a cluster or withdrawn, and the later one reaches
    /// exactly those whom the first one reached.
    ///
    /// # Errors
    /// [`MessageError::OutOfRange`] for a window that reaches beyond what the venue's upload proved,
    /// or what keeps the notice from being encoded.
    pub fn trace<R: CryptoRng>(
        &self,
        notice: &Notice,
        layout: Layout,
        rng: &mut R,
    ) -> Result<Trace, MessageError> {
        // [PUB-1]
        if notice.window.is_some_and(|window| !self.window().contains(window)) {
            return Err(MessageError::OutOfRange(RangeError::NoticeWindow));
        }
        // [PUB-1] A notice without details would be shorter than all others, and is read as these.
        let details = notice.details.or(Some(NoticeDetails::UNSAID));
        let notice = Notice { details, ..notice.clone() };
        // [PUB-2] [REV-12]
        let sealed = notice.seal(self.notification_key(), layout, rng)?;
        let (identity, key, day) = (*self.identity(), self.key().clone(), self.hour().day());
        Ok(Trace(PublishedTrace::new(identity, key, day, sealed)))
    }
}

/// How a batch is filled: of each of the last `days` UTC days, and of every other day that the batch
/// touches, it holds a number of entries that is a multiple of `multiple`. Where the authority has
/// a patient master key, this holds for the entries under it and for the others, each for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover {
    /// At least 1.
    pub multiple: u32,
    /// Today and the days before it.
    pub days: u32,
}

/// The most entries of cover that a policy may ask for in one batch: with them and some thousand
/// entries that carry notices, a batch fits into one append of the log and under one checkpoint.
pub const MAX_COVER: u32 = 8_192;

/// Makes an entry that looks like any other and opens no record: a random identity, its key, and a
/// notice for nobody. The key is that of a random master key, or of `patient_key`: whoever has the
/// profile tells with one pairing which entries are under the patient master key, so that these
/// need cover of their own.
///
/// # Errors
/// [`MessageError`] when the notice cannot be encoded; nothing that a caller can cause.
pub fn cover_entry<R: CryptoRng>(
    day: Day,
    patient_key: Option<&MasterSecretKey>,
    rng: &mut R,
) -> Result<Vec<u8>, MessageError> {
    // [PUB-5] [PUB-7]
    let mut identity = [0; Identity::LENGTH];
    rng.fill_bytes(&mut identity);
    let key = match patient_key {
        Some(patient_key) => patient_key.identity_key(&identity),
        None => MasterSecretKey::generate(rng).identity_key(&identity),
    };
    let details =
        Some(NoticeDetails { level: Level::Attention, names_venue: false, names_date: false });
    let notice = Notice { window: None, message: String::new(), details };
    let sealed = notice.seal(&NotificationKey::generate(rng), Layout::WithoutTimes, rng)?;
    Ok(PublishedTrace::new(Identity::from_bytes(identity), key, day, sealed).to_bytes())
}

/// Returns the log entries of a batch with its cover, in random order. `patient_key` is the
/// authority's, where it has one, whatever the traces are: every batch then holds cover of both
/// kinds.
///
/// # Errors
/// As [`cover_entry`].
pub fn covered_entries<R: CryptoRng>(
    traces: &[Trace],
    cover: Option<Cover>,
    today: Day,
    patient_key: Option<&MasterSecretKey>,
    rng: &mut R,
) -> Result<Vec<Vec<u8>>, MessageError> {
    let mut entries: Vec<Vec<u8>> = traces.iter().map(Trace::to_bytes).collect();
    if let Some(cover) = cover {
        let (under_patient, others): (Vec<_>, Vec<_>) =
            traces.iter().partition(|trace| trace.is_under(patient_key));
        let touched: Vec<Day> = traces.iter().map(|trace| trace.published().day()).collect();
        let mut fill = |own: &[&Trace], key| -> Result<(), MessageError> {
            for (day, missing) in cover.missing(own, &touched, today) {
                for _ in 0..missing {
                    entries.push(cover_entry(day, key, rng)?);
                }
            }
            Ok(())
        };
        // [PUB-5]
        fill(&others, None)?;
        // [PUB-7]
        if patient_key.is_some() {
            fill(&under_patient, patient_key)?;
        }
    }
    Ok(shuffled(entries, rng))
}

/// Returns how many entries [`covered_entries`] makes of the same arguments, cover included.
#[must_use]
pub fn covered_count(
    traces: &[Trace],
    cover: Option<Cover>,
    today: Day,
    patient_key: Option<&MasterSecretKey>,
) -> usize {
    let Some(cover) = cover else { return traces.len() };
    let (under_patient, others): (Vec<_>, Vec<_>) =
        traces.iter().partition(|trace| trace.is_under(patient_key));
    let touched: Vec<Day> = traces.iter().map(|trace| trace.published().day()).collect();
    let missing = |own: &[&Trace]| cover.missing(own, &touched, today).into_values().sum::<u32>();
    let mut count = missing(&others);
    if patient_key.is_some() {
        count += missing(&under_patient);
    }
    traces.len() + count as usize
}

impl Trace {
    /// Returns whether the trace's key is one under `patient_key`, by the key itself: this is what
    /// everybody else can tell with the public key.
    fn is_under(&self, patient_key: Option<&MasterSecretKey>) -> bool {
        let own = |key: &MasterSecretKey| key.identity_key(self.0.identity().as_bytes());
        patient_key.is_some_and(|key| own(key).to_bytes() == self.0.key().to_bytes())
    }
}

impl Cover {
    /// Returns how many entries each day lacks, where `own` are the traces of one kind and
    /// `touched` the days of all.
    fn missing(self, own: &[&Trace], touched: &[Day], today: Day) -> BTreeMap<Day, u32> {
        let last = (0..self.days).map(|ago| today.minus(ago));
        let mut days: BTreeMap<Day, u32> =
            last.chain(touched.iter().copied()).map(|day| (day, 0)).collect();
        for trace in own {
            *days.entry(trace.published().day()).or_default() += 1;
        }
        for count in days.values_mut() {
            *count = (*count).max(1).next_multiple_of(self.multiple.max(1)) - *count;
        }
        days
    }
}

/// Returns the log entries of a batch in random order, so that an entry's place does not tell which
/// others belong to the same venue or the same patient.
pub fn shuffled_entries<R: CryptoRng>(traces: &[Trace], rng: &mut R) -> Vec<Vec<u8>> {
    shuffled(traces.iter().map(Trace::to_bytes).collect(), rng)
}

fn shuffled<R: CryptoRng>(entries: Vec<Vec<u8>>, rng: &mut R) -> Vec<Vec<u8>> {
    // [PUB-4]
    let mut keyed: Vec<([u8; 16], Vec<u8>)> = entries
        .into_iter()
        .map(|entry| {
            let mut key = [0; 16];
            rng.fill_bytes(&mut key);
            (key, entry)
        })
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, entry)| entry).collect()
}
