//! What people type and which files they name: read alike everywhere, and told by the argument or the
//! setting that it came from where it cannot be.

use crate::support::person::{Person, Ran, run};
use crate::support::warned::{Authority, next_day};

type Typed = (&'static [&'static str], &'static str);

/// A folder with a profile, an entry code's link and a file that is empty.
fn person() -> (Person, Authority) {
    let (person, office) = (Person::new(), Authority::new("Health Office", "office.example/log"));
    person.write("profile", office.signed());
    let bar = office.bar("Bar Noren", None);
    person.write("link.txt", bar.entry.to_url("https://noren.example").unwrap());
    person.write("empty", "");
    (person, office)
}

#[test]
fn lengths_and_numbers_are_read_as_people_write_them() {
    // [CLI-47] [TIME-10]
    let (person, _) = person();
    let report = |number: &str, value: &str| {
        let words = ["authority", "report", "--venue", "Bar", "--kind", "live-house"];
        let times = ["--from", "2026-03-30 19:00", "--to", "2026-03-30 21:00"];
        next_day(&person, &[&words[..], &times, &[number, value]].concat(), b"")
    };
    for number in ["--seats", "--area", "--event-size"] {
        for value in ["120", "１２０", "\u{feff}120 ", "\u{3000}１２０"] {
            // There is no desk here: the number itself was read.
            report(number, value).fails("noren authority init");
        }
        for value in ["thirty", "三十", "30人", "1,000", "−3", "1.5", ""] {
            report(number, value).fails("in digits alone");
        }
        report(number, "99999999999").fails("too large");
    }
    for (number, stay) in
        ["９０ｍ", "90分", "1時間半", "１時間３０分", "90 minutes", "1 Hour and 30 min"]
            .into_iter()
            .enumerate()
    {
        let out = format!("codes-{number}");
        let words = ["venue", "setup", "--name", "Bar", "--address", "1", "--authority", "profile"];
        let words = [&words[..], &["--out", &out, "--stay", stay]].concat();
        assert_eq!(next_day(&person, &words, b"").code, Some(0), "{stay}");
        let entry = person.json(&["inspect", &format!("{out}/entry.txt")], b"");
        assert_eq!(entry["stay_minutes"], 90, "{stay}");
    }
    for stay in ["ninety minutes", "一時間", "half an hour", "90"] {
        let words = ["venue", "setup", "--name", "Bar", "--address", "1", "--authority", "profile"];
        let words = [&words[..], &["--out", "none", "--stay", stay]].concat();
        next_day(&person, &words, b"").fails("in digits");
    }
}

#[test]
fn lists_are_read_whichever_commas_they_have() {
    // [CLI-47]
    let (person, _) = person();
    let setup = ["venue", "setup", "--name", "Bar", "--address", "1", "--authority", "profile"];
    let ran = next_day(&person, &[&setup[..], &["--out", "codes"]].concat(), b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for (number, tags) in
        ["ja,en", "ja, en", "ｊａ，ＥＮ", "ja、en", "ja en"].into_iter().enumerate()
    {
        let out = format!("posters-{number}");
        let words = ["venue", "poster", "--entry", "codes/entry.txt", "--languages", tags];
        let ran = next_day(&person, &[&words[..], &["--out", &out]].concat(), b"");
        assert_eq!(ran.code, Some(0), "{tags}: {ran:?}");
        let png = |folder: &str| person.read(&format!("{folder}/poster.png"));
        assert!(png(&out) == png("posters-0"), "{tags}");
    }
    let review = |numbers: &str| {
        next_day(&person, &["authority", "patient", "review", "d-1", "--visits", numbers], b"")
    };
    for numbers in ["1,3", "１、３", "1, 3", "１，３"] {
        review(numbers).fails("noren authority init");
    }
    review("one").fails("in digits alone");
}

#[test]
fn an_empty_file_is_named_with_the_argument_that_named_it() {
    // [CLI-48]
    let (person, _) = person();
    person.write("blank", "\u{feff}\r\n \n");
    let setup = ["venue", "setup", "--name", "Bar", "--address", "1", "--authority", "profile"];
    let ran = next_day(&person, &[&setup[..], &["--out", "codes"]].concat(), b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let record = ["organisation", "setup", "--authority", "profile", "--out", "record"];
    let record = [&record[..], &["--cost", "64,1,1"]].concat();
    let record = next_day(&person, &record, b"six words that nobody would guess\n");
    assert_eq!(record.code, Some(0), "{record:?}");
    let table: [Typed; 18] = [
        (&["visitor", "check-in", "EMPTY"], "CODE"),
        (&["visitor", "follow", "EMPTY"], "AUTHORITY"),
        (&["visitor", "protect", "--passphrase-file", "EMPTY"], "--passphrase-file"),
        (&["visitor", "visits", "--ca", "EMPTY"], "--ca"),
        (
            &[
                "venue",
                "setup",
                "--name",
                "B",
                "--address",
                "1",
                "--out",
                "x",
                "--authority",
                "EMPTY",
            ],
            "AUTHORITY",
        ),
        (&["venue", "poster", "--entry", "EMPTY"], "--entry"),
        (&["venue", "poster", "--entry", "codes/entry.txt", "--font", "EMPTY"], "--font"),
        (&["venue", "sheet", "--trace", "EMPTY"], "--trace"),
        (&["venue", "upload", "--yes", "--authority", "profile", "--trace", "EMPTY"], "--trace"),
        (
            &[
                "venue",
                "upload",
                "--yes",
                "--authority",
                "profile",
                "--trace",
                "codes/trace.txt",
                "--code-file",
                "EMPTY",
            ],
            "--code-file",
        ),
        (
            &[
                "organisation",
                "add",
                "--organisation",
                "EMPTY",
                "--name",
                "B",
                "--address",
                "1",
                "--out",
                "x",
            ],
            "--organisation",
        ),
        (
            &["organisation", "add", "--organisation", "record", "--csv", "EMPTY", "--out", "x"],
            "--csv",
        ),
        (
            &["organisation", "upload", "--organisation", "EMPTY", "--entry", "codes/entry.txt"],
            "--organisation",
        ),
        (
            &[
                "organisation",
                "upload",
                "--yes",
                "--authority",
                "profile",
                "--organisation",
                "record",
                "--entry",
                "EMPTY",
            ],
            "--entry",
        ),
        (&["authority", "policy", "check", "EMPTY"], "POLICY"),
        (&["authority", "replay", "EMPTY"], "FILE"),
        (&["auditor", "compare", "EMPTY", "EMPTY", "--key", "a+b+c"], "HEAD"),
        (&["auditor", "verify", "EMPTY"], "AUTHORITY"),
    ];
    let mut wrong = Vec::new();
    for (words, argument) in table {
        for file in ["empty", "blank"] {
            let words: Vec<_> =
                words.iter().map(|word| if *word == "EMPTY" { file } else { *word }).collect();
            let ran = next_day(&person, &words, b"");
            let told = format!("{argument}: the file {file} is empty");
            if ran.code != Some(2) || !ran.err.contains(&told) {
                wrong.push(format!("{words:?}: {ran:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for file in ["empty", "blank"] {
        let ran = next_day(&person, &["inspect", file], b"");
        assert!(ran.code == Some(1) && ran.out.contains(&format!("{file} is empty")), "{ran:?}");
    }
    let sheet = ["venue", "sheet", "--trace", "-", "--out", "x"];
    next_day(&person, &sheet, b"").fails("--trace: the standard input is empty");
}

/// The same command with variables of the environment.
fn with(person: &Person, words: &[&str], variables: &[(&str, &str)]) -> Ran {
    run(person.command(words).envs(variables.iter().copied()), b"")
}

#[test]
fn a_file_is_told_by_what_named_it_be_it_an_option_or_a_variable() {
    // [CLI-48]
    let (person, _) = person();
    std::fs::create_dir(person.path("folder")).unwrap();
    let visits = ["visitor", "visits"];
    for (file, words) in [
        ("absent.pem", "there is no file absent.pem"),
        ("empty", "the file empty is empty"),
        ("profile", "profile holds no certificate"),
        ("folder", "cannot read folder"),
    ] {
        with(&person, &visits, &[("NOREN_CA", file)]).fails(&format!("NOREN_CA: {words}"));
        let both = [&visits[..], &["--ca", file]].concat();
        with(&person, &both, &[("NOREN_CA", "else")]).fails(&format!("--ca: {words}"));
        with(&person, &[&visits[..], &[&format!("--ca={file}")]].concat(), &[]).fails("--ca: ");
    }
    let follow = ["visitor", "follow", "https://127.0.0.1:9"];
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        for file in ["/nonexistent/ca", "empty"] {
            let ran = with(&person, &follow, &[(name, file)]);
            ran.fails(name);
            ran.fails(file);
        }
    }
    let protect = ["visitor", "protect"];
    let variable = "NOREN_PASSPHRASE_FILE";
    with(&person, &protect, &[(variable, "empty")]).fails("NOREN_PASSPHRASE_FILE: the file empty");
}

#[test]
fn a_fingerprint_is_read_in_groups_and_whole() {
    // [CLI-47] [CLI-24]
    let (person, _) = person();
    let follow = |fingerprint: &str| {
        let guest = person.twin();
        next_day(&guest, &["visitor", "follow", "profile", "--fingerprint", fingerprint], b"")
    };
    let shown = person.json(&["visitor", "follow", "profile"], b"")["fingerprint"].clone();
    let shown = shown.as_str().unwrap();
    let digits = shown.replace(' ', "");
    let wide: String = shown
        .to_uppercase()
        .chars()
        .map(|sign| match sign {
            ' ' => '\u{3000}',
            sign => char::from_u32(u32::from(sign) + 0xfee0).unwrap(),
        })
        .collect();
    for right in [
        shown,
        &digits,
        &shown.to_uppercase(),
        &shown.replace(' ', "-"),
        &wide,
        &format!("fingerprint: {shown}\n"),
    ] {
        let ran = follow(right);
        assert_eq!(ran.code, Some(0), "{right}: {ran:?}");
    }
    for beginning in [&digits[..8], &shown[..9], &digits[..31]] {
        follow(beginning).fails("a fingerprint has 32 digits, and this has");
    }
    follow("Health Office").fails("--fingerprint: \"Health Office\" is no fingerprint");
    let other = digits.chars().map(|digit| if digit == '0' { '1' } else { '0' });
    follow(&other.collect::<String>()).fails("not the one you gave");
    for typed in [shown, &digits, &wide] {
        let guest = Person::new();
        next_day(&guest, &["visitor", "follow", typed], b"").fails("with --fingerprint");
        // Of an authority that is followed, it says which.
        let ran = next_day(&person, &["visitor", "unfollow", typed, "--yes"], b"");
        assert_eq!(ran.code, Some(0), "{typed}: {ran:?}");
        person.json(&["visitor", "follow", "profile"], b"");
    }
}

#[test]
fn a_new_passphrase_of_a_vault_is_not_too_short() {
    // [VLT-2]
    let (person, _) = person();
    let ran = next_day(&person, &["visitor", "check-in", "link.txt"], b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for short in ["x\n", "1234567\n", "七文字の言葉だ\n"] {
        let ran = next_day(&person, &["visitor", "protect"], short.as_bytes());
        ran.fails("fewer than 8 characters; take a longer one");
        assert_eq!(next_day(&person, &["visitor", "visits"], b"").code, Some(0), "as it was");
    }
    let ran = next_day(&person, &["visitor", "protect"], "八文字の言葉です\n".as_bytes());
    assert_eq!(ran.code, Some(0), "{ran:?}");
}
