//! Turns to append, and appends that come in parts.

use axum::http::StatusCode;
use noren::log::{Append, LogPosition};
use serde_json::{Value, json};

use super::harness::{Answer, World};
use crate::authority::entry;

const CBOR: &str = "application/cbor";

impl World {
    async fn turn(&self, seat: u64, id: u8, turn: u8) -> Answer {
        let name = |byte: u8| hex::encode([byte; 16]);
        let body = json!({ "seat": seat, "id": name(id), "turn": name(turn) }).to_string();
        self.signed("POST", "/v1/log/turn", "application/json", body.as_bytes()).await
    }

    async fn last_seat(&self) -> Value {
        let answer = self.signed("GET", "/v1/log/turn", "", b"").await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()
    }

    async fn append_in(&self, turn: u8, append: &Append) -> Answer {
        let path = format!("/v1/log?turn={}", hex::encode([turn; 16]));
        self.signed("POST", &path, CBOR, &append.to_bytes().unwrap()).await
    }
}

#[tokio::test]
async fn one_seat_at_a_time_has_the_turn() {
    // [API-27]
    let world = World::new().await;
    let granted = world.turn(1, 1, 1).await;
    assert_eq!(granted.status, StatusCode::OK);
    assert_eq!(granted.json()["until"], world.now() + 60);
    let taken = world.turn(1, 1, 2).await;
    assert_eq!((taken.status, taken.problem()), (StatusCode::CONFLICT, "turn-taken".to_owned()));
    assert_eq!(taken.header("retry-after"), "60");
    assert_eq!(world.turn(1, 1, 1).await.status, StatusCode::OK, "the same turn again");
    assert_eq!(world.turn(2, 2, 2).await.problem(), "turn-taken", "also by a later seat");
    world.pass(60);
    assert_eq!(world.turn(2, 2, 2).await.status, StatusCode::OK);
    // Whoever was taken over stays so: lower numbers, and the same number by another.
    for (seat, id) in [(1, 1), (2, 1)] {
        let retired = world.turn(seat, id, 9).await;
        assert_eq!(
            (retired.status, retired.problem()),
            (StatusCode::CONFLICT, "seat-retired".into())
        );
        assert_eq!(retired.json()["seat"], 2);
    }
    let mut world = world.restart().await;
    world.pass(600);
    assert_eq!(world.turn(1, 1, 1).await.problem(), "seat-retired", "remembered");
    assert_eq!(world.turn(2, 2, 3).await.status, StatusCode::OK);
    let _ = &mut world;
}

#[tokio::test]
async fn who_asks_which_seat_was_seen_last_changes_nothing() {
    // [API-27]
    let world = World::new().await;
    assert_eq!(world.last_seat().await, json!({ "seat": 0, "id": null }));
    assert_eq!(world.turn(3, 1, 1).await.status, StatusCode::OK);
    let third = json!({ "seat": 3, "id": hex::encode([1; 16]) });
    assert_eq!(world.last_seat().await, third);
    assert_eq!(world.turn(2, 2, 2).await.problem(), "seat-retired");
    assert_eq!(world.turn(4, 2, 2).await.problem(), "turn-taken");
    assert_eq!(world.last_seat().await, third, "nobody was refused or let in by it");
    assert_eq!(world.restart().await.last_seat().await, third);
}

#[tokio::test]
async fn an_append_needs_the_turn_that_it_is_and_ends_it() {
    // [API-27]
    let mut world = World::new().await;
    let first = world.authority.append(vec![entry(0)], world.now());
    assert_eq!(world.append_in(1, &first).await.problem(), "turn-refused", "nobody's turn");
    assert_eq!(world.append(&first).await.status, StatusCode::OK, "no seat was ever seen");
    world.authority.advance(&first);
    world.turn(1, 1, 1).await;
    let second = world.authority.append(vec![entry(1)], world.now());
    assert_eq!(world.append(&second).await.problem(), "turn-refused", "without one");
    assert_eq!(world.append_in(2, &second).await.problem(), "turn-refused", "another one");
    assert_eq!(world.append_in(1, &second).await.status, StatusCode::OK);
    world.authority.advance(&second);
    let third = world.authority.append(vec![entry(2)], world.now());
    assert_eq!(world.append_in(1, &third).await.problem(), "turn-refused", "it has ended");
    world.turn(1, 1, 2).await;
    world.pass(60);
    assert_eq!(world.append_in(2, &third).await.problem(), "turn-refused", "it is over");
    assert_eq!(world.state.published.size(), 2);
}

#[tokio::test]
async fn what_is_no_turn_is_refused() {
    // [API-27]
    let world = World::new().await;
    let (id, zero) = ("0".repeat(32), json!(0));
    let good = json!({ "seat": 1, "id": id, "turn": id });
    let with = |name: &str, value: Value| {
        let mut other = good.clone();
        other[name] = value;
        other.to_string()
    };
    let bodies = [
        String::new(),
        with("seat", zero),
        with("seat", json!(-1)),
        with("seat", json!(u64::MAX)),
        with("id", json!("00")),
        with("turn", json!("x".repeat(32))),
        with("more", json!(1)),
    ];
    for body in bodies {
        let answer =
            world.signed("POST", "/v1/log/turn", "application/json", body.as_bytes()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let append = world.authority.append(vec![], world.now()).to_bytes().unwrap();
    for query in ["turn=", "turn=00", "x=1", ""] {
        let path = format!("/v1/log?{query}");
        let answer = world.signed("POST", &path, CBOR, &append).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query:?}");
    }
}

#[tokio::test]
async fn parts_of_an_append_show_with_the_checkpoint_and_not_before() {
    // [API-28] [LOG-12]
    let world = World::new().await;
    let part = |old: u64, new: u64| Append::part(old, (old..new).map(entry).collect()).unwrap();
    assert_eq!(world.append(&part(0, 300)).await.json(), json!({ "size": 300 }));
    assert_eq!(world.append(&part(0, 300)).await.json(), json!({ "size": 300 }), "from the start");
    assert_eq!(world.append(&part(300, 700)).await.json(), json!({ "size": 700 }));
    let gap = world.append(&part(701, 702)).await;
    assert_eq!((gap.problem(), &gap.json()["size"]), ("size-conflict".to_owned(), &json!(700)));
    assert_eq!(world.get("/checkpoint").await.problem(), "no-checkpoint");
    assert_eq!(world.get("/tile/entries/000").await.problem(), "not-covered");
    // A restart keeps them; an append from where the checkpoint is forgets them.
    let mut world = world.restart().await;
    assert_eq!(world.append(&part(700, 701)).await.json()["size"], 701);
    world.append(&part(0, 300)).await;
    let whole = world.authority.append((0..1_000).map(entry).collect(), world.now());
    let rest = Append { old_size: 300, entries: whole.entries[300..].to_vec(), ..whole.clone() };
    assert_eq!(world.append(&rest).await.json(), json!({ "size": 1_000 }));
    world.authority.advance(&whole);
    assert_eq!(world.append(&part(1_000, 1_100)).await.json()["size"], 1_100);
    assert_eq!(world.state.published.size(), 1_000);
    world.publish(vec![entry(5)]).await;
    let mut world = world.restart().await;
    assert_eq!(world.state.published.check().await.unwrap(), 1_001);
    world.publish(vec![]).await;
    // What the parts hold has to lead to the signed root like everything else.
    world.append(&part(1_001, 1_010)).await;
    let mut other = world.authority.append((0..10).map(entry).collect(), world.now());
    (other.old_size, other.entries) = (1_010, vec![entry(9)]);
    assert_eq!(world.append(&other).await.problem(), "size-conflict");
    assert_eq!(world.state.published.check().await.unwrap(), 1_001);
    assert_ne!(world.authority.position, LogPosition::start());
}
