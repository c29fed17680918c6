//! `noren demo`: the whole loop on this machine. Every step is a run of this very program, as its
//! user would run it, each person in a home of their own; between them, picture files, HTTP over
//! loopback to a real server, and nothing else. With `--page`, the visitor sits before a browser.

mod person;
mod server;
mod story;
mod town;
mod wall;

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use noren::time::Day;
use serde::Serialize;

use crate::context::Context;
use crate::files;
use crate::outcome::{Answer, Outcome};
use crate::text::clean_path;
use person::Person;
use server::DemoServer;
use story::{CASES, Case, TWIN, VENUES, VISITORS, Visit, Visitor};

#[derive(clap::Args)]
#[command(after_help = "Example: noren demo --keep ./demo\nExample: noren demo --page\n\n\
        Exit code 0: exactly the right visitors were told; with --page, the town was closed.")]
pub(crate) struct DemoArguments {
    /// Keep everything that was made in this folder, which must not exist yet
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Open a town for a browser instead, in which you are the visitor; ends with q or Ctrl-C
    #[arg(long)]
    page: bool,
}

/// What became of one visitor.
#[derive(Serialize)]
struct Told {
    visitor: &'static str,
    visits: Vec<String>,
    expected: Vec<&'static str>,
    told: Vec<String>,
    venue_named: Vec<Option<String>>,
    why: &'static str,
    right: bool,
}

/// What the demo shows in the end.
#[derive(Serialize)]
struct Report {
    visitors: Vec<Told>,
    server_files: Vec<(String, u64)>,
    server_knows_nobody: bool,
    log_verified: bool,
    right: bool,
}

pub(crate) fn run(context: &Context, arguments: &DemoArguments) -> Outcome {
    let temporary = tempfile::tempdir().context("cannot make a folder for the demo")?;
    let root = match &arguments.keep {
        Some(folder) => {
            anyhow::ensure!(
                !folder.exists(),
                "{} exists already; name a new folder",
                folder.display()
            );
            files::make_private_folder(folder)?;
            folder.canonicalize()?
        }
        None => temporary.path().to_owned(),
    };
    let is_kept = arguments.keep.is_some();
    let demo = Demo::new(context, root, is_kept)?;
    if arguments.page {
        return demo.open_town().map(|()| Answer::Yes);
    }
    let report = demo.play()?;
    context.output.data(&report, Report::shown)?;
    // [CLI-8]
    Ok(if report.right { Answer::Yes } else { Answer::No })
}

/// What the office asks a venue for: the hours of a window, and how urgent it is.
struct Asked {
    venue: usize,
    from: String,
    to: String,
    level: &'static str,
}

struct Demo<'a> {
    context: &'a Context,
    root: PathBuf,
    /// Whether the folder stays.
    is_kept: bool,
    authority: Person<'a>,
    /// Midnight (UTC) two days ago: everything happens in the past, as in an interview.
    day: Day,
}

impl<'a> Demo<'a> {
    fn new(context: &'a Context, root: PathBuf, is_kept: bool) -> anyhow::Result<Self> {
        let authority = Person::new(context, &root, "authority")?;
        let day = Day::containing(context.now()?).minus(2);
        Ok(Self { context, authority, day, root, is_kept })
    }

    fn play(&self) -> anyhow::Result<Report> {
        let server = self.start_authority()?;
        self.set_up_venues()?;
        self.check_in(&server)?;
        for case in CASES {
            self.warn(&self.asked(case), &server)?;
        }
        let visitors: Vec<Told> =
            VISITORS.iter().map(|visitor| self.sync(visitor)).collect::<Result<_, _>>()?;
        self.chapter("An auditor checks everything that was published.");
        let auditor = Person::new(self.context, &self.root, "auditor")?;
        let log_verified = auditor.answers(&["auditor", "verify", &server.url])?;
        let server_files = server.files()?;
        let server_knows_nobody = server.holds_none_of(&self.readable_secrets()?)?;
        server.stop();
        let right = log_verified && server_knows_nobody && visitors.iter().all(|told| told.right);
        Ok(Report { visitors, server_files, server_knows_nobody, log_verified, right })
    }

    fn start_authority(&self) -> anyhow::Result<DemoServer> {
        let afterwards = if self.is_kept {
            "To be the authority there: export NOREN_HOME=$PWD/authority \
             NOREN_STATE=$PWD/authority.state"
        } else {
            "The folder is deleted at the end; `noren demo --keep DIR` keeps it."
        };
        self.context.output.say(format!(
            "Each command below is typed in {}, by the person at the beginning of its line. {afterwards}",
            clean_path(&self.root)
        ));
        self.chapter("A health authority makes its keys, and somebody runs a server for it.");
        let port = server::free_port()?;
        let url = format!("http://127.0.0.1:{port}");
        let profile = self.file("authority.profile");
        self.authority.run(
            &[
                "authority",
                "init",
                "--name",
                "Demo health office",
                "--origin",
                "demo.example/noren",
                "--url",
                &url,
            ],
            "",
        )?;
        self.authority.run(&["authority", "profile", "--out", &profile], "")?;
        let server = DemoServer::start(
            &self.root.join("server"),
            self.root.join("authority.profile"),
            port,
            url,
        )?;
        self.authority.run(&["authority", "heartbeat"], "")?;
        Ok(server)
    }

    fn set_up_venues(&self) -> anyhow::Result<()> {
        self.chapter("Venues make their codes, offline: a poster for the door, a private code for the drawer.");
        for (number, venue) in VENUES.iter().enumerate() {
            let person = Person::new(self.context, &self.root, &format!("venue-{number}"))?;
            let (out, profile) =
                (self.file(&format!("venue-{number}/codes")), self.file("authority.profile"));
            let from = story::time(self.day.minus(20), 0, 0);
            let mut words = vec!["venue", "setup", "--authority", &profile, "--name", venue.name];
            words.extend([
                "--address",
                venue.address,
                "--kind",
                venue.kind,
                "--from",
                &from,
                "--out",
                &out,
            ]);
            person.run(&words, "")?;
        }
        Ok(())
    }

    fn check_in(&self, server: &DemoServer) -> anyhow::Result<()> {
        self.chapter("Visitors scan posters. Their devices keep records that nobody can read, they themselves included.");
        for visitor in VISITORS {
            let person = Person::new(self.context, &self.root, visitor.name)?;
            person.run(&["visitor", "follow", &server.url], "")?;
            for Visit { venue, from, to } in visitor.visits {
                let poster = self.file(&format!("venue-{venue}/codes/entry.png"));
                let length = format!("{}m", to.minutes() - from.minutes());
                let words =
                    ["visitor", "check-in", &poster, "--at", &from.on(self.day), "--for", &length];
                person.run(&words, "")?;
            }
        }
        Ok(())
    }

    fn asked(&self, case: &Case) -> Asked {
        let (from, to) = (case.from.on(self.day), case.to.on(self.day));
        Asked { venue: case.venue, from, to, level: case.level }
    }

    fn warn(&self, asked: &Asked, server: &DemoServer) -> anyhow::Result<()> {
        let Asked { from, to, level, .. } = asked;
        let venue = VENUES.get(asked.venue).context("no such venue")?;
        self.chapter(&format!("An interview names {}. The authority asks; the venue agrees; only both together can publish.", venue.name));
        let opened = self.authority.run(
            &["authority", "case", "open", "--venue", venue.name, "--from", from, "--to", to],
            "",
        )?;
        let text =
            |name: &str| opened.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let id = text("case").context("the case has no id")?;
        let code = text("code").context("the case has no upload code")?;
        let window = text("window_code").context("the case has no window code")?;
        let person = Person::new(self.context, &self.root, &format!("venue-{}", asked.venue))?;
        let trace = self.file(&format!("venue-{}/codes/trace.txt", asked.venue));
        person.run(
            &[
                "venue",
                "upload",
                "--authority",
                &server.url,
                "--trace",
                &trace,
                "--code-file",
                "-",
                "--yes",
            ],
            &format!("{code} {window}"),
        )?;
        self.authority.run(&["authority", "review", &id], "")?;
        self.authority.run(&["authority", "publish", "--yes", &id, "--level", level], "")?;
        Ok(())
    }

    fn sync(&self, visitor: &Visitor) -> anyhow::Result<Told> {
        if visitor.name == VISITORS[0].name {
            self.chapter(
                "Every device downloads the same files and tries the keys on its own records.",
            );
        }
        let person = Person::new(self.context, &self.root, visitor.name)?;
        let notices = person.run(&["visitor", "sync"], "")?;
        let notices = notices.as_array().cloned().unwrap_or_default();
        let text = |notice: &serde_json::Value, path: &str| {
            notice.pointer(path)?.as_str().map(str::to_owned)
        };
        let told: Vec<String> =
            notices.iter().filter_map(|notice| text(notice, "/level")).collect();
        let venue_named: Vec<Option<String>> =
            notices.iter().map(|notice| text(notice, "/venue/name")).collect();
        let expected: Vec<&str> =
            visitor.told.iter().filter_map(|case| Some(CASES.get(*case)?.level)).collect();
        let names: Vec<Option<&str>> =
            visitor.told.iter().map(|case| story::named_venue(*case)).collect();
        let right = told == expected && venue_named.iter().map(Option::as_deref).eq(names);
        let visits = visitor.visits.iter().map(Visit::shown).collect();
        Ok(Told {
            visitor: visitor.name,
            visits,
            expected,
            told,
            venue_named,
            why: visitor.why,
            right,
        })
    }

    /// What would tell who was where, if the server had it in any form that can be read.
    fn readable_secrets(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        let names = VENUES.iter().map(|venue| venue.name.as_bytes().to_vec());
        let people = VISITORS.iter().map(|visitor| visitor.name.as_bytes().to_vec());
        let mut secrets: Vec<Vec<u8>> = names.chain(people).collect();
        for number in 0..VENUES.len() {
            let link = self.root.join(format!("venue-{number}/codes/entry.txt"));
            let link = files::read_named(&link)?;
            let payload = noren::messages::decode_link(std::str::from_utf8(&link)?)?;
            secrets.push(payload);
        }
        Ok(secrets)
    }

    fn chapter(&self, words: &str) {
        self.context.output.say(format!("\n{words}"));
    }

    fn file(&self, name: &str) -> String {
        self.root.join(name).display().to_string()
    }
}

impl Report {
    fn shown(&self) -> String {
        let mut text = String::from("\nWho was told what, and why nobody else could be\n");
        for told in &self.visitors {
            let mark = if told.right { "ok   " } else { "WRONG" };
            let what =
                if told.told.is_empty() { "nothing".to_owned() } else { told.told.join(", ") };
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "{mark} {:<8} {:<22} {}",
                told.visitor,
                what,
                told.visits.join("; ")
            );
            let _ = writeln!(text, "      {:<8} {:<22} {}", "", "", told.why);
        }
        let _ = writeln!(text, "({TWIN})");
        let _ = writeln!(text, "\nAll that the server holds");
        for (file, bytes) in &self.server_files {
            let _ = writeln!(text, "      {bytes:>8} bytes  {file}");
        }
        let mark = |right| if right { "ok   " } else { "WRONG" };
        let _ = writeln!(
            text,
            "{} no name of a venue or visitor and no venue's code is in any of it",
            mark(self.server_knows_nobody)
        );
        let _ = writeln!(
            text,
            "{} the log is complete, signed, fresh and append-only",
            mark(self.log_verified)
        );
        let _ = write!(text, "{} exactly the right visitors were told", mark(self.right));
        text
    }
}
