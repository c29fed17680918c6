//! The lists of verbs in the help, grouped by what one wants to do. `clap` knows headings for options
//! and none for subcommands, so that a list is written into the template of its command.

use std::fmt::Write as _;

use clap::Command;

/// A heading, and the verbs below it.
type Group = (&'static str, &'static [&'static str]);

/// The verbs of a command, in groups.
struct List {
    /// The command's words after `noren`.
    path: &'static str,
    groups: &'static [Group],
}

const LISTS: [List; 5] = [
    List {
        path: "",
        groups: &[
            ("Warn and be warned", &["visitor", "venue", "organisation", "authority"]),
            ("Look into it", &["demo", "auditor", "inspect"]),
            ("Set up your shell", &["manual"]),
        ],
    },
    List {
        path: "auditor",
        groups: &[
            ("Check a log", &["verify", "watch", "compare"]),
            ("Hand on what it holds", &["export", "prove", "check", "stats", "vkey"]),
            ("Watch over it for others", &["witness"]),
            ("Check the web page", &["page"]),
        ],
    },
    List {
        path: "visitor",
        groups: &[
            ("Follow an authority", &["follow", "unfollow"]),
            ("Visit", &["check-in", "check-out", "edit", "remind", "visits"]),
            ("Learn of exposures", &["sync", "notices", "watch"]),
            ("Keep and forget", &["diary", "protect", "export", "forget"]),
            ("After a diagnosis", &["upload"]),
        ],
    },
    List {
        path: "visitor diary",
        groups: &[
            ("Begin and end", &["on", "off"]),
            ("Read", &["show", "export"]),
            ("Write", &["add", "edit", "note", "forget"]),
        ],
    },
    List {
        path: "authority",
        groups: &[
            ("Set up the desk", &["init", "profile", "policy", "operator", "mirror"]),
            ("From interviews to cases", &["report", "case", "status"]),
            ("Check what venues hand in", &["uploads", "review", "reject"]),
            ("Warn, correct and withdraw", &["publish", "withdraw", "release", "approve"]),
            ("Look back", &["journal", "replay", "summary"]),
            (
                "Keep the log and its keys",
                &[
                    "heartbeat",
                    "clock",
                    "protect",
                    "key",
                    "rotate-keys",
                    "witness",
                    "vkey",
                    "take-over",
                    "restore-log",
                ],
            ),
            ("Let visitors upload, an option", &["patient"]),
        ],
    },
];

/// The columns of a help text at most, as in the attributes of the whole command.
const WIDEST: usize = 100;

/// The same program, whose help shows the verbs in groups.
pub(crate) fn grouped(mut program: Command) -> Command {
    // Usage lines and the verb `help` have to be there before anything is hidden.
    program.build();
    LISTS.iter().fold(program, |program, list| {
        let path: Vec<&str> = list.path.split_whitespace().collect();
        at(program, &path, &|command| with_groups(command, list.groups))
    })
}

/// Changes the command below `path`.
fn at(command: Command, path: &[&str], change: &dyn Fn(Command) -> Command) -> Command {
    match path {
        [] => change(command),
        [name, rest @ ..] => command.mut_subcommand(name, |below| at(below, rest, change)),
    }
}

fn with_groups(mut command: Command, groups: &[Group]) -> Command {
    let usage = command.render_usage().ansi().to_string();
    let usage = usage.split_once(' ').map_or(String::new(), |(_, usage)| usage.to_owned());
    let lists = lists(&command, groups);
    // What is hidden is left out of the list that `clap` writes, and nothing else.
    command.mut_subcommands(|verb| verb.hide(true)).override_usage(usage).help_template(format!(
        "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{lists}\
             {{all-args}}{{after-help}}"
    ))
}

/// The groups as they are printed.
fn lists(command: &Command, groups: &[Group]) -> String {
    let header = *command.get_styles().get_header();
    let literal = *command.get_styles().get_literal();
    let verbs = || groups.iter().flat_map(|(_, verbs)| verbs.iter());
    let column = verbs().map(|verb| verb.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (heading, verbs) in groups {
        let _ = writeln!(text, "{header}{heading}:{header:#}");
        for verb in *verbs {
            let about = command.find_subcommand(verb).map(summary).unwrap_or_default();
            let lines = wrapped(&about, width().saturating_sub(column + 4));
            let lines = lines.join(&format!("\n{:indent$}", "", indent = column + 4));
            let _ = writeln!(text, "  {literal}{verb:<column$}{literal:#}  {lines}");
        }
        text.push('\n');
    }
    text
}

/// What a verb does. Its own help adds what its exit code says.
fn summary(verb: &Command) -> String {
    let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
    match about.split_once(". Exit code") {
        Some((before, _)) => before.to_owned(),
        None => about,
    }
}

/// The columns that there are, as `clap` counts them.
fn width() -> usize {
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(columns).unwrap_or(WIDEST).min(WIDEST)
}

/// Lines of at most so many columns; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below<'a>(program: &'a Command, path: &str) -> Option<&'a Command> {
        path.split_whitespace().try_fold(program, |command, word| command.find_subcommand(word))
    }

    fn visible(command: &Command) -> Vec<&str> {
        let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
        let mut names: Vec<&str> = verbs.map(Command::get_name).collect();
        names.retain(|name| *name != "help");
        names.sort_unstable();
        names
    }

    #[test]
    fn each_verb_stands_in_one_group() {
        let program = crate::cli::program();
        for list in LISTS {
            let command = below(&program, list.path);
            let mut grouped: Vec<&str> =
                list.groups.iter().flat_map(|(_, verbs)| verbs.iter().copied()).collect();
            grouped.sort_unstable();
            assert_eq!(command.map(visible), Some(grouped), "{:?}", list.path);
        }
    }

    #[test]
    fn what_has_many_verbs_is_grouped() {
        fn check(command: &Command, path: &str) {
            let is_grouped = LISTS.iter().any(|list| list.path == path.trim());
            assert!(is_grouped || visible(command).len() < 8, "{path}");
            for verb in command.get_subcommands() {
                check(verb, &format!("{path} {}", verb.get_name()));
            }
        }
        check(&crate::cli::program(), "");
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("incomprehensible", 7), ["incomprehensible"]);
        assert!(wrapped("", 7).is_empty());
    }
}
