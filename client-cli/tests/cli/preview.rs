//! What is shown before anybody is warned, and who has to say yes to it.

use serde_json::Value;

use crate::support::http::get;
use crate::support::terminal::at_terminal;
use crate::support::town::{Town, at};

/// A town with a bar that has answered a case from 19 to 21 o'clock; the case's id.
fn answered(name: &str, policy: &str) -> (Town, String) {
    let town = Town::new(name, policy);
    let bar = town.venue("Bar Noren", &["--kind", "bar", "--room", "2F"]);
    let (from, to) = (at(19, 0), at(21, 0));
    let opened = town.desk(&["case", "open", "--venue", "a bar", "--from", &from, "--to", &to]);
    bar.answer(&opened);
    (town, opened["case"].as_str().unwrap().to_owned())
}

fn log_size(town: &Town) -> u64 {
    let size = std::fs::read_to_string(town.office.path("server/log/checkpoint"));
    let text = size
        .unwrap_or_else(|_| String::from_utf8(get(&format!("{}/checkpoint", town.url))).unwrap());
    text.lines().nth(1).unwrap().parse().unwrap()
}

#[test]
fn nothing_is_published_or_withdrawn_before_somebody_says_yes() {
    // [CLI-17]
    let (town, case) = answered("Preview A", "osaka");
    let size = log_size(&town);
    let publish = ["publish", &case, "--level", "cluster", "--message", "Ring us."];
    let dry = |words: &[&str]| town.desk(&[words, &["--dry-run"]].concat());
    town.try_desk(&publish).fails("--yes");
    let preview = dry(&publish);
    assert_eq!(log_size(&town), size);
    let notice = &preview["notices"][0];
    assert_eq!(
        (&notice["case"], &notice["asked"], &notice["level"]),
        (&case.as_str().into(), &"a bar".into(), &"cluster".into())
    );
    assert_eq!(
        (&notice["venue"]["name"], &notice["venue"]["room"]),
        (&"Bar Noren".into(), &"2F".into())
    );
    assert_eq!((&notice["from"], &notice["to"]), (&at(19, 0).into(), &at(21, 0).into()));
    assert_eq!(notice["hours"], serde_json::json!([at(19, 0), at(20, 0)]));
    assert_eq!((&notice["message"], &notice["names_venue"]), (&"Ring us.".into(), &true.into()));
    // A name of the authority's own is no difference.
    assert_eq!(notice["differences"], serde_json::json!([]));
    let shown = notice["shown"].as_array().unwrap();
    let languages: Vec<&str> =
        shown.iter().map(|each| each["language"].as_str().unwrap()).collect();
    assert!(languages.contains(&"ja") && languages.contains(&"en"), "{languages:?}");
    for each in shown {
        let text = each["text"].as_str().unwrap();
        assert!(
            text.contains("Ring us.") && text.contains("Bar Noren, 2F, 1-2-3 Minato"),
            "{text}"
        );
    }
    let (entries, cover) = (&preview["entries"], preview["cover"].as_u64().unwrap());
    assert_eq!(entries, 2);
    town.desk(&[&publish[..], &["--yes"]].concat());
    assert_eq!(log_size(&town), size + 2 + cover, "just what was shown");
    assert_eq!(town.try_desk(&[&publish[..], &["--dry-run"]].concat()).code, Some(1), "it stands");

    town.try_desk(&["withdraw", &case]).fails("--yes");
    let withdrawal = &dry(&["withdraw", &case])["notices"][0];
    assert_eq!(withdrawal["level"], "withdrawn");
    assert!(withdrawal["instead_of"].as_str().unwrap().starts_with("cluster"), "{withdrawal}");
    assert_eq!(log_size(&town), size + 2 + cover);
    let human = town.office.noren(&["authority", "withdraw", &case, "--dry-run"], b"");
    assert!(human.out.contains("as devices show it in ja:"), "{human:?}");
    assert!(
        town.office.noren(&["authority", "publish", &case, "--yes", "--dry-run"], b"").code
            == Some(2)
    );
}

#[test]
fn whom_a_narrower_notice_no_longer_means_is_shown_what_they_are_told() {
    // [CLI-17] [PUB-2]
    let (town, case) = answered("Preview E", "osaka");
    let publish = |more: &[&str]| {
        let words = ["publish", &case, "--level", "cluster", "--dry-run"];
        town.desk(&[&words[..], more].concat())["notices"][0].clone()
    };
    assert_eq!(publish(&[])["no_longer"], serde_json::json!([]), "nobody was told yet");
    town.desk(&["publish", &case, "--level", "cluster", "--yes"]);
    let narrower = publish(&["--from", &at(19, 0), "--to", &at(19, 30)]);
    let told = narrower["no_longer"].as_array().unwrap();
    assert!(
        told.iter().any(|each| each["text"].as_str().unwrap().contains("WITHDRAWN")),
        "{told:?}"
    );
    let again = town.desk(&["publish", &case, "--level", "attention", "--dry-run"]);
    assert_eq!(again["notices"][0]["no_longer"], serde_json::json!([]), "all are still meant");
}

#[test]
fn at_a_terminal_it_is_shown_and_asked() {
    // [CLI-17]
    let (town, case) = answered("Preview B", "osaka");
    let size = log_size(&town);
    for quiet in [&[][..], &["--quiet"]] {
        let words = [quiet, &["authority", "publish", &case, "--level", "cluster"]].concat();
        let Some((code, shown)) = at_terminal(&town.office, &words, "n\n") else { return };
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains("Bar Noren, 2F, 1-2-3 Minato"), "{shown}");
        assert!(shown.contains("Publish exactly this? [y/N]"), "{shown}");
        assert_eq!(log_size(&town), size);
    }
    let words = ["authority", "publish", &case, "--level", "cluster"];
    let (code, shown) = at_terminal(&town.office, &words, "yes\n").unwrap();
    assert_eq!(code, Some(0), "{shown}");
    assert!(log_size(&town) > size);
}

#[test]
fn whoever_approves_sees_what_whoever_proposed_saw() {
    // [CLI-11] [CLI-17]
    let (town, case) = answered("Preview C", "osaka");
    let half = town.office.operator_key("ito.key");
    town.desk(&["operator", "add", "Ito", "--public-half", &half]);
    town.desk(&["operator", "require", "1"]);
    let publish = ["publish", &case, "--level", "attention", "--message", "Ring us."];
    let preview = town.desk(&[&publish[..], &["--dry-run"]].concat());
    let proposed = town.desk(&[&publish[..], &["--yes"]].concat());
    assert_eq!(proposed["preview"], preview);
    let proposal = proposed["proposal"].as_str().unwrap();
    let size = log_size(&town);
    let approve =
        |more: &[&str]| town.try_desk(&[&["approve", proposal, "--key", "ito.key"], more].concat());
    approve(&[]).fails("--yes");
    let looked: Value = serde_json::from_str(&approve(&["--dry-run"]).out).unwrap();
    assert_eq!(looked["preview"], preview);
    assert_eq!(log_size(&town), size);
    let words = ["authority", "approve", proposal, "--key", "ito.key"];
    if let Some((code, shown)) = at_terminal(&town.office, &words, "\n") {
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains("Ring us.") && shown.contains("Approve exactly this?"), "{shown}");
        assert_eq!(log_size(&town), size);
    }
    assert_eq!(approve(&["--yes"]).code, Some(0));
    assert!(log_size(&town) > size);
}

#[test]
fn a_message_reaches_the_visitor_everywhere_and_steers_nothing() {
    // [CLI-18] [CLI-5]
    let (town, case) = answered("Preview D", "osaka");
    let bar = town.venue("Another bar", &[]);
    let guest = town.visitor();
    guest.visit(&bar.poster(), &at(19, 0), 30);
    let (from, to) = (at(19, 0), at(21, 0));
    let opened = town.desk(&["case", "open", "--venue", "bar", "--from", &from, "--to", &to]);
    bar.answer(&opened);
    let second = opened["case"].as_str().unwrap();
    for hidden in ["\n", "\u{202e}", "\u{2028}", "\u{7}"] {
        let message = format!("Ask at the desk{hidden}free");
        let words = ["publish", second, "--level", "cluster", "--yes", "--message", &message];
        town.try_desk(&words).fails("changes the reading order");
    }
    let message = "Ask <b>at the desk</b> ATTENTION: \u{200b}free";
    let words = ["publish", second, "--level", "cluster", "--yes", "--message", message];
    town.desk(&words);
    let escaped = "Ask <b>at the desk</b> ATTENTION: \\u{200b}free";
    let synced = guest.0.noren(&["visitor", "sync", "--language", "ja"], b"");
    assert!(synced.out.contains(escaped), "{synced:?}");
    let again = guest.0.noren(&["visitor", "notices"], b"");
    assert!(again.out.contains(escaped), "{again:?}");
    assert_eq!(guest.0.json(&["visitor", "notices"], b"")[0]["message"], message);
    let page = guest.0.noren(&["visitor", "notices", "--html", "-"], b"");
    assert!(page.out.contains("Ask &lt;b&gt;at the desk&lt;/b&gt; ATTENTION"), "{page:?}");
    // A withdrawal's own words, in English, say no more than the text in the visitor's language.
    town.desk(&["withdraw", second, "--yes"]);
    let withdrawn = guest.0.noren(&["visitor", "sync", "--language", "ja"], b"");
    assert!(!withdrawn.out.contains("was a mistake"), "{withdrawn:?}");
    let _ = case;
}
