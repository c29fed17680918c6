//! Asking a diagnosed visitor for visits.

use anyhow::{Context as _, ensure};
use noren::messages::UploadCode;
use noren::time::{Day, UnixSeconds};
use serde::Serialize;
use serde_json::json;

use super::check_enabled;
use crate::authority::codes;
use crate::authority::desk::{Desk, Event, PatientFile, Status};
use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::text::counted;
use crate::times;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Take no visits before this local day, like 2026-03-25: the beginning of the infectious time
    /// [default: as long ago as devices keep records]
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// How long the code is good
    #[arg(long, default_value = "7d", value_name = "LENGTH")]
    expires: String,
}

/// A patient case with the code to read out.
#[derive(Serialize)]
struct Opened {
    patient: String,
    code: String,
    expires: String,
    since: String,
    #[serde(skip)]
    shown: String,
    #[serde(skip)]
    until: String,
}

impl Opened {
    fn new(desk: &Desk<'_>, patient: &PatientFile, code: &UploadCode) -> anyhow::Result<Self> {
        let policy = desk.policy()?;
        let zone = times::zone(Some(policy.time_zone()))?;
        let day = times::show_in(patient.earliest, &zone, "%Y-%m-%d");
        let shown = format!("{day} {}", times::show_clock(patient.earliest, &zone));
        Ok(Self {
            patient: patient.id.clone(),
            code: code.to_text().to_string(),
            expires: times::rfc3339(patient.expires),
            since: times::rfc3339(patient.earliest),
            shown: format!("{shown} ({})", policy.time_zone()),
            // [CLI-32]
            until: format!("{} ({})", times::show_at(patient.expires, &zone), policy.time_zone()),
        })
    }

    fn lines(&self) -> String {
        format!(
            "patient case {}\nvisits since: {}\nupload code:  {}\nRead both out to the visitor, who decides which visits to tell. The code is good for one upload, until {}, and is not kept here; nor is anything about the visitor.",
            self.patient, self.shown, self.code, self.until,
        )
    }
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    context.output.check_seen()?;
    let (now, mut rng) = (context.now()?, context.rng());
    let life = codes::parse_life(&arguments.expires)?;
    let mut desk = Desk::open(context)?;
    check_enabled(&desk)?;
    let earliest = earliest(&desk, arguments.since.as_deref(), now)?;
    codes::clear_unopened::<PatientFile>(&mut desk)?;
    let code = UploadCode::generate(&mut rng);
    let known: Vec<&str> = desk.patient_cases().iter().map(|patient| patient.id.as_str()).collect();
    // [PAT-19]
    let patient = PatientFile {
        id: Desk::new_id("i", &mut rng, &known),
        code_hash: code.hash(),
        binding: code.binding(),
        earliest,
        opened: now,
        expires: now.plus(life),
        status: Status::Registering,
        latest: None,
    };
    let details = json!({ "since": earliest.get(), "expires": patient.expires.get() });
    let (event, expires) = (Event::new("patient-opened", &patient.id, details), patient.expires);
    let patient = codes::open(&mut desk, patient, expires, event)?;
    let told = context.output.told(&Opened::new(&desk, &patient, &code)?, Opened::lines);
    told.with_context(|| codes::lost("patient", &patient.id))?;
    Ok(Answer::Yes)
}

pub(super) fn reissue(context: &Context, name: &str, expires: &str) -> Outcome {
    context.output.check_seen()?;
    let life = codes::parse_life(expires)?;
    let mut desk = Desk::open(context)?;
    check_enabled(&desk)?;
    desk.resume()?;
    let mut patient = desk.patient_case(name)?;
    let code = codes::reissue(context, &mut desk, &mut patient, life)?;
    let told = context.output.told(&Opened::new(&desk, &patient, &code)?, Opened::lines);
    told.with_context(|| codes::lost("patient", &patient.id))?;
    Ok(Answer::Yes)
}

/// The day that was asked for, or the first one of which devices still keep something.
fn earliest(desk: &Desk<'_>, since: Option<&str>, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
    let days = desk.profile.profile().retention_days;
    let kept = Day::containing(now).minus(days).start();
    let Some(since) = since else { return Ok(kept) };
    let asked =
        times::parse_start_of_date(since, now, desk.policy()?.time_zone()).context("--since")?;
    ensure!(asked < now, "--since: that day is still to come");
    // A local day may begin before the UTC day of the same date.
    ensure!(
        kept <= asked.plus(86_400),
        "--since: devices keep records for {}, and that day is longer ago: no one could be warned",
        counted(days, "day")
    );
    Ok(asked)
}
