//! What PostgreSQL keeps of an upload that was deleted, and of a dummy.

use noren::messages::UploadTicket;
use sqlx::{Connection as _, PgConnection};

use super::services::services;
use crate::authority::Authority;
use crate::binary::process::{now, read_all, upload_headers};

/// What is looked for of a body.
const PART: std::ops::Range<usize> = 100..164;

fn body() -> Vec<u8> {
    (0..65_536).map(|_| rand::random()).collect()
}

fn holds(bytes: &[u8], body: &[u8]) -> bool {
    bytes.windows(PART.len()).any(|window| window == &body[PART])
}

/// Runs statements one by one: a vacuum wants to be alone.
#[tokio::main(flavor = "current_thread")]
async fn run(database: &str, statements: &[&'static str]) {
    let mut connection = PgConnection::connect(database).await.unwrap();
    for statement in statements {
        sqlx::raw_sql(*statement).execute(&mut connection).await.unwrap();
    }
}

/// What PostgreSQL calls the folder of the tables.
#[tokio::main(flavor = "current_thread")]
async fn number(database: &str) -> String {
    let mut connection = PgConnection::connect(database).await.unwrap();
    let sql = "SELECT oid::text FROM pg_database WHERE datname = current_database()";
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

/// How many stored bodies hold this one's part.
#[tokio::main(flavor = "current_thread")]
async fn found(database: &str, body: &[u8]) -> i64 {
    let mut connection = PgConnection::connect(database).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM bodies WHERE position($1 IN body) > 0");
    count.bind(&body[PART]).fetch_one(&mut connection).await.unwrap()
}

#[test]
fn a_full_vacuum_leaves_nothing_of_a_deleted_upload_or_a_dummy_in_the_tables_files() {
    // [API-47] [API-5] [API-14]
    let Some(services) = services() else { return };
    let authority = Authority::new(1);
    let place = services.place();
    let site = place.site(&authority);
    let process = site.start();
    let code = UploadTicket::generate(&mut rand::rng());
    let path = format!("/v1/cases/{}", hex::encode(code.hash().as_bytes()));
    let open = format!("{{\"expires\":{}}}", now() + 3_600);
    let opened = process.signed(&authority, "PUT", &path, "application/json", open.as_bytes());
    assert_eq!(opened.unwrap().status, 201);
    let (upload, dummy) = (body(), body());
    for (body, chaff) in [(&upload, false), (&dummy, true)] {
        let headers = upload_headers(&code.to_text(), chaff);
        assert_eq!(process.send("POST", "/v1/uploads", &headers, body).unwrap().status, 202);
    }
    let number = number(&place.database);
    let tables = || {
        run(&place.database, &["CHECKPOINT"]);
        read_all(&services.tables().join(&number))
    };
    assert!(holds(&tables(), &upload), "a sealed upload that waits is there");
    assert_eq!((found(&place.database, &upload), found(&place.database, &dummy)), (1, 0));
    let list = process.signed(&authority, "GET", "/v1/uploads", "", b"").unwrap().body;
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list).unwrap();
    let path = format!("/v1/uploads/{}", list[0]["id"].as_str().unwrap());
    assert_eq!(process.signed(&authority, "DELETE", &path, "", b"").unwrap().status, 204);
    assert_eq!(found(&place.database, &upload), 0);
    let backup = site.folder.path().join("backup");
    assert!(site.command().arg("backup").arg(&backup).status().unwrap().success());
    let backup = read_all(&backup);
    assert!(!holds(&backup, &upload) && !holds(&backup, &dummy));
    assert!(holds(&tables(), &upload), "PostgreSQL keeps the version before");
    run(&place.database, &["VACUUM FULL codes", "VACUUM FULL places", "VACUUM FULL bodies"]);
    let tables = tables();
    assert!(!holds(&tables, &upload) && !holds(&tables, &dummy));
}
