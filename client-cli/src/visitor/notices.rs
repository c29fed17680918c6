//! Notices as a visitor reads them.

use noren::authority::profile::{Profile, SignedProfile};
use noren::messages::notice::Level;
use noren::visitor::exposure::Exposure;
use serde::Serialize;

use super::keep::change;
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::followed::Followed;
use crate::secret::PassphraseSource;
use crate::text::{clean, clean_lines};
use crate::times;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) language: Language,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// In which language notices are shown.
#[derive(clap::Args)]
pub(crate) struct Language {
    /// Show texts in this language where the authority has them [default: that of the environment]
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
}

impl Language {
    /// The tags to try, best first: the whole one, its first part, English.
    pub(super) fn tags(&self) -> Vec<String> {
        let environment =
            || ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok());
        let tag = self.language.clone().or_else(environment).unwrap_or_default();
        let tag = tag.split(['.', '@']).next().unwrap_or_default().replace('_', "-");
        let first = tag.split('-').next().unwrap_or_default().to_owned();
        [tag, first, "en".to_owned()].into_iter().filter(|tag| !tag.is_empty()).collect()
    }
}

/// A notice, as it is printed and as a watcher's command gets it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shown {
    /// Who warns.
    authority: String,
    /// `attention`, `cluster` or `withdrawn`.
    level: &'static str,
    /// What the authority says at this level, in the visitor's language.
    text: Option<String>,
    /// The notice's own short message.
    message: String,
    /// The venue, where the authority names it.
    venue: Option<Place>,
    visit: Span,
    window: Span,
    overlap: Span,
    received: String,
    contacts: Vec<Line>,
    #[serde(skip)]
    when: String,
}

#[derive(Debug, Clone, Serialize)]
struct Place {
    name: String,
    address: String,
    room: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Span {
    start: String,
    end: String,
}

#[derive(Debug, Clone, Serialize)]
struct Line {
    label: String,
    value: String,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let profiles = Followed::new(context).all()?;
    let exposures = change(context, &arguments.passphrase, |vault, _, _| Ok(vault.exposures()))?;
    let shown = shown(&exposures, &profiles, &arguments.language.tags());
    print(context, &shown)?;
    Ok(if shown.is_empty() { Answer::No } else { Answer::Yes })
}

/// Prints notices, or says that there is none.
pub(super) fn print(context: &Context, notices: &[Shown]) -> anyhow::Result<()> {
    context.output.data(&notices, |notices| {
        let blocks: Vec<String> = notices.iter().map(Shown::block).collect();
        if blocks.is_empty() { "no notices".to_owned() } else { blocks.join("\n\n") }
    })
}

/// Exposures with the texts that their authorities' profiles have for them.
pub(super) fn shown(
    exposures: &[Exposure],
    profiles: &[SignedProfile],
    languages: &[String],
) -> Vec<Shown> {
    let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
    exposures
        .iter()
        .map(|exposure| {
            let mut profiles = profiles.iter().map(SignedProfile::profile);
            let profile = profiles.find(|profile| profile.fingerprint() == exposure.authority);
            Shown::new(exposure, profile, &languages)
        })
        .collect()
}

impl Shown {
    fn new(exposure: &Exposure, profile: Option<&Profile>, languages: &[&str]) -> Self {
        let span = |start, end| Span { start: times::rfc3339(start), end: times::rfc3339(end) };
        let window = |window: noren::time::Window| span(window.start(), window.end());
        Self {
            authority: profile.map_or_else(|| exposure.authority.to_string(), |p| p.name.clone()),
            level: exposure.level.name(),
            text: profile
                .and_then(|p| p.text(exposure.level, languages))
                .map(|own| own.text.clone()),
            message: exposure.message.clone(),
            // [MAT-5]
            venue: exposure.venue.as_ref().map(|venue| Place {
                name: venue.description.clone(),
                address: venue.address.clone(),
                room: venue.room.clone(),
            }),
            visit: span(exposure.stay.arrival(), exposure.stay.departure()),
            window: window(exposure.window),
            overlap: window(exposure.overlap),
            received: times::rfc3339(exposure.received),
            contacts: profile.map_or_else(Vec::new, |profile| contacts(profile, languages)),
            when: times::show_window(exposure.overlap),
        }
    }

    fn block(&self) -> String {
        let heading = match self.level {
            level if level == Level::Cluster.name() => "CLUSTER",
            level if level == Level::Withdrawn.name() => {
                "WITHDRAWN (an earlier notice no longer stands)"
            }
            _ => "ATTENTION",
        };
        let mut lines = vec![format!("{heading}: {}, from {}", self.when, clean(&self.authority))];
        if let Some(Place { name, address, room }) = &self.venue {
            let room = room.as_ref().map(|room| format!(", {room}")).unwrap_or_default();
            lines.push(clean(&format!("{name}{room}, {address}")));
        }
        lines.extend(self.text.as_deref().map(clean_lines));
        if !self.message.is_empty() {
            lines.push(clean(&self.message));
        }
        lines.extend(
            self.contacts.iter().map(|line| clean(&format!("{}: {}", line.label, line.value))),
        );
        lines.join("\n  ")
    }
}

fn contacts(profile: &Profile, languages: &[&str]) -> Vec<Line> {
    let in_language = |language: &str| {
        let lines = profile.contacts.iter().filter(|contact| contact.language == language);
        lines
            .map(|contact| Line { label: contact.label.clone(), value: contact.value.clone() })
            .collect()
    };
    let mut choices = languages.iter().map(|language| in_language(language));
    let found: Option<Vec<Line>> = choices.find(|lines: &Vec<Line>| !lines.is_empty());
    let first = || profile.contacts.first().map(|contact| in_language(&contact.language));
    found.or_else(first).unwrap_or_default()
}
