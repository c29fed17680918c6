//! `noren auditor page`: whether servers hand out the web page that was published, and let browsers run
//! it under a policy that is as strict.

mod guises;
mod handed;
mod policy;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use noren::request::ServerAddress;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::found::{Findings, Found};
use crate::context::Context;
use crate::errors::words;
use crate::files;
use crate::http::Server;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, clean_path, counted};
use guises::guises;
use handed::{Expected, Handed};

#[derive(clap::Args)]
pub(crate) struct PageArguments {
    /// Where the page is handed out; all addresses are compared with one list
    #[arg(required = true, value_name = "URL")]
    pages: Vec<String>,
    /// The page's list of digests, as a release has it (SHA256SUMS); `-` is the standard input
    /// [default: that of the page in this program]
    #[arg(long, value_name = "FILE")]
    digests: Option<PathBuf>,
}

/// The longest time that one server has for all its answers: whoever drips them is not waited for.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// The name of the list at a server. [API-33]
const LIST: &str = "SHA256SUMS";

/// What one server hands out.
#[derive(Serialize)]
struct AuditedPage {
    address: String,
    /// How many files are the listed ones, in every guise.
    equal: usize,
    /// Where its policy lets the page connect to, besides the page's own origin.
    connects_to: BTreeSet<String>,
    /// Header fields that the page's own server does not send or sends otherwise, and that do no harm.
    further_fields: BTreeSet<String>,
    /// Why it could not be read to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    findings: Findings,
}

#[derive(Serialize)]
struct Report {
    /// How many files the list has.
    files: usize,
    pages: Vec<AuditedPage>,
    /// Whether every server hands out exactly the listed files.
    equal: bool,
}

pub(super) fn run(context: &Context, arguments: &PageArguments) -> Outcome {
    // [CLI-49]
    let text = digests(arguments.digests.as_ref())?;
    let list = noren_server::page_list(&text)
        .map_err(|line| anyhow::anyhow!("line {line} is no line of a list of digests"))
        .with_context(|| name_of_list(arguments))?;
    let has_index = list.iter().any(|(path, _)| *path == "index.html");
    ensure!(has_index, "{} lists no index.html; name the list of a page", name_of_list(arguments));
    let servers = arguments.pages.iter().map(|page| server(page)).collect::<Result<Vec<_>, _>>()?;
    let audited = arguments.pages.iter().zip(servers);
    // The list itself is handed out as well.
    let of_list = hex::encode(Sha256::digest(&text));
    let handed_out: Vec<_> = list.iter().copied().chain([(LIST, of_list.as_str())]).collect();
    let pages: Vec<_> =
        audited.map(|(page, server)| audit(context, page, server, &handed_out)).collect();
    let is_read = pages.iter().all(|page| page.error.is_none());
    let equal = is_read && pages.iter().all(|page| page.findings.is_empty());
    let report = Report { files: handed_out.len(), pages, equal };
    context.output.data(&report, Report::lines)?;
    for page in &report.pages {
        if let Some(error) = &page.error {
            crate::output::error(error);
        }
    }
    Ok(match (is_read, equal) {
        (false, _) => Answer::Failed,
        (true, true) => Answer::Yes,
        (true, false) => Answer::No,
    })
}

/// The text of the list: one that somebody named, or the one that this program was built with.
fn digests(named: Option<&PathBuf>) -> anyhow::Result<String> {
    let Some(path) = named else {
        return Ok(noren_page::DIGESTS.to_owned());
    };
    let bytes = files::read_input(path, "--digests")?;
    let text = std::str::from_utf8(&bytes);
    text.map(str::to_owned).with_context(|| format!("{} is no text", clean_path(path)))
}

fn name_of_list(arguments: &PageArguments) -> String {
    arguments.digests.as_deref().map_or_else(|| "the page in this program".to_owned(), clean_path)
}

fn server(page: &str) -> anyhow::Result<Server> {
    if ServerAddress::new(page).is_none() {
        bail!(
            "{} is no address of a page; it looks like https://health.example, without what follows \
             a `?` or `#`",
            clean(page)
        );
    }
    Server::new(page)
}

fn audit(context: &Context, address: &str, server: Server, list: &[(&str, &str)]) -> AuditedPage {
    let server = server.until(Instant::now() + LONGEST);
    let mut page = AuditedPage {
        address: address.to_owned(),
        equal: 0,
        connects_to: BTreeSet::new(),
        further_fields: BTreeSet::new(),
        error: None,
        findings: Findings::default(),
    };
    let bar = context.output.progress(list.len() as u64, "files");
    for (path, sha256) in list {
        let file = Expected { sha256, content_type: type_of(path) };
        match wrong(&server, path, &file, &mut page) {
            Ok(wrong) if wrong.is_empty() => page.equal += 1,
            Ok(wrong) => wrong.into_iter().for_each(|wrong| page.findings.push(wrong.found(path))),
            Err(error) => {
                page.error = Some(words(&error));
                return page;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    page
}

fn type_of(path: &str) -> &'static str {
    if path == LIST { "text/plain; charset=utf-8" } else { noren_page::content_type(path) }
}

/// One thing that is wrong with a file, and how it was asked for when it was.
struct Wrong {
    kind: &'static str,
    text: String,
    asked: Vec<String>,
    /// Whether it was so however it was asked for.
    always: bool,
}

impl Wrong {
    fn found(self, path: &str) -> Found {
        let Self { kind, text, asked, always } = self;
        let asked = if always { "however it is asked for".to_owned() } else { asked.join("; ") };
        Found { kind, path: Some(path.to_owned()), text: format!("{path}: {text} ({asked})") }
    }
}

/// Asks for a file in every guise, and gathers what is wrong with it.
fn wrong(
    server: &Server,
    path: &str,
    file: &Expected<'_>,
    page: &mut AuditedPage,
) -> anyhow::Result<Vec<Wrong>> {
    let guises = guises(path);
    let mut all: Vec<Wrong> = vec![];
    for guise in &guises {
        for (again, handed) in Handed::ask(server, guise, file)?.iter().enumerate() {
            page.connects_to.extend(policy::connections(&handed.policies));
            page.further_fields.extend(handed.further.iter().cloned());
            let asked = format!("{}{}", guise.name, if again == 0 { "" } else { ", having it" });
            for (kind, text) in faults(file, handed) {
                match all.iter_mut().find(|wrong| wrong.kind == kind && wrong.text == text) {
                    Some(known) => known.asked.push(asked.clone()),
                    None => {
                        let asked = vec![asked.clone()];
                        all.push(Wrong { kind, text, asked, always: false });
                    }
                }
            }
        }
    }
    for wrong in &mut all {
        let is_among = |name: &str| wrong.asked.iter().any(|asked| asked == name);
        wrong.always = guises.iter().all(|guise| is_among(&guise.name));
    }
    Ok(all)
}

/// Holds what was handed out against what should have been.
fn faults(file: &Expected<'_>, handed: &Handed) -> Vec<(&'static str, String)> {
    let mut faults = vec![];
    match (handed.status, &handed.sha256) {
        (200, Ok(found)) if found == file.sha256 => {}
        (200, Ok(found)) => faults.push(("differs", format!("it is another file, {found}"))),
        (200, Err(why)) => faults.push(("differs", (*why).to_owned())),
        (status @ 300..400, _) => {
            faults.push(("missing", format!("it leads elsewhere ({status})")));
        }
        (status, _) => faults.push(("missing", format!("the server answers {status}"))),
    }
    if handed.status == 200 {
        let policies = policy::weaknesses(&handed.policies).into_iter();
        faults.extend(policies.map(|weakness| ("policy", weakness)));
        faults.extend(handed.fields.iter().map(|field| ("header", field.clone())));
    }
    faults
}

impl Report {
    fn lines(&self) -> String {
        let mut lines = vec![];
        for page in &self.pages {
            let of = counted(self.files, "file");
            lines.push(format!(
                "{}: {} of {of} are the listed ones",
                clean(&page.address),
                page.equal
            ));
            for origin in &page.connects_to {
                lines.push(format!("it may connect to {} as well", clean(origin)));
            }
            if !page.further_fields.is_empty() {
                let names: Vec<_> = page.further_fields.iter().map(|name| clean(name)).collect();
                lines.push(format!(
                    "its header fields are the page's own server's but for {}, which do no harm",
                    names.join(", ")
                ));
            }
            lines.extend(page.findings.lines());
        }
        if self.equal {
            lines.push(
                "exactly the listed page, and under a policy that is as strict: to this machine, now"
                    .to_owned(),
            );
        }
        lines.join("\n")
    }
}
