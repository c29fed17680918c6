//! Many at once, over real connections and threads.

use noren::log::Append;

use super::process::{Site, check, now};
use crate::authority::{Authority, entry};

#[test]
fn of_sixteen_appends_at_once_one_wins_and_the_log_never_forks() {
    // [API-10] [API-9]
    let mut authority = Authority::new(1);
    let site = Site::new(&authority);
    let process = site.start();
    for round in 0..8_u64 {
        let appends: Vec<Append> = (0..16)
            .map(|racer| {
                let first = round * 1_000 + racer * 50;
                authority.append((first..first + 40).map(entry).collect(), now())
            })
            .collect();
        let answers: Vec<_> = std::thread::scope(|scope| {
            let (process, authority) = (&process, &authority);
            let racers: Vec<_> = appends
                .iter()
                .map(|append| {
                    let body = append.to_bytes().unwrap();
                    let cbor = "application/cbor";
                    scope.spawn(move || process.signed(authority, "POST", "/v1/log", cbor, &body))
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap().unwrap()).collect()
        });
        let won: Vec<_> = (0..16).filter(|racer| answers[*racer].status == 200).collect();
        assert_eq!(won.len(), 1, "round {round}");
        for answer in &answers {
            let size: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(size["size"], (round + 1) * 40);
            assert!([200, 409].contains(&answer.status));
        }
        authority.advance(&appends[won[0]]);
    }
    drop(process);
    assert!(check(&site));
}

#[test]
fn a_second_server_on_the_same_folder_does_not_start() {
    // [API-10]
    let authority = Authority::new(1);
    let site = Site::new(&authority);
    let _first = site.start();
    let second = site.command().output().unwrap();
    assert_eq!(second.status.code(), Some(2));
    let message = String::from_utf8(second.stderr).unwrap();
    assert!(message.contains("used by another server"), "{message}");
}
