//! `noren auditor page`: whether servers hand out the web page that was published, and let browsers run
//! it under a policy that is as strict.

mod handed;
mod policy;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use noren::request::ServerAddress;
use serde::Serialize;

use super::found::{Findings, Found};
use crate::context::Context;
use crate::errors::words;
use crate::files;
use crate::http::Server;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, clean_path, counted};
use handed::{GUISES, Guise, Handed};

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

/// What one server hands out.
#[derive(Serialize)]
struct AuditedPage {
    address: String,
    /// How many files are the listed ones, in every guise.
    equal: usize,
    /// Where its policy lets the page connect to, besides the page's own origin.
    connects_to: BTreeSet<String>,
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
    let audited = arguments.pages.iter().zip(&servers);
    let pages: Vec<_> = audited.map(|(page, server)| audit(context, page, server, &list)).collect();
    let is_read = pages.iter().all(|page| page.error.is_none());
    let equal = is_read && pages.iter().all(|page| page.findings.is_empty());
    let report = Report { files: list.len(), pages, equal };
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

fn audit(context: &Context, address: &str, server: &Server, list: &[(&str, &str)]) -> AuditedPage {
    let mut page = AuditedPage {
        address: address.to_owned(),
        equal: 0,
        connects_to: BTreeSet::new(),
        error: None,
        findings: Findings::default(),
    };
    let bar = context.output.progress(list.len() as u64, "files");
    for (path, sha256) in list {
        let before = page.findings.count();
        for guise in GUISES {
            match Handed::ask(server, path, guise) {
                Ok(handed) => page.take(path, sha256, guise, &handed),
                Err(error) => {
                    page.error = Some(words(&error));
                    return page;
                }
            }
        }
        page.equal += usize::from(page.findings.count() == before);
        bar.inc(1);
    }
    bar.finish_and_clear();
    page
}

impl AuditedPage {
    /// Holds what was handed out for a path against what should have been.
    fn take(&mut self, path: &str, sha256: &str, guise: &Guise, handed: &Handed) {
        let mut push = |kind, text: String| {
            let text = format!("{path}, {}: {text}", guise.name);
            self.findings.push(Found { kind, path: Some(path.to_owned()), text });
        };
        match (handed.status, &handed.sha256) {
            (200, Ok(found)) if found == sha256 => {}
            (200, Ok(found)) => push("differs", format!("it is another file, {found}")),
            (200, Err(why)) => push("differs", (*why).to_owned()),
            (status @ 300..400, _) => push("missing", format!("it leads elsewhere ({status})")),
            (status, _) => push("missing", format!("the server answers {status}")),
        }
        if handed.status != 200 {
            return;
        }
        for weakness in policy::weaknesses(&handed.policies) {
            push("policy", weakness);
        }
        for name in &handed.spying {
            push(
                "header",
                format!(
                    "the server sends the field {name}, by which a browser can be led on or followed"
                ),
            );
        }
        self.connects_to.extend(policy::connections(&handed.policies));
    }
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
            lines.extend(page.findings.lines());
        }
        if self.equal {
            lines.push("exactly the listed page, and under a policy that is as strict".to_owned());
        }
        lines.join("\n")
    }
}
