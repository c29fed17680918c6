//! `noren demo --page`: a town in the browser. The visitor is whoever sits before it; the office and the
//! venues are played here, by the commands that they would type.

use std::io::BufRead as _;
use std::pin::{Pin, pin};

use anyhow::Context as _;
use noren::time::{Hour, UnixSeconds};
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::person::Person;
use super::server::DemoServer;
use super::story::{self, VENUES};
use super::wall::{self, Poster};
use super::{Asked, Demo};
use crate::files;
use crate::text::clean_path;
use crate::times;

/// How far a warning reaches back from the beginning of this hour, in seconds.
const REACH: u64 = 3 * 3_600;

/// The venues whose posters hang: of two with one name the first.
const SHOWN: usize = 3;

/// Where everything is.
#[derive(Serialize)]
struct Opened<'a> {
    page: &'a str,
    town: &'a str,
    folder: String,
    trace_codes: Vec<String>,
}

/// What the office has published.
#[derive(Serialize)]
struct Warned {
    warned: &'static str,
    level: &'static str,
    from: String,
    to: String,
}

impl Demo<'_> {
    /// Opens the town, and plays its office until the visitor ends it.
    pub(super) fn open_town(&self) -> anyhow::Result<()> {
        // [CLI-50]
        let server = self.start_authority()?;
        self.set_up_venues()?;
        let town = self.hang_posters(&server)?;
        let opened = Opened {
            page: &server.url,
            town: &town,
            folder: clean_path(&self.root),
            trace_codes: (0..SHOWN).map(|number| self.trace(number)).collect(),
        };
        self.say_what_to_do()?;
        self.context.output.event(&opened, |opened| {
            format!(
                "the posters: {}\nthe page:    {}\nthe folder:  {}",
                opened.town, opened.page, opened.folder
            )
        })?;
        self.play_office(&server)?;
        server.stop();
        Ok(())
    }

    fn hang_posters(&self, server: &DemoServer) -> anyhow::Result<String> {
        self.chapter("The venues hang their posters.");
        let mut posters = vec![];
        for (number, venue) in VENUES.iter().enumerate().take(SHOWN) {
            let person = Person::new(self.context, &self.root, &format!("venue-{number}"))?;
            let entry = self.file(&format!("venue-{number}/codes/entry.txt"));
            let made = person.run(&["venue", "poster", "--entry", &entry], "")?;
            let png =
                made.get("png").and_then(|png| png.as_str()).context("there is no picture")?;
            let link = String::from_utf8(files::read_named(entry.as_ref())?.to_vec())?;
            posters.push(Poster {
                name: venue.name,
                address: venue.address,
                link: link.trim().to_owned(),
                png: files::read_named(png.as_ref())?.to_vec(),
            });
        }
        let document = wall::document(&posters, &server.url);
        let folder = self.root.join("town");
        files::make_folder(&folder)?;
        files::replace(&folder.join("town.html"), document.as_bytes())?;
        let mut shown = vec![(String::new(), "text/html; charset=utf-8", document.into_bytes())];
        for (number, poster) in posters.into_iter().enumerate() {
            let name = wall::picture(number);
            files::replace(&folder.join(&name), &poster.png)?;
            shown.push((name, "image/png", poster.png));
        }
        Ok(format!("{}/", wall::hang(shown)?))
    }

    fn say_what_to_do(&self) -> anyhow::Result<()> {
        let (from, to) = self.last_hours()?;
        let venues: Vec<_> = VENUES
            .iter()
            .take(SHOWN)
            .enumerate()
            .map(|(number, venue)| format!("   {} {}", number + 1, venue.name))
            .collect();
        self.context.output.say(format!(
            "\nThe town is open. You are the visitor:\n\
             1. Open the posters and the page, whose addresses stand below, in a browser.\n\
             2. In the page, scan a poster: with a camera that sees the screen, or by a picture that you \
             save from the first page. Choose \"Keep an earlier visit\", and say that you were there between \
             {}: warnings reach hours that are over. Or check in now, and come back in an hour.\n\
             3. Come back here and type the number of that venue, then Enter. Somebody who was there is \
             ill: the office asks the venue, and publishes a warning of the last three full hours, which \
             are named.\n\
             {}\n\
             4. Look in the page: it tells you, and nobody else learns of it. Warn of another venue, and \
             it does not.\n\
             To end, type q and Enter, or press Ctrl-C. Everything happens on this machine.\n",
            between(from, to),
            venues.join("\n")
        ));
        Ok(())
    }

    /// The last full hours. The keys of an hour that is not over must not be known: [REV-13].
    fn last_hours(&self) -> anyhow::Result<(UnixSeconds, UnixSeconds)> {
        let end = Hour::containing(self.context.now()?).start();
        Ok((end.minus(REACH), end))
    }

    /// Warns of whatever is typed until somebody ends it.
    fn play_office(&self, server: &DemoServer) -> anyhow::Result<()> {
        let mut typed = typed_lines();
        // Kept, so that a signal during a warning ends the town after it.
        let mut stop = pin!(tokio::signal::ctrl_c());
        while let Some(line) = server.wait(next_line(&mut typed, stop.as_mut())) {
            let line = noren::text::typed(&line);
            if matches!(line.as_str(), "q" | "Q") {
                break;
            }
            let number = if line.is_empty() { Ok(1) } else { line.parse::<usize>() };
            match number {
                Ok(number @ 1..=SHOWN) => self.warn_now(number - 1, server)?,
                _ => self
                    .context
                    .output
                    .say(format!("type the number of a venue, 1 to {SHOWN}, or q to end")),
            }
        }
        Ok(())
    }

    /// Publishes a warning of the last full hours at a venue.
    fn warn_now(&self, venue: usize, server: &DemoServer) -> anyhow::Result<()> {
        let (start, end) = self.last_hours()?;
        let (from, to) = (times::rfc3339(start), times::rfc3339(end));
        let level = story::level_at(venue);
        self.warn(&Asked { venue, from: from.clone(), to: to.clone(), level }, server)?;
        let warned = VENUES.get(venue).map_or("", |venue| venue.name);
        let event = Warned { warned, level, from, to };
        self.context.output.event(&event, |event| {
            format!(
                "published: {} at {}, for whoever was there between {}. Look in the page.",
                event.level,
                event.warned,
                between(start, end)
            )
        })
    }

    fn trace(&self, venue: usize) -> String {
        self.file(&format!("venue-{venue}/codes/trace.txt"))
    }
}

/// Two times, as one says them after "between".
fn between(from: UnixSeconds, to: UnixSeconds) -> String {
    times::show_span(from, to).replacen(" to ", " and ", 1)
}

/// What is typed, line by line, while other things go on.
fn typed_lines() -> UnboundedReceiver<String> {
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The next line, or `None` when the town is to be closed. Where nobody can type, it stays open.
async fn next_line(
    typed: &mut UnboundedReceiver<String>,
    mut stop: Pin<&mut impl Future<Output = std::io::Result<()>>>,
) -> Option<String> {
    tokio::select! {
        biased;
        _ = stop.as_mut() => None,
        Some(line) = typed.recv() => Some(line),
        else => None,
    }
}
