//! `noren demo`: the main job, as the README gives it.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::http::{agent, get};
use crate::support::person::Person;

#[test]
fn the_demo_tells_exactly_the_right_visitors() {
    // [CLI-8]
    let report = Person::new().json(&["demo", "--keep", "kept"], b"");
    assert_eq!(report["right"], true);
    let visitors = report["visitors"].as_array().unwrap();
    assert!(visitors.len() >= 12);
    let told: Vec<&str> = visitors
        .iter()
        .filter(|visitor| !visitor["told"].as_array().unwrap().is_empty())
        .map(|visitor| visitor["visitor"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["Chieko", "Daichi", "Emiko", "Junko", "Leonie", "Noriko"]);
}

#[test]
fn the_demo_overwrites_nothing() {
    let person = Person::new();
    person.write("kept/file", "precious");
    person.noren(&["demo", "--keep", "kept"], b"").fails("exists already");
    assert_eq!(person.read("kept/file"), b"precious");
}

/// A town that is open, whose office is played by the test.
struct Town {
    child: Child,
    events: Lines<BufReader<ChildStdout>>,
}

impl Town {
    fn open(person: &Person, words: &[&str]) -> Self {
        let mut child =
            person.command(&[&["--json", "demo", "--page"], words].concat()).spawn().unwrap();
        let events = BufReader::new(child.stdout.take().unwrap()).lines();
        // What is said is read, so that it never waits.
        let mut said = child.stderr.take().unwrap();
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { child, events }
    }

    fn event(&mut self) -> Value {
        serde_json::from_str(&self.events.next().expect("an event").unwrap()).unwrap()
    }

    fn types(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    fn closes(mut self) {
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        assert!(self.events.next().is_none());
    }
}

fn seconds_ago(seconds: i64) -> String {
    let now = jiff::Timestamp::now().as_second();
    jiff::Timestamp::from_second(now - seconds).unwrap().to_string()
}

#[test]
fn a_town_warns_whoever_was_where_the_visitor_says() {
    // [CLI-50]
    let person = Person::new();
    let mut town = Town::open(&person, &["--keep", "kept"]);
    let opened = town.event();
    let address = |name: &str| opened[name].as_str().unwrap().to_owned();
    let (page, wall) = (address("page"), address("town"));
    let shown = String::from_utf8(get(&format!("{page}/?v=3"))).unwrap();
    assert!(
        shown.starts_with("<!doctype html>") || shown.starts_with("<!DOCTYPE html>"),
        "{shown}"
    );
    let posters = String::from_utf8(get(&wall)).unwrap();
    assert_eq!(posters.as_bytes(), person.read("kept/town/town.html"));
    for name in ["Izakaya Noren", "Live House Hibiki", "Minato Library"] {
        assert!(posters.contains(name), "{posters}");
    }
    // Two visitors, each with the picture of a poster from the wall.
    let visitors = [Person::new(), Person::new()];
    for (visitor, poster) in visitors.iter().zip(["poster-1.png", "poster-2.png"]) {
        visitor.write("poster.png", get(&format!("{wall}{poster}")));
        visitor.json(&["visitor", "follow", &page], b"");
        let at = seconds_ago(3_600);
        visitor.json(&["visitor", "check-in", "poster.png", "--at", &at, "--for", "30m"], b"");
    }
    assert_eq!(agent().get(format!("{wall}absent")).call().unwrap().status(), 404);
    town.types("9");
    town.types("２");
    let warned = town.event();
    assert_eq!(
        (&warned["warned"], &warned["level"]),
        (&"Live House Hibiki".into(), &"cluster".into())
    );
    // Who is told nothing new has the exit code 1.
    let told = visitors.map(|visitor| {
        let ran = visitor.noren(&["--json", "visitor", "sync"], b"");
        serde_json::from_str::<Value>(&ran.out).unwrap()
    });
    assert_eq!(told[0], serde_json::json!([]));
    assert_eq!(told[1][0]["level"], "cluster");
    assert_eq!(told[1][0]["venue"]["name"], "Live House Hibiki");
    // Again, and somewhere else.
    town.types("");
    assert_eq!(town.event()["warned"], "Izakaya Noren");
    town.types("q");
    town.closes();
    assert!(person.path("kept/authority.profile").exists());
}

#[test]
fn a_town_where_nobody_can_type_stays_open_until_it_is_told_and_leaves_nothing() {
    // [CLI-50]
    let person = Person::new();
    std::fs::create_dir(person.path("temporary")).unwrap();
    let mut command = person.command(&["--json", "demo", "--page"]);
    let temporary = person.path("temporary");
    let mut child = command.env("TMPDIR", &temporary).stdin(Stdio::null()).spawn().unwrap();
    let mut events = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = child.stderr.take().unwrap();
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    let opened: Value = serde_json::from_str(&events.next().unwrap().unwrap()).unwrap();
    assert!(std::fs::read_dir(&temporary).unwrap().next().is_some());
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it has ended by itself");
    get(&format!("{}/v1/authority", opened["page"].as_str().unwrap()));
    // The shell's own: not every machine has it as a program.
    let id = child.id().to_string();
    assert!(Command::new("sh").args(["-c", "kill -INT $0", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(std::fs::read_dir(&temporary).unwrap().next().is_none());
}
