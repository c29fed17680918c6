//! The pages that show commands, typed as they stand there into one terminal; what is printed is
//! compared with the page.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::desk::now;
use crate::support::person::{Person, run};
use crate::support::port::free_port;
use crate::support::town::server_program;

/// How the tour comes to its programs and its folder. The tests have both already.
const BEGINNING: [&str; 3] = [
    "cargo build --release --workspace",
    r#"export PATH="$PWD/target/release:$PATH""#,
    r#"cd "$(mktemp -d)""#,
];

/// What a command asks, at the end of a line of the page, and what somebody types there.
const AGREED: &str = "[y/N] y";

#[test]
fn the_tour_and_the_office_show_what_is_printed() {
    let mut terminal = Terminal::open("Asia/Tokyo".to_owned());
    terminal.follow("tour.md");
    terminal.follow("office.md");
}

#[test]
fn the_tour_works_just_after_and_just_before_midnight() {
    for (hour, minute) in [(0, 10), (23, 50)] {
        Terminal::open(zone_where_it_is(hour, minute)).follow("tour.md");
    }
}

/// A time zone in which it is this time of the day now.
fn zone_where_it_is(hour: i64, minute: i64) -> String {
    let of_day = now() / 60 % 1_440;
    let mut ahead = (hour * 60 + minute - of_day).rem_euclid(1_440);
    if ahead > 720 {
        ahead -= 1_440;
    }
    // In this notation, zones ahead of UTC have a minus.
    let sign = if ahead > 0 { '-' } else { '+' };
    format!("NOW{sign}{}:{:02}", ahead.abs() / 60, ahead.abs() % 60)
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A command of a page, and the lines below it.
struct Step {
    typed: String,
    shown: Vec<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = vec![];
    for block in page.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(typed), _) => steps.push(Step { typed: typed.to_owned(), shown: vec![] }),
                (None, Some(step)) => step.shown.push(line.to_owned()),
                (None, None) => panic!("before any command: {line}"),
            }
        }
    }
    steps
}

/// One terminal, in which everything is typed.
struct Terminal {
    person: Person,
    programs: PathBuf,
    zone: String,
    port: u16,
    home: String,
    case: String,
    codes: String,
    server: Option<Child>,
}

impl Terminal {
    fn open(zone: String) -> Self {
        // Both programs stand in one folder.
        let programs = server_program().parent().unwrap().to_owned();
        let port = free_port();
        let [home, case, codes] = [(); 3].map(|()| String::new());
        Self { person: Person::new(), programs, zone, port, home, case, codes, server: None }
    }

    fn follow(&mut self, page: &str) {
        let text = std::fs::read_to_string(repository().join("docs/src").join(page)).unwrap();
        let steps = steps(&text);
        assert!(steps.len() > 5, "{page}");
        for step in steps {
            let printed = self.types(&step);
            let printed: Vec<&str> =
                printed.lines().filter(|line| !line.starts_with("A day is one of")).collect();
            assert!(
                is_shown(&step.shown, &printed),
                "{page}, {}:\n{}\n-- shows\n{}",
                step.typed,
                printed.join("\n"),
                step.shown.join("\n"),
            );
        }
    }

    /// Types a command; what is printed.
    fn types(&mut self, step: &Step) -> String {
        let typed = step.typed.as_str();
        if let Some(home) = typed.strip_prefix(r#"export NOREN_HOME="$PWD/"#) {
            self.home = home.trim_end_matches('"').to_owned();
        } else if typed.starts_with("CASE=c-") {
            assert!(self.case.starts_with("c-"), "no case was opened");
        } else if let Some(server) = typed.strip_suffix(" &") {
            return self.serves(server);
        } else if !BEGINNING.contains(&typed) {
            return self.runs(step);
        }
        String::new()
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new("sh");
        let line = line.replace("8470", &self.port.to_string());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = [self.programs.clone()].into_iter().chain(std::env::split_paths(&path));
        self.person
            .equip(&mut command)
            .args(["-c", &format!("exec 2>&1; {line}")])
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("NOREN_HOME", self.person.path(&self.home))
            .env("NOREN_SERVER_OPS_LISTEN", "127.0.0.1:0")
            .env("NOREN_SERVER_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("CASE", &self.case)
            .env("TZ", &self.zone);
        command
    }

    fn runs(&mut self, step: &Step) -> String {
        // Nobody is at a terminal: agreement is an option, and codes come in on the standard input.
        let asks = step.shown.iter().any(|line| line.ends_with(AGREED));
        let line = if asks { format!("{} --yes", step.typed) } else { step.typed.clone() };
        let ran = run(&mut self.command(&line), self.codes.as_bytes());
        assert_eq!(ran.code, Some(0), "{line}: {ran:?}");
        let after = |start: &str| {
            let mut found = ran.out.lines().filter_map(|line| line.strip_prefix(start));
            found.next().map(|rest| rest.trim().to_owned())
        };
        if let (Some(case), Some(code)) = (after("case "), after("upload code:")) {
            self.case = case;
            self.codes = format!("{code} {}\n", after("window code:").unwrap());
        }
        ran.out
    }

    /// Starts the server, which goes on beside what is typed next; its first line.
    fn serves(&mut self, line: &str) -> String {
        let mut child = self.command(&format!("exec {line}")).stdin(Stdio::null()).spawn().unwrap();
        let mut first = String::new();
        // Kept open with the server, which may go on to print.
        let out = child.stdout.as_mut().unwrap();
        BufReader::with_capacity(1, out).read_line(&mut first).unwrap();
        self.server = Some(child);
        first
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// Whether a page shows what was printed: the same lines, but for what is another at each run; "..."
/// stands for any lines.
fn is_shown(shown: &[String], printed: &[&str]) -> bool {
    let asked = |line: &&String| !line.ends_with(AGREED) && !line.ends_with(" code:");
    let shown: Vec<String> = shown.iter().filter(asked).map(|line| without_chance(line)).collect();
    let printed: Vec<String> = printed.iter().map(|line| without_chance(line)).collect();
    let mut parts = shown.split(|line| line == "...");
    let mut rest = printed.as_slice();
    let first = parts.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    let mut last: Option<&[String]> = None;
    for part in parts {
        if let Some(part) = last.replace(part) {
            let Some(at) = (0..=rest.len()).find(|at| rest[*at..].starts_with(part)) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
    }
    last.map_or(rest.is_empty(), |part| rest.ends_with(part))
}

/// A line with a mark in the place of dates, times, numbers, ids, codes and time zones.
fn without_chance(line: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let mut words: Vec<&str> = vec![];
    for word in line.split_whitespace() {
        let plain = word.trim_matches(|c: char| "(),.;:".contains(c));
        let is_code =
            plain.len() > 9 && plain.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        let is_hex = [4, 16].contains(&plain.len())
            && plain.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase());
        let is_id = ["c-", "r-", "p-"].iter().any(|start| plain.starts_with(start));
        let is_zone = word.starts_with("(Asia/Tokyo)");
        let is_digest = plain.len() == 44 && plain.ends_with('=');
        let is_chance = plain.contains(|c: char| c.is_ascii_digit())
            || MONTHS.contains(&plain)
            || [is_code, is_hex, is_id, is_zone, is_digest].contains(&true);
        match (is_chance, words.last()) {
            (true, Some(&"#")) => {}
            (true, _) => words.push("#"),
            (false, _) => words.push(word),
        }
    }
    words.join(" ")
}

#[test]
fn a_page_that_shows_something_else_is_seen() {
    let is = |shown: &str, printed: &str| {
        let shown: Vec<String> = shown.lines().map(str::to_owned).collect();
        is_shown(&shown, &printed.lines().collect::<Vec<_>>())
    };
    let printed =
        "case c-abcdef\nopened 2026-04-01 18:30 to 2026-04-02 01:00 (UTC+03:12)\nand told";
    assert!(is("case c-3f9a21\nopened 2026-11-26 19:30 to 21:00 (Asia/Tokyo)\nand told", printed));
    for shown in ["...", "...\nand told", "case c-1\n...", "case c-1\n...\nand told\n..."] {
        assert!(is(shown, printed), "{shown}");
    }
    for shown in ["", "case c-1", "...\nopened 1 to 2", "...\nnot told", "...\nand told\ncase c-1"]
    {
        assert!(!is(shown, printed), "{shown}");
    }
    assert!(is("Do it? [y/N] y\ndone", "done"));
}

/// The pages that people read.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![repository().join("README.md"), repository().join("CONTRIBUTING.md")];
    for folder in ["docs/src", "spec", "spec/decisions"] {
        for entry in std::fs::read_dir(repository().join(folder)).unwrap() {
            pages.push(entry.unwrap().path());
        }
    }
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages
}

#[test]
fn every_command_and_option_that_a_page_names_exists() {
    let person = Person::new();
    let mut named = BTreeSet::new();
    for page in pages() {
        let text = std::fs::read_to_string(page).unwrap();
        let quoted = text.split('`').skip(1).step_by(2).map(str::to_owned);
        named.extend(quoted.filter(|words| words.starts_with("noren ") && !words.contains('\n')));
        named.extend(steps(&text).into_iter().map(|step| step.typed));
    }
    named.retain(|words| words.starts_with("noren "));
    assert!(named.len() > 50, "{named:?}");
    for words in named {
        let is_verb = |word: &&str| {
            let is_plain = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            is_plain && !word.starts_with('-')
        };
        let mut command: Vec<&str> = words.split(' ').skip(1).take_while(is_verb).collect();
        command.push("--help");
        let ran = person.noren(&command, b"");
        assert_eq!(ran.code, Some(0), "{words}: {ran:?}");
        for option in words.split(' ').filter(|word| word.starts_with("--")) {
            assert!(ran.out.contains(option), "{words}: {option}");
        }
    }
}
