//! Proposals whose basis has changed: they can only be rejected, and say so.

use serde_json::Value;

use crate::support::desk::Desk;
use crate::support::person::Ran;

/// A desk where two operators approve, with a case whose publication one has approved.
struct Town {
    desk: Desk,
    case: String,
}

impl Town {
    fn new() -> Self {
        let desk = Desk::with_bar();
        for name in ["bob", "cyd"] {
            let half = desk.person.operator_key(&format!("{name}.key"));
            desk.does(&["operator", "add", name, "--public-half", &half]);
        }
        desk.does(&["operator", "require", "2"]);
        let case = desk.answered_case(18, 20);
        desk.does(&["review", &case]);
        Self { desk, case }
    }

    fn propose(&self, words: &[&str]) -> String {
        self.desk.does(words)["proposal"].as_str().unwrap().to_owned()
    }

    fn approve(&self, id: &str, name: &str) -> Ran {
        self.desk.try_desk(&["approve", id, "--yes", "--key", &format!("{name}.key")])
    }

    /// Proposes this, and has it done with the approval of both.
    fn agree(&self, words: &[&str]) {
        let id = self.propose(words);
        for name in ["bob", "cyd"] {
            let ran = self.approve(&id, name);
            assert_eq!(ran.code, Some(0), "{ran:?}");
        }
    }

    fn row(&self, id: &str) -> Value {
        let status = self.desk.does(&["status"]);
        let rows = status["waiting"].as_array().unwrap();
        rows.iter().find(|row| row["case"] == *id).unwrap().clone()
    }
}

#[test]
fn an_approval_does_not_outlive_what_it_was_given_for() {
    // [CLI-11] [CLI-19] [CLI-34]
    for change in [
        &["profile", "--name", "Another office"][..],
        &["policy", "set", "osaka", "--yes"],
        &["operator", "require", "1"],
        &["rotate-keys", "--yes"],
    ] {
        let town = Town::new();
        let warning = town.propose(&["publish", &town.case, "--level", "attention", "--yes"]);
        assert_eq!(town.approve(&warning, "bob").code, Some(0));
        assert!(!town.row(&warning)["next"].as_str().unwrap().contains("--reject"));
        town.agree(change);
        let row = town.row(&warning);
        assert!(row["text"].as_str().unwrap().contains("has changed since"), "{change:?}: {row}");
        assert!(row["next"].as_str().unwrap().contains("--reject"), "{change:?}: {row}");
        for name in ["cyd", "bob"] {
            town.approve(&warning, name).fails("has changed since");
        }
        let list = town.desk.does(&["operator", "list"]);
        assert_eq!(list["proposals"][0]["void"], true, "{list}");
        assert_eq!(town.desk.entries().len(), 0, "{change:?}");
        town.desk.does(&["approve", &warning, "--reject", "--key", "bob.key"]);
    }
}
