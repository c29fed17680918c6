//! A policy, and which one is in force.

use noren::authority::Policy;
use noren::time::UnixSeconds;
use serde::Serialize;

use super::zone::warn_of_other_zone;
use crate::context::Context;
use crate::desk::Desk;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, counted};
use crate::times;

#[derive(Serialize)]
pub(in crate::authority) struct ShownPolicy<'a> {
    pub(in crate::authority) name: &'a str,
    pub(in crate::authority) title: &'a str,
    digest: String,
    /// When publications go out; absent where they do at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<ShownReleases>,
    pub(in crate::authority) left_open: Vec<ShownOpen<'a>>,
}

#[derive(Serialize)]
struct ShownReleases {
    /// Times of the day in the policy's time zone.
    times: Vec<String>,
    /// The entries of a release, without and with patient cases, as long as cases fit into them.
    entries: u32,
    entries_with_patient_cases: u32,
    /// What is to be known, for people.
    remarks: Vec<String>,
}

impl ShownReleases {
    fn of(policy: &Policy) -> Option<Self> {
        // [POL-14]
        let (release, cover) = (policy.release()?, policy.cover()?);
        let times: Vec<String> = release.times().iter().map(ToString::to_string).collect();
        let (entries, multiple) = (cover.multiple * cover.days, cover.multiple);
        let mut remarks = vec![
            format!("publications wait for {} ({})", times.join(", "), policy.time_zone()),
            format!(
                "a release has {}, {} with patient cases, and more where a day has \
                 more than {multiple} of one kind: that shows",
                counted(entries, "entry"),
                entries * 2
            ),
        ];
        let (pause, age) = (release.longest_pause(), policy.checkpoint_max_age() / 60);
        if u64::from(pause) * 2 > age {
            remarks.push(format!(
                "up to {} lie between two releases, and devices take the log for {}: \
                 run `noren authority heartbeat` in between",
                counted(pause.div_ceil(60), "hour"),
                counted(age / 60, "hour")
            ));
        }
        Some(Self { times, entries, entries_with_patient_cases: entries * 2, remarks })
    }
}

#[derive(Serialize)]
pub(in crate::authority) struct ShownOpen<'a> {
    setting: &'a str,
    why: &'a str,
}

impl<'a> ShownPolicy<'a> {
    pub(in crate::authority) fn new(policy: &'a Policy) -> Self {
        let open = |open: &'a noren::authority::LeftOpen| ShownOpen {
            setting: &open.setting,
            why: &open.why,
        };
        Self {
            name: policy.name(),
            title: policy.title(),
            digest: hex::encode(policy.digest()),
            release: ShownReleases::of(policy),
            left_open: policy.left_open().iter().map(open).collect(),
        }
    }

    pub(in crate::authority) fn lines(&self) -> String {
        let mut lines = vec![clean(&format!("{}: {}", self.name, self.title))];
        let remarks = self.release.as_ref().map(|release| release.remarks.clone());
        match remarks {
            Some(remarks) => lines.extend(remarks.iter().map(|each| clean(&format!("  {each}")))),
            None => lines.push(
                "  publications go out at once: whenever the log grows, there is a case".to_owned(),
            ),
        }
        lines.extend(
            self.left_open
                .iter()
                .map(|open| clean(&format!("  left to you: {} ({})", open.setting, open.why))),
        );
        lines.join("\n")
    }
}

/// Shows the policy that is in force now.
pub(in crate::authority) fn show(context: &Context, desk: &Desk<'_>) -> Outcome {
    let policy = desk.policy()?;
    // [CLI-34]
    let in_force = InForce {
        policy: ShownPolicy::new(&policy),
        in_force_since: desk.profile().profile().issued,
    };
    context.output.done(&in_force, InForce::lines)?;
    warn_of_other_zone(context, policy.time_zone());
    Ok(Answer::Yes)
}

/// A policy that this desk works by from now on.
#[derive(Serialize)]
struct InForce<'a> {
    #[serde(flatten)]
    policy: ShownPolicy<'a>,
    in_force_since: UnixSeconds,
}

impl InForce<'_> {
    fn lines(&self) -> String {
        let since = times::show(self.in_force_since);
        format!(
            "in force since {since}, and in the public profile: {}\nSHA-256 {}",
            self.policy.lines(),
            self.policy.digest
        )
    }
}
