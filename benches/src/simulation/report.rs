//! The report: facts, which the seed alone determines, and times, which the machine has a part in.

use std::fmt::Write as _;
use std::time::Duration;

use noren::messages::SEALED_UPLOAD_LENGTH;

use super::device::Sync;
use super::office::Batch;
use super::score::share;
use super::server::Fetched;
use super::survey::Reason;
use super::world::DAY;
use super::{Run, stress};
use crate::Result;

/// What a case costs the staff: the call to the venue, the code read out, the comparison of what the
/// venue claims. Assumed.
pub const STAFF_MINUTES_PER_CASE: u64 = 15;
/// How often a device that wakes every two hours syncs in a day.
const POLLS: u64 = 12;

/// What the seed alone determines, as Markdown.
///
/// # Errors
/// When the log's files do not belong together.
pub fn facts(run: &Run) -> Result<String> {
    let mut text = String::new();
    world(run, &mut text);
    notices(run, &mut text);
    published(run, &mut text);
    traffic(run, &mut text)?;
    vaults(run, &mut text);
    stress_bytes(run, &mut text);
    Ok(text)
}

/// What was measured, as Markdown.
#[must_use]
pub fn times(run: &Run) -> String {
    let mut text = String::from("\n## Times\n\n");
    text += &format!(
        "Wall clock, {} devices at a time; another run on another machine, or on this one while it \
         is busy, gives other numbers.\n",
        run.options.jobs
    );
    authority_times(run, &mut text);
    device_times(run, &mut text);
    if let Some(stress) = &run.stress {
        let per_key = stress.time.as_secs_f64() / stress.entries as f64;
        rows(
            &mut text,
            "Stress, 250,000 keys for a day with five records",
            &[
                ("measured keys", number(stress.entries as u64)),
                ("a key on five records, parsing included", format!("{:.3} ms", per_key * 1e3)),
                ("the whole day, **extrapolated**", format!("{:.0} s", stress.seconds())),
            ],
        );
    }
    text
}

fn world(run: &Run, text: &mut String) {
    let (scenario, survey, found) = (&run.scenario, &run.survey, &run.investigation);
    let days = u64::from(scenario.days);
    rows(
        text,
        "World (all of it in plain)",
        &[
            ("venues", number(scenario.venues.into())),
            ("devices", number(scenario.people.into())),
            ("days", number(days)),
            ("check-ins", number(survey.visits)),
            ("check-ins a day, aimed at", number(scenario.check_ins_a_day.into())),
            ("check-ins a day, reached", number(survey.visits / days)),
            ("records of a check-in", ratio(survey.records, survey.visits)),
            ("visits over a UTC midnight", number(survey.over_midnight)),
            ("patients", number(found.patients as u64)),
            ("stays that patients remember", number(found.reported as u64)),
            ("times that reports were too few for the policy", number(found.below as u64)),
            ("venues that staff had no time for", number(found.left_over as u64)),
            ("venues that did not answer", number(found.unanswered as u64)),
            ("windows published", number(found.warnings.len() as u64)),
            ("visits that have to be told", number(survey.told)),
            ("visits together with a patient, known or not", number(survey.contacts)),
            (
                "of these told (lost: memory, thresholds, venues that do not answer, days to come)",
                percent(share(survey.contacts_told, survey.contacts)),
            ),
        ],
    );
}

fn notices(run: &Run, text: &mut String) {
    *text += "\n## Notices against the truth\n\nThe sample, by what makes it hard. Somebody may be \
              in several rows.\n\n| devices | in the population | in the sample |\n|---|---:|---:|\n";
    for (reason, words) in Reason::ALL {
        let group = run.survey.group(reason);
        *text += &format!("| {words} | {} | {} |\n", number(group.people), group.size());
    }
    let tally = &run.tally;
    let visits = tally.right + tally.wrong + tally.missed + tally.quiet;
    rows(
        text,
        "Score, visit by visit",
        &[
            ("devices", number(run.lives.len() as u64)),
            ("visits", number(visits)),
            ("told rightly", number(tally.right)),
            ("told wrongly", number(tally.wrong)),
            ("missed", number(tally.missed)),
            ("rightly not told", number(tally.quiet)),
            ("told of other seconds than the true ones", number(tally.other_seconds)),
            ("**precision**", percent(tally.precision())),
            ("**recall**", percent(tally.recall())),
        ],
    );
}

fn published(run: &Run, text: &mut String) {
    let sum = |of: fn(&Batch) -> usize| run.batches.iter().map(of).sum::<usize>() as u64;
    let days = u64::from(run.scenario.days);
    let per_day = |total: u64| number(total / days);
    let (venues, keys, cover) = (sum(|b| b.venues), sum(|b| b.keys), sum(|b| b.cover));
    let inbox = run.batches.iter().map(|batch| batch.inbox).max().unwrap_or(0) as u64;
    let (busiest, last) = keys_of_days(run);
    let stored = run.server.heads().last().map_or(0, |head| head.stored) as u64;
    rows(
        text,
        "Authority and server",
        &[
            ("venues warned of, a day", per_day(venues)),
            ("keys with a notice, a day", per_day(keys)),
            ("keys with a notice, on the busiest day", number(busiest)),
            ("keys with a notice, on the last day", number(last)),
            ("entries that only fill up, a day", per_day(cover)),
            ("malformed entries, a day", per_day(sum(|b| b.malformed))),
            (
                "staff, a day (assumed: 15 minutes a case)",
                format!("{:.1} h", (venues * STAFF_MINUTES_PER_CASE) as f64 / days as f64 / 60.0),
            ),
            ("sealed uploads, a day", bytes(sum(|b| b.inbox) / days)),
            ("inbox at its fullest, until the batch is out", bytes(inbox)),
            ("appends, a day", bytes(sum(|b| b.stored.request) / days)),
            ("new entry bundles, a day", bytes(sum(|b| b.stored.bundles) / days)),
            ("new hash tiles, a day", bytes(sum(|b| b.stored.tiles) / days)),
            ("the log's files in the end", bytes(stored)),
            ("a dummy of each venue, once a week: in, a day", bytes(dummies(run.scenario.venues))),
            ("a dummy of each device, once a week: in, a day", bytes(dummies(run.scenario.people))),
        ],
    );
    *text += "\nDummies leave nothing on the server. An upload is deleted when it is published.\n";
}

/// The most keys of a day, and those of the last one.
fn keys_of_days(run: &Run) -> (u64, u64) {
    let day = |day| run.batches.iter().filter(|b| b.day == day).map(|b| b.keys as u64).sum();
    let days: Vec<u64> = (0..run.scenario.days).map(day).collect();
    (days.iter().copied().max().unwrap_or(0), days.last().copied().unwrap_or(0))
}

const fn dummies(senders: u32) -> u64 {
    senders as u64 * SEALED_UPLOAD_LENGTH as u64 / 7
}

/// What a device downloads on each day that syncs so often a day.
///
/// # Errors
/// When a file is missing.
pub fn downloads(run: &Run, polls: u64) -> Result<Vec<Fetched>> {
    let Some(first) = run.server.heads().first() else { return Ok(Vec::new()) };
    let midnight = first.time - first.time % DAY;
    let mut seen = 0;
    let mut days = Vec::new();
    for day in 0..u64::from(run.scenario.days) {
        let mut sum = Fetched::default();
        for poll in 1..=polls {
            let time = midnight + day * DAY + poll * DAY / polls;
            let Some(head) = run.server.head_at(time) else { continue };
            let fetched = run.server.fetched(seen, head)?;
            sum.requests += fetched.requests;
            sum.bytes += fetched.bytes;
            seen = head.size;
        }
        days.push(sum);
    }
    Ok(days)
}

fn traffic(run: &Run, text: &mut String) -> Result<()> {
    *text += "\n### A device's download, a day\n\nBodies only, without the heads of HTTP and TLS: \
              profile and checkpoint at each sync, and the bundles with new entries, the last one \
              again whenever it has grown. No hash tiles.\n\n\
              | syncs a day | requests | bytes, mean | bytes, most | all devices together |\n\
              |---:|---:|---:|---:|---:|\n";
    for polls in [1, POLLS] {
        let days = downloads(run, polls)?;
        let count = days.len().max(1) as u64;
        let total: u64 = days.iter().map(|day| day.bytes as u64).sum();
        let requests: u64 = days.iter().map(|day| day.requests as u64).sum();
        let most = days.iter().map(|day| day.bytes).max().unwrap_or(0) as u64;
        let (mean, everybody) = (total / count, total / count * u64::from(run.scenario.people));
        writeln!(
            text,
            "| {polls} | {} | {} | {} | {} |",
            requests / count,
            bytes(mean),
            bytes(most),
            bytes(everybody)
        )?;
    }
    let people = u64::from(run.scenario.people);
    writeln!(
        text,
        "\nThe profile is {} of it. Every two hours by all devices: {} requests for a checkpoint a \
         second.",
        bytes(run.server.profile().as_bytes().len() as u64),
        number(people * POLLS / DAY)
    )?;
    Ok(())
}

fn vaults(run: &Run, text: &mut String) {
    let syncs = || run.lives.iter().flat_map(|life| &life.syncs);
    let most = |of: fn(&Sync) -> usize| syncs().map(of).max().unwrap_or(0) as u64;
    rows(
        text,
        "Vaults of the sample",
        &[
            ("records kept, most", number(most(|sync| sync.records))),
            ("bytes in them, most", bytes(most(|sync| sync.record_bytes))),
            ("sealed vault, most", bytes(most(|sync| sync.vault_bytes))),
            ("trials of one sync, most", number(syncs().map(|s| s.trials).max().unwrap_or(0))),
            ("trials, all", number(syncs().map(|sync| sync.trials).sum())),
            ("malformed entries passed over, all", number(syncs().map(|s| s.malformed).sum())),
        ],
    );
}

fn stress_bytes(run: &Run, text: &mut String) {
    let Some(stress) = &run.stress else { return };
    rows(
        text,
        "Stress: 250,000 keys a day (computed from a real bundle)",
        &[
            ("a full bundle", bytes(stress.bundle as u64)),
            ("a device's download, a day", bytes(stress.bytes())),
            ("bundles, a day", number(stress::KEYS.div_ceil(256))),
        ],
    );
}

fn authority_times(run: &Run, text: &mut String) {
    let days = f64::from(run.scenario.days);
    let sum = |of: fn(&Batch) -> Duration| run.batches.iter().map(of).sum::<Duration>();
    let per_day = |time: Duration| format!("{:.3} s", time.as_secs_f64() / days);
    let machine = sum(|b| b.times.review) + sum(|b| b.times.publish) + sum(|b| b.times.sign);
    rows(
        text,
        "Authority and server, a day",
        &[
            ("review", per_day(sum(|b| b.times.review))),
            ("notices, cover, shuffling", per_day(sum(|b| b.times.publish))),
            ("signing", per_day(sum(|b| b.times.sign))),
            ("**the authority's machine**", per_day(machine)),
            ("**in hours**", format!("{:.5} h", machine.as_secs_f64() / days / 3_600.0)),
            ("server: verifying and making files", per_day(sum(|b| b.times.store))),
            ("all venues together: their uploads", per_day(sum(|b| b.times.upload))),
        ],
    );
}

fn device_times(run: &Run, text: &mut String) {
    *text += "\n### A device, a day with one sync\n\n\
              | | mean | median | 95th percentile | most |\n|---|---:|---:|---:|---:|\n";
    let syncs = || run.lives.iter().flat_map(|life| &life.syncs);
    let anybody = run.survey.anybody();
    let ordinary = run.lives.iter().filter(|life| anybody.contains(&life.person));
    let lines: [(&str, Vec<Duration>); 7] = [
        ("opening the vault", syncs().map(|sync| sync.times.open).collect()),
        ("checking the download", syncs().map(|sync| sync.times.verify).collect()),
        ("matching", syncs().map(|sync| sync.times.matching).collect()),
        ("sealing the vault", syncs().map(|sync| sync.times.seal).collect()),
        ("**all of a sync**", syncs().map(|sync| sync.times.sum()).collect()),
        (
            "a sync of anybody with a visit",
            ordinary.flat_map(|life| &life.syncs).map(|sync| sync.times.sum()).collect(),
        ),
        (
            "a check-in, scan and sealing included",
            run.lives.iter().flat_map(|life| &life.check_ins).copied().collect(),
        ),
    ];
    for (what, times) in lines {
        *text += &format!("| {what} | {} |\n", spread(times));
    }
    let trials: u64 = syncs().map(|sync| sync.trials).sum();
    let matching: Duration = syncs().map(|sync| sync.times.matching).sum();
    let each = matching.as_secs_f64() * 1e6 / trials.max(1) as f64;
    *text += &format!(
        "\n{} trials in {:.1} s of matching: {each:.0} µs each, with the parsing of {} entries.\n",
        number(trials),
        matching.as_secs_f64(),
        number(syncs().map(|sync| sync.entries as u64).sum())
    );
}

/// Mean, median, 95th percentile and most, as cells.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let Some(most) = times.last() else { return "– | – | – | –".to_owned() };
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    let mean = times.iter().sum::<Duration>() / times.len() as u32;
    [mean, at(50), at(95), *most].map(milliseconds).join(" | ")
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn rows(text: &mut String, heading: &str, lines: &[(&str, String)]) {
    *text += &format!("\n### {heading}\n\n| | |\n|---|---:|\n");
    for (what, value) in lines {
        *text += &format!("| {what} | {value} |\n");
    }
}

fn percent(share: f64) -> String {
    format!("{:.4} %", share * 100.0)
}

fn ratio(part: u64, whole: u64) -> String {
    format!("{:.2}", part as f64 / whole.max(1) as f64)
}

fn number(value: u64) -> String {
    let digits = value.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join(",")
}

fn bytes(value: u64) -> String {
    let units =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.iter().find(|(size, _)| value >= *size) {
        Some((size, unit)) => format!("{:.2} {unit}", value as f64 / *size as f64),
        None => format!("{value} B"),
    }
}
