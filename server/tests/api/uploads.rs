//! The venue's door.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use noren::messages::UploadTicket;

use crate::harness::{Answer, BODY, World, case_path, sealed, upload_request};

fn code() -> UploadTicket {
    UploadTicket::generate(&mut rand::rng())
}

fn assert_received(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.json(), serde_json::json!({"status": "received"}));
}

fn assert_refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.problem(), "upload-code-refused");
}

/// Every byte that the server keeps.
fn disk(world: &World) -> Vec<u8> {
    let mut bytes = vec![];
    let mut folders = vec![world.config.data.clone()];
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                bytes.extend(std::fs::read(path).unwrap());
            }
        }
    }
    bytes
}

fn holds(world: &World, body: &[u8]) -> bool {
    disk(world).windows(64).any(|window| window == &body[1_000..1_064])
}

#[tokio::test]
async fn an_upload_reaches_the_authority_and_goes_when_it_is_deleted() {
    // [API-4] [API-7]
    let world = World::new().await;
    let code = world.case().await;
    let body = sealed(1);
    assert_received(&world.upload(&code.to_text(), false, &body).await);
    assert!(holds(&world, &body));
    let list = world.signed("GET", "/v1/uploads", "", b"").await;
    assert_eq!(list.header("cache-control"), "no-store");
    let list = list.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["case"], hex::encode(code.hash().as_bytes()));
    assert_eq!(list[0]["received_day"], world.now() - world.now() % 86_400);
    assert_eq!(list[0]["size"], BODY);
    let path = format!("/v1/uploads/{}", list[0]["id"].as_str().unwrap());
    let fetched = world.signed("GET", &path, "", b"").await;
    assert_eq!(fetched.header("content-type"), "application/octet-stream");
    assert_eq!(fetched.body, body);
    assert_eq!(world.signed("DELETE", &path, "", b"").await.status, StatusCode::NO_CONTENT);
    assert!(!holds(&world, &body), "deleted means gone from the disk");
    assert_eq!(world.signed("GET", &path, "", b"").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.signed("DELETE", &path, "", b"").await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.signed("GET", "/v1/uploads", "", b"").await.json(), serde_json::json!([]));
    // The code stays used, even for the same body.
    assert_refused(&world.upload(&code.to_text(), false, &body).await);
}

#[tokio::test]
async fn a_code_is_good_once_and_the_same_body_is_no_second_time() {
    // [API-4]
    let world = World::new().await;
    let code = world.case().await;
    assert_received(&world.upload(&code.to_text(), false, &sealed(1)).await);
    assert_received(&world.upload(&code.to_text(), false, &sealed(1)).await);
    assert_refused(&world.upload(&code.to_text(), false, &sealed(2)).await);
    // Also when the answer was lost and the code has expired in between, or the server restarted.
    world.pass(3_601);
    assert_received(&world.upload(&code.to_text(), false, &sealed(1)).await);
    let world = world.restart().await;
    assert_received(&world.upload(&code.to_text(), false, &sealed(1)).await);
    assert_refused(&world.upload(&code.to_text(), false, &sealed(2)).await);
    assert_eq!(
        world.signed("GET", "/v1/uploads", "", b"").await.json().as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn sixteen_with_one_code_store_one() {
    // [API-4]
    let world = World::new().await;
    let code = world.case().await.to_text();
    let bodies: Vec<_> = (0..16).map(sealed).collect();
    let racers = bodies.iter().map(|body| world.upload(&code, false, body));
    let answers = futures_util::future::join_all(racers).await;
    let won = answers.iter().filter(|answer| answer.status == StatusCode::ACCEPTED).count();
    assert_eq!(won, 1);
    assert_eq!(
        world.signed("GET", "/v1/uploads", "", b"").await.json().as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn unknown_expired_closed_and_misspelt_codes_get_one_answer() {
    // [API-6]
    let world = World::new().await;
    let expired = world.case().await;
    let closed = world.case().await;
    let used = world.case().await;
    assert_received(&world.upload(&used.to_text(), false, &sealed(9)).await);
    world.signed("DELETE", &case_path(&closed), "", b"").await;
    world.pass(3_600);
    let mut misspelt = world.case().await.to_text().to_string();
    let last = if misspelt.ends_with('0') { "1" } else { "0" };
    misspelt.replace_range(misspelt.len() - 1.., last);
    let texts =
        [code().to_text().to_string(), expired.to_text().to_string(), closed.to_text().to_string()];
    let mut bodies = vec![];
    for text in texts.iter().chain([&misspelt, &used.to_text(), &String::new()]) {
        let answer = world.upload(text, false, &sealed(3)).await;
        assert_refused(&answer);
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    // One second earlier it would have been good, and the way people type a code does not matter.
    let code = world.case().await.to_text().to_string();
    world.pass(3_599);
    let typed = code.to_lowercase().replace('-', " ").replace('0', "o");
    assert_received(&world.upload(&typed, false, &sealed(4)).await);
}

#[tokio::test]
async fn codes_are_stored_as_hashes_only() {
    // [API-6]
    let world = World::new().await;
    let code = world.case().await;
    assert_received(&world.upload(&code.to_text(), false, &sealed(1)).await);
    let disk = disk(&world);
    let holds = |bytes: &[u8]| disk.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(code.hash().as_bytes()));
    let text = code.to_text();
    for form in [text.to_string(), text.replace('-', ""), text.to_lowercase()] {
        assert!(!holds(form.as_bytes()));
    }
}

#[tokio::test]
async fn refusals_have_a_budget_that_good_codes_do_not_need() {
    // [API-6]
    let world = World::with(|config| {
        config.limits.failure_burst = 3;
        config.limits.failures_per_minute = 6;
    })
    .await;
    let good = world.case().await;
    for _ in 0..3 {
        assert_refused(&world.upload(&code().to_text(), false, &sealed(1)).await);
    }
    let answer = world.upload(&code().to_text(), false, &sealed(1)).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.problem(), "too-many-failures");
    assert_eq!(answer.header("retry-after"), "10");
    assert_received(&world.upload(&code().to_text(), true, &sealed(1)).await);
    assert_received(&world.upload(&good.to_text(), false, &sealed(1)).await);
    world.pass(10);
    assert_refused(&world.upload(&code().to_text(), false, &sealed(1)).await);
    assert_eq!(
        world.upload(&code().to_text(), false, &sealed(1)).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test]
async fn a_dummy_is_answered_like_an_upload_and_leaves_nothing() {
    // [API-5]
    let world = World::new().await;
    let code = world.case().await;
    let other = world.case().await;
    let real = world.upload(&code.to_text(), false, &sealed(1)).await;
    let texts = [self::code().to_text(), code.to_text(), other.to_text()];
    for text in texts.iter().map(|text| text.as_str()).chain(["nonsense"]) {
        let dummy = world.upload(text, true, &sealed(0x55)).await;
        assert_eq!(dummy.status, real.status);
        assert_eq!(dummy.body, real.body);
        assert_eq!(dummy.headers, real.headers);
    }
    assert!(!holds(&world, &sealed(0x55)), "not even in the write-ahead log");
    let list = world.signed("GET", "/v1/uploads", "", b"").await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    // A dummy with a good code does not use it up.
    assert_received(&world.upload(&other.to_text(), false, &sealed(2)).await);
    let world = world.restart().await;
    assert!(!holds(&world, &sealed(0x55)));
    assert!(holds(&world, &sealed(2)));
}

#[tokio::test]
async fn a_dummy_leaves_no_row_behind() {
    // [API-5]
    let world = World::new().await;
    world.case().await;
    // The first one, real or not, makes the places that the next ones lie in.
    assert_received(&world.upload(&code().to_text(), true, &sealed(0)).await);
    let rows = async |world: &World| {
        let path = world.config.data.join("noren.sqlite");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let mut rows = vec![];
        for table in ["codes", "places", "bodies", "nonces", "appends"] {
            let sql = format!("SELECT count(*) FROM {table}");
            let query = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql));
            rows.push(query.fetch_one(&pool).await.unwrap());
        }
        let sql = "SELECT count(*) FROM places WHERE taken = 1";
        rows.push(sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap());
        pool.close().await;
        rows
    };
    let before = rows(&world).await;
    for mark in 0..5 {
        assert_received(&world.upload(&code().to_text(), true, &sealed(mark)).await);
    }
    assert_eq!(rows(&world).await, before);
}

#[tokio::test]
async fn malformed_dummies_and_uploads_are_refused_alike() {
    // [API-4] [API-5] [API-13]
    let world = World::new().await;
    let code = world.case().await.to_text().to_string();
    let refusals: [(&str, Change, StatusCode); 7] = [
        ("short", |r, c| *r = changed(r, c, &sealed(1)[1..]), StatusCode::BAD_REQUEST),
        ("empty", |r, c| *r = changed(r, c, b""), StatusCode::BAD_REQUEST),
        ("long", |r, c| *r = changed(r, c, &[0; BODY + 1]), StatusCode::PAYLOAD_TOO_LARGE),
        ("very long", |r, c| *r = changed(r, c, &[0; 3 << 20]), StatusCode::PAYLOAD_TOO_LARGE),
        (
            "media type",
            |r, _| {
                r.headers_mut().insert("content-type", "text/plain".parse().unwrap());
            },
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            "no media type",
            |r, _| {
                r.headers_mut().remove("content-type");
            },
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            "no code",
            |r, _| {
                r.headers_mut().remove("upload-ticket");
            },
            StatusCode::BAD_REQUEST,
        ),
    ];
    for (what, change, status) in refusals {
        let mut answers = vec![];
        for chaff in [false, true] {
            let mut request = upload_request(&code, chaff, &sealed(1));
            change(&mut request, chaff);
            let answer = world.send(request).await;
            assert_eq!(answer.status, status, "{what}");
            answer.problem();
            answers.push((answer.headers, answer.body));
        }
        assert_eq!(answers[0], answers[1], "{what}");
    }
    let mut request = upload_request(&code, false, &sealed(1));
    request.headers_mut().insert("x-chaff", "yes".parse().unwrap());
    assert_eq!(world.send(request).await.status, StatusCode::BAD_REQUEST);
    // None of this used the code up; a missing X-Chaff means no dummy.
    let mut request = upload_request(&code, false, &sealed(1));
    request.headers_mut().remove("x-chaff");
    assert_received(&world.send(request).await);
    assert!(holds(&world, &sealed(1)));
}

/// A change to a request, told whether it is a dummy.
type Change = fn(&mut Request<Body>, bool);

/// The same request with another body, of unknown length so that the server has to count.
fn changed(request: &Request<Body>, chaff: bool, body: &[u8]) -> Request<Body> {
    let code = request.headers()["upload-ticket"].to_str().unwrap();
    let mut changed = upload_request(code, chaff, b"");
    changed.headers_mut().remove("content-length");
    let chunks: Vec<_> =
        body.chunks(10_000).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect();
    *changed.body_mut() = Body::from_stream(futures_util::stream::iter(chunks));
    changed
}

#[tokio::test]
async fn what_nobody_fetches_is_deleted_after_the_retention() {
    // [API-6]
    let world = World::new().await;
    let code = world.case().await;
    assert_received(&world.upload(&code.to_text(), false, &sealed(1)).await);
    let sweep = async |world: &World| {
        let now = crate::authority::at(world.now());
        let oldest = noren::time::Day::containing(now).minus(14);
        world.state.inbox.sweep(now, oldest).await.unwrap();
    };
    world.set(world.now() - world.now() % 86_400 + 15 * 86_400 - 1);
    sweep(&world).await;
    assert_eq!(world.state.inbox.list().await.unwrap().len(), 1);
    world.pass(1);
    sweep(&world).await;
    assert!(world.state.inbox.list().await.unwrap().is_empty());
    assert!(!holds(&world, &sealed(1)));
    assert!(!disk(&world).windows(32).any(|window| window == code.hash().as_bytes()));
}
