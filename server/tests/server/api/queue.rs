//! Many at once at the venue's door: an early refusal for those who find no place, and the authority
//! goes before.

use axum::http::StatusCode;
use futures_util::stream::{FuturesUnordered, StreamExt};
use sqlx::Connection;

use super::harness::{World, sealed};

/// Keeps the database from being written until it is dropped.
async fn locked(world: &World) -> sqlx::SqliteConnection {
    let path = world.config.data.join("noren.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
    connection
}

#[tokio::test]
async fn who_finds_no_place_in_the_line_is_told_at_once_real_or_not() {
    // [API-5] [API-21]
    let world = World::new().await;
    let code = world.case().await;
    let lock = locked(&world).await;
    let body = sealed(1);
    let (real, dummy) = (code.to_text(), "ABCDEF-GHJKMN-PQRSTV");
    let mut uploads: FuturesUnordered<_> = (0..320)
        .map(|number| {
            let (text, chaff) = if number == 319 { (&real[..], false) } else { (dummy, true) };
            world.upload(text, chaff, &body)
        })
        .collect();
    // 256 wait and up to 32 have their turn.
    let mut refused = vec![];
    while refused.len() < 320 - 256 - 32 {
        let answer = uploads.next().await.unwrap();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), "5");
        answer.problem();
        refused.push((answer.headers, answer.body));
    }
    refused.dedup();
    assert_eq!(refused.len(), 1, "real and dummy are refused alike");
    lock.close().await.unwrap();
    while let Some(answer) = uploads.next().await {
        assert!([202, 503].contains(&answer.status.as_u16()));
    }
    // Nobody who was refused left anything, and the code is as good as before.
    let answer = world.upload(&real, false, &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn the_authority_does_not_wait_for_all_uploads() {
    // [API-21]
    let world = World::new().await;
    let body = sealed(1);
    let mut uploads: FuturesUnordered<_> =
        (0..250).map(|_| world.upload("ABCDEF-GHJKMN-PQRSTV", true, &body)).collect();
    // The first batch has its turn, the others wait.
    uploads.next().await.unwrap();
    let mut answered = 1;
    let mut authority = std::pin::pin!(world.signed("GET", "/v1/uploads", "", b""));
    let list = loop {
        tokio::select! {
            biased;
            list = &mut authority => break list,
            Some(_) = uploads.next() => answered += 1,
        }
    };
    assert_eq!(list.status, StatusCode::OK);
    assert!(answered < 250, "{answered}");
    // Nor does anybody who reads.
    assert_eq!(world.get("/v3/traceKeys").await.status, StatusCode::OK);
    assert_eq!(world.ops("/health").await.status, StatusCode::OK);
    assert!(!uploads.is_empty());
    while let Some(answer) = uploads.next().await {
        // A machine that takes longer than five seconds for them says so.
        assert!([202, 503].contains(&answer.status.as_u16()));
    }
}
