//! `noren demo`: the main job, as the README gives it.

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
