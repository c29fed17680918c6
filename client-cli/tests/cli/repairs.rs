//! Files of the log that are damaged at the server, given back by the desk.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::support::desk::Desk;
use crate::support::http::agent;
use crate::support::site::Site;

/// What happens to a file, in words and in deed.
type Damage = (&'static str, fn(&Path));

const DAMAGES: [Damage; 4] = [
    ("a flipped bit", |path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        fs::write(path, bytes).unwrap();
    }),
    ("cut", |path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 3]).unwrap();
    }),
    ("empty", |path| fs::write(path, b"").unwrap()),
    ("missing", |path| fs::remove_file(path).unwrap()),
];

fn town() -> (Desk, String) {
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    (town, case)
}

fn served(town: &Desk, path: &str) -> (u16, Vec<u8>, String) {
    let answer = agent().get(format!("{}/{path}", town.url())).call().unwrap();
    let tag = answer.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    (status, answer.into_body().read_to_vec().unwrap(), tag.unwrap_or_default())
}

#[test]
fn the_desk_gives_back_what_is_damaged_at_the_server() {
    // [CLI-33] [API-29] [API-20]
    let (mut town, case) = town();
    for level in ["attention", "cluster"] {
        town.does(&["publish", &case, "--level", level, "--yes"]);
    }
    let size = town.all_entries().len();
    let (bundle, tile) = (format!("tile/entries/000.p/{size}"), format!("tile/0/000.p/{size}"));
    let sets: [&[&str]; 5] =
        [&[&bundle], &[&tile], &[&bundle, &tile], &["checkpoint"], &["checkpoint", &bundle, &tile]];
    let good: Vec<_> = ["checkpoint", &bundle, &tile].map(|path| served(&town, path)).to_vec();
    let mut server_good = good.clone();
    for set in sets {
        for (name, how) in DAMAGES {
            for stopped in [true, false] {
                // A running server writes its checkpoint again by itself.
                if !stopped && set.contains(&"checkpoint") {
                    continue;
                }
                let what = format!("{set:?} {name}, stopped: {stopped}");
                if stopped {
                    town.stop();
                    sleep(Duration::from_millis(50));
                }
                for path in set {
                    how(&town.person.path("server/public").join(path));
                }
                if stopped {
                    town.start();
                }
                let needs = set.iter().any(|path| *path == bundle || *path == "checkpoint");
                let ran = town.try_desk(&["restore-log"]);
                assert_eq!(ran.code, Some(i32::from(!needs)), "{what}: {ran:?}");
                let restored: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
                let given = if needs { size } else { 0 };
                assert_eq!(restored["entries"], given, "{what}");
                for (good, path) in server_good.iter_mut().zip(["checkpoint", &bundle, &tile]) {
                    let now = served(&town, path);
                    assert_eq!(now.0, 200, "{what}: {path}");
                    if path == "checkpoint" {
                        *good = now;
                    } else {
                        assert!(now == *good, "{what}: {path}");
                    }
                }
                assert_eq!(town.all_entries().len(), size, "{what}");
                town.log_is_sound();
            }
        }
    }
    // The log goes on.
    town.does(&["withdraw", &case, "--yes"]);
    town.log_is_sound();
}

#[test]
fn a_publication_beside_damage_says_what_to_do_and_is_made_after_the_repair() {
    // [CLI-33] [API-29]
    let (mut town, case) = town();
    let guest = town.guest(18);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    let bundle = town.person.path("server/public/tile/entries/000.p/3");
    for stopped in [false, true] {
        if stopped {
            town.stop();
            sleep(Duration::from_millis(50));
        }
        let bundle = if stopped {
            town.person.path("server/public/tile/entries/000.p/5")
        } else {
            bundle.clone()
        };
        fs::write(&bundle, b"").unwrap();
        if stopped {
            town.start();
        }
        let level = if stopped { "attention" } else { "cluster" };
        let publish = ["publish", &case, "--level", level, "--yes"];
        town.try_desk(&publish).fails("restore-log");
        town.does(&["restore-log"]);
        // What was signed before went out with it.
        assert!(matches!(town.try_desk(&publish).code, Some(0 | 1)));
        town.log_is_sound();
    }
    assert_eq!(town.all_entries().len(), 7);
    assert_eq!(guest.noren(&["visitor", "sync"], b"").code, Some(0));
}

#[test]
fn a_mirror_makes_the_desks_copy_whole_where_the_server_cannot() {
    // [CLI-33]
    let (mut town, case) = town();
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    let site = Site::new("mirror.example/log", &[]);
    for path in ["checkpoint", "tile/entries/000.p/3", "tile/0/000.p/3"] {
        site.put(path, &town.person.read(&format!("server/public/{path}")));
    }
    // Both copies are damaged.
    let copy = town.person.path("home/authority/log");
    let file = fs::read_dir(&copy).unwrap().next().unwrap().unwrap().path();
    fs::write(&file, b"").unwrap();
    town.stop();
    sleep(Duration::from_millis(50));
    fs::write(town.person.path("server/public/tile/entries/000.p/3"), b"").unwrap();
    town.start();
    town.try_desk(&["restore-log"]).fails("mirror add");
    town.does(&["mirror", "add", &site.url]);
    assert_eq!(town.does(&["restore-log"])["entries"], 3);
    town.log_is_sound();
}
