//! What a file is refused for, each by its name and in words that tell where and what.

use noren::authority::{Policy, PolicyError};

use super::file;

fn refusal(text: &str) -> PolicyError {
    Policy::from_toml(text).expect_err("not a sound policy")
}

const STAFF: &str = "decision = \"staff\"\n";
const TABLE: &str = "decision = \"thresholds\"\n";

/// Checks that settings behind the head are refused with these words.
fn refused(more: &str, words: &str) {
    assert_eq!(refusal(&file(more)).to_string(), words, "{more}");
}

/// The same for a table of thresholds.
fn row_refused(rows: &str, words: &str) {
    refused(&format!("{TABLE}{rows}"), words);
}

#[test]
fn other_versions_are_refused_before_anything_else() {
    // [POL-1]
    assert_eq!(
        refusal("version = 2\ncolour = \"red\"\n").to_string(),
        "this policy has version 2; this program knows version 1"
    );
    let missing = refusal("name = \"x\"\n");
    assert!(matches!(&missing, PolicyError::Toml { message, .. } if message.contains("version")));
}

#[test]
fn what_toml_refuses_is_told_with_its_line() {
    // [POL-1]
    for (more, line, word) in [
        ("decision = \"staff\"\nname = \"again\"\n", 6, "duplicate"),
        ("decision = \"staff\"\ncolour = \"red\"\n", 6, "colour"),
        ("decision = \"chance\"\n", 5, "thresholds"),
        ("decision = \"staff\"\nretention_days = -1\n", 6, "-1"),
        ("decision = \"staff\"\n[window]\nrule = \"week\"\n", 7, "local-day"),
        ("decision = \"staff\"\n[disclosure]\nvenue = \"maybe\"\n", 7, "cluster-only"),
        (
            "decision = \"thresholds\"\n[[threshold]]\nkinds = [\"pub\"]\nbands = []\n",
            7,
            "live-house",
        ),
        ("decision = \"staff\"\n[[text]]\nlevel = \"panic\"\nlanguage = \"en\"\n", 7, "attention"),
        ("decision = \"staff\"\n[cover]\nmultiple = 4\n", 6, "days"),
        ("decision = \"staff\"\nretention_days =\n", 6, ""),
    ] {
        let error = refusal(&file(more));
        let PolicyError::Toml { line: found, message } = &error else { panic!("{error}") };
        assert_eq!(*found, line, "{more}{message}");
        assert!(message.contains(word), "{message}");
        assert!(error.to_string().starts_with(&format!("line {line}: ")));
    }
}

#[test]
fn a_file_without_a_needed_setting_is_refused() {
    // [POL-1]
    let whole = file(STAFF);
    for setting in ["name", "title", "time_zone", "decision"] {
        let without: Vec<&str> =
            whole.lines().filter(|line| !line.starts_with(&format!("{setting} ="))).collect();
        let error = refusal(&without.join("\n"));
        assert!(
            matches!(&error, PolicyError::Toml { message, .. } if message.contains(setting)),
            "{error}"
        );
    }
}

#[test]
fn long_files_and_long_lists_are_refused() {
    // [POL-1] [POL-2]
    let text = file(&format!("{STAFF}#{}", "x".repeat(Policy::MAX_LENGTH)));
    let (found, limit) = (text.len(), 65_536);
    assert_eq!(refusal(&text), PolicyError::TooLong { found, limit });
    let open = "[[open]]\nsetting = \"a\"\nwhy = \"b\"\n".repeat(201);
    refused(&format!("{STAFF}{open}"), "open has 201 members, the limit is 200");
}

#[test]
fn numbers_out_of_range_are_refused_with_the_range() {
    // [POL-2] [POL-8]
    for (more, words) in [
        ("retention_days = 0\n", "retention_days is 0; it must lie between 1 and 60"),
        ("retention_days = 61\n", "retention_days is 61; it must lie between 1 and 60"),
        (
            "checkpoint_max_age_hours = 169\n",
            "checkpoint_max_age_hours is 169; it must lie between 1 and 168",
        ),
        (
            "[window]\nmargin_minutes = 721\n",
            "window.margin_minutes is 721; it must lie between 0 and 720",
        ),
        (
            "[window]\nminimum_overlap_minutes = 721\n",
            "window.minimum_overlap_minutes is 721; it must lie between 0 and 720",
        ),
        ("[cluster]\nreports = 0\n", "cluster.reports is 0; it must lie between 1 and 1000"),
        ("[watch]\nreports = 0\ndays = 7\n", "watch.reports is 0; it must lie between 1 and 1000"),
        ("[watch]\nreports = 2\ndays = 15\n", "watch.days is 15; it must lie between 1 and 14"),
        (
            "[cover]\nmultiple = 1025\ndays = 1\n",
            "cover.multiple is 1025; it must lie between 1 and 1024",
        ),
        (
            "[cover]\nmultiple = 0\ndays = 1\n",
            "cover.multiple is 0; it must lie between 1 and 1024",
        ),
        ("[cover]\nmultiple = 8\ndays = 15\n", "cover.days is 15; it must lie between 1 and 14"),
    ] {
        refused(&format!("{STAFF}{more}"), words);
    }
    let most = "retention_days = 60\ncheckpoint_max_age_hours = 168\n[window]\nmargin_minutes = 720\n\
                minimum_overlap_minutes = 720\n[cover]\nmultiple = 68\ndays = 60\n";
    Policy::from_toml(&file(&format!("{STAFF}{most}"))).expect("the greatest numbers");
}

#[test]
fn names_that_are_none_are_refused() {
    // [POL-2]
    let sound = file(STAFF);
    for (from, to, words) in [
        (
            "\"x\"",
            "\"Osaka fu\"",
            "name is \"Osaka fu\"; it must be 1 to 64 lower-case letters, digits and hyphens",
        ),
        (
            "Asia/Tokyo",
            "Asia Tokyo",
            "time_zone is \"Asia Tokyo\"; it must be a name of the IANA database, as \"Asia/Tokyo\"",
        ),
        (
            "Asia/Tokyo",
            "",
            "time_zone is \"\"; it must be a name of the IANA database, as \"Asia/Tokyo\"",
        ),
        ("\"X\"", "\"\"", "title is refused: the text is missing, or blank"),
        (
            "\"X\"",
            "\"a\\nb\"",
            "title is refused: the text has a line break, a control character, or one that changes the reading order",
        ),
    ] {
        assert_eq!(refusal(&sound.replacen(from, to, 1)).to_string(), words);
    }
    for tag in ["", "j", "日本語", "en_US", "12", "en-", "toolongtag", "en-toolongtag"] {
        let more = format!("[[contact]]\nlanguage = \"{tag}\"\nlabel = \"a\"\nvalue = \"b\"\n");
        let words = "it must be a BCP 47 language tag, as \"ja\" or \"zh-Hant\"";
        refused(&format!("{STAFF}{more}"), &format!("contact[1].language is {tag:?}; {words}"));
    }
    let tag = "[[contact]]\nlanguage = \"zh-Hant-TW\"\nlabel = \"a\"\nvalue = \"b\"\n";
    Policy::from_toml(&file(&format!("{STAFF}{tag}"))).expect("a tag");
}

#[test]
fn bands_that_do_not_ascend_are_refused() {
    // [POL-3]
    let bands = |bands: &str| {
        format!("[[threshold]]\nkinds = [\"bar\"]\nmeasure = \"seats\"\nbands = [{bands}]\n")
    };
    row_refused(&bands(""), "threshold[1].bands is empty; it needs at least one member");
    row_refused(
        &bands("{ below = 10, reports = 1 }, { below = 10, reports = 2 }"),
        "threshold[1].bands[2].below is 10; it must be greater than 10, the band before it",
    );
    row_refused(
        &bands("{ below = 0, reports = 1 }"),
        "threshold[1].bands[1].below is 0; it must be greater than 0, the band before it",
    );
    row_refused(
        &bands("{ reports = 1 }, { below = 10, reports = 2 }"),
        "threshold[1].bands[1] has no \"below\"; only the last band may be without one",
    );
    row_refused(
        &bands("{ reports = 0 }"),
        "threshold[1].bands[1].reports is 0; it must lie between 1 and 1000",
    );
    row_refused(
        "[[threshold]]\nkinds = [\"bar\"]\nbands = [{ below = 10, reports = 1 }]\n",
        "threshold[1].bands[1] has a size in \"below\"; say in \"measure\" what it counts",
    );
}

#[test]
fn kinds_that_are_missing_or_stand_twice_are_refused() {
    // [POL-3]
    let row = |kinds: &str, measure: &str| {
        format!("[[threshold]]\n{kinds}\n{measure}\nbands = [{{ reports = 1 }}]\n")
    };
    let (seats, area, any) = ("measure = \"seats\"", "measure = \"area\"", "");
    let bar = "kinds = [\"bar\"]";
    row_refused(
        &row("", seats),
        "threshold[1] is for no kind of venue; name \"kinds\", or set \"others = true\"",
    );
    let twice = |first, second| format!("{}{}", row(bar, first), row(bar, second));
    row_refused(&twice(seats, seats), "threshold[2] has \"bar\" by seats, and so has threshold[1]");
    row_refused(&twice(any, area), "threshold[2] has \"bar\" by area, and so has threshold[1]");
    row_refused(&twice(area, any), "threshold[2] has \"bar\" by any size, and so has threshold[1]");
    Policy::from_toml(&file(&format!("{TABLE}{}", twice(seats, area)))).expect("two measures");
    row_refused(
        &row("kinds = [\"bar\", \"gym\", \"bar\"]", seats),
        "threshold[1] has \"bar\" by seats, and so has threshold[1]",
    );
    let others = row("others = true", seats).repeat(2);
    row_refused(&others, "threshold[2] has \"others\" by seats, and so has threshold[1]");
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    // [POL-2] [POL-3]
    let row = "[[threshold]]\nothers = true\nbands = [{ reports = 3 }]\n";
    refused(TABLE, "decision is \"thresholds\"; that needs at least one [[threshold]]");
    refused(
        &format!("{STAFF}{row}"),
        "decision is \"staff\"; then no [[threshold]] may stand in the file",
    );
    row_refused(
        &format!("{row}[cluster]\nreports = 2\n"),
        "cluster.reports is 2; threshold[1].bands[1].reports already asks for 3 for attention",
    );
    refused(
        &format!("{STAFF}[window]\nrule = \"local-day\"\nmargin_minutes = 0\n"),
        "window.margin_minutes belongs to the rule \"stay\"; a whole day has no margin",
    );
}

#[test]
fn texts_that_are_missing_twice_or_too_long_are_refused() {
    // [POL-2] [POL-9]
    let text = |language: &str, rest: &str| {
        format!("[[text]]\nlevel = \"cluster\"\nlanguage = \"{language}\"\n{rest}\n")
    };
    let refused = |rest: &str, words| refused(&format!("{STAFF}{rest}"), words);
    refused(
        &format!("{}{}", text("en", "text = \"a\""), text("EN", "text = \"b\"")),
        "text[2] is a second text of level cluster in EN",
    );
    refused(
        &text("fr", "text = \"a\""),
        "there is no text of level attention in fr; add one as [[text]]",
    );
    refused(
        &text("fr", "advice = \"a\""),
        "text[1].text is refused: the text is missing, or blank",
    );
    refused(&text("en", "text = \"\""), "text[1].text is refused: the text is missing, or blank");
    refused(
        &text("en", &format!("advice = \"{}\"", "字".repeat(2_001))),
        "text[1].advice is refused: the text has 2001 characters, the limit is 2000",
    );
    refused(
        "[[contact]]\nlanguage = \"en\"\nlabel = \"a\"\nvalue = \"\"\n",
        "contact[1].value is refused: the text is missing, or blank",
    );
}
