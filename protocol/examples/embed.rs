//! From a printed code to a notice on the visitor's device, without a network: what goes over one
//! stays in a variable.

use std::collections::HashMap;

use noren::authority::{Case, review, shuffled_entries};
use noren::log::{Append, LogPosition, Origin, encode_bundle};
use noren::messages::{
    Layout, Level, Notice, NoticeDetails, UploadCode, Venue, VenueDetails, VenueKind,
};
use noren::profile::Profile;
use noren::visitor::{CheckIn, DeviceKey, File, LogSync, VaultKey, Wanted};
use noren::{AuthorityKeys, EntryCode, Pin, SignedProfile, UnixSeconds, Vault, Window, venue};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut rng = rand::rng();
    let evening = UnixSeconds::new(1_775_066_400)?; // 2026-04-01, 18:00 UTC
    let next_day = evening.plus(86_400);

    // The authority makes its keys and a signed profile; everybody else pins the profile.
    let keys = AuthorityKeys::generate(&mut rng);
    let (origin, url) = (Origin::new("health.example/noren")?, "https://noren.health.example");
    let profile = Profile {
        time_zone: "Asia/Tokyo".to_owned(),
        ..keys.profile("Health office", origin, url, evening.minus(86_400))
    };
    let published_profile = profile.sign(&keys)?.as_bytes().to_vec();
    let pin = Pin::new(SignedProfile::from_bytes(&published_profile)?);
    let authority = pin.profile().profile();

    // The venue sets up: a link for the poster's QR code, and a trace code to keep private.
    let valid = Window::new(evening.minus(86_400), evening.plus(365 * 86_400))?;
    let details = VenueDetails::new(Some(VenueKind::Restaurant), None, Some(90))?;
    let izakaya = Venue::new("Izakaya", "1-2-3 Minato", valid, details)?;
    let (entry_code, trace_code) = venue::set_up(izakaya, &authority.upload_key, &mut rng)?;
    let poster = entry_code.to_url(&authority.url)?;

    // The visitor scans the poster and stays for an hour. What the device keeps is sealed records.
    let scanned = EntryCode::from_url(&poster)?;
    let mut vault = Vault::new();
    let (CheckIn::Opened(visit) | CheckIn::Extended(visit)) =
        vault.check_in(&scanned, evening, &mut rng)?;
    vault.check_out(visit, evening.plus(3_600), &mut rng)?;
    let device_key = VaultKey::device(DeviceKey::generate(&mut rng));
    let file = vault.seal(&device_key, &mut rng)?;

    // The authority opens a case and tells the venue a one-time code and a window.
    let code = UploadCode::generate(&mut rng);
    let window = Window::new(evening.plus(1_800), evening.plus(7_200))?;
    let case = Case { code: code.binding(), window };

    // The venue agrees: its half of the keys of those hours, sealed to the authority.
    let upload = venue::upload(&trace_code, window, code.binding(), next_day)?;
    let sealed = upload.seal(&authority.upload_key, &mut rng)?;

    // The authority reviews the upload; only what passes every check can be published.
    let review = review(keys.upload_key(), &case, &sealed, next_day)?;
    let notice = Notice {
        window: Some(review.window),
        message: "You were near somebody infected.".to_owned(),
        details: Some(NoticeDetails {
            level: Level::Attention,
            names_venue: true,
            names_date: true,
        }),
    };
    let mut traces = vec![];
    for hour in &review.pre_traces {
        traces.push(hour.trace(&notice, Layout::WithTimes, &mut rng)?);
    }
    let entries = shuffled_entries(&traces, &mut rng);
    let (start, key) = (LogPosition::start(), keys.log_keys());
    let append = Append::sign(&start, entries, &authority.origin, &key, next_day)?;

    // What the authority's server hands out then.
    let served = |wanted: &Wanted| match wanted.file {
        File::Profile => Some(published_profile.clone()),
        File::Checkpoint => Some(append.checkpoint.clone().into_bytes()),
        File::Entries(_) => encode_bundle(&append.entries).ok(),
        // So short a log is read from its beginning.
        File::Archived(_) | File::Hashes(_) => None,
    };

    // The device downloads and verifies all of it, and hangs up: how long it will try keys on its
    // records is nobody's business. Then it tries what it has kept.
    let mut vault = Vault::open(&file, &device_key)?;
    let mut kept = HashMap::new();
    LogSync::to_download(&vault, &pin, next_day).read(|wanted| {
        let bytes = served(wanted)?;
        kept.insert(wanted.path(), bytes.clone());
        Some(bytes)
    })?;
    let sync = LogSync::new(&vault, &pin, next_day);
    sync.read(|wanted| kept.get(&wanted.path()).cloned())?.finish(&mut vault)?;

    let exposures = vault.exposures();
    assert_eq!(exposures.len(), 1);
    assert_eq!(exposures[0].level, Level::Attention);
    assert_eq!(exposures[0].overlap, Window::new(evening.plus(1_800), evening.plus(3_600))?);
    Ok(())
}
