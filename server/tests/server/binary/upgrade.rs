//! A data folder of the layout before this one: it is brought to the present one with all that is in it,
//! also when that is cut off.

use std::path::Path;

use noren::messages::UploadTicket;
use noren_faults::{Disk, Fault};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use super::crash::assert_serves;
use super::process::{Process, Site, check, now, upload_headers};
use crate::authority::{Authority, entry};

static BODY: [u8; 65_536] = [7; 65_536];

/// The seat whose turn it was.
const SEAT: i64 = 3;

/// Writes a file as the version before did: a case with an upload, a case without, what the feed knows of
/// the log's 300 entries, and a seat.
#[tokio::main(flavor = "current_thread")]
async fn write_layout_3(file: &Path, used: &UploadTicket, open: &UploadTicket) {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut database = options.connect().await.unwrap();
    sqlx::raw_sql(include_str!("layout3.sql")).execute(&mut database).await.unwrap();
    for (row, code, is_used) in [(1, used, 1), (2, open, 0)] {
        sqlx::query("INSERT INTO codes VALUES ($1, $2, $3, $4, randomblob(16))")
            .bind(row)
            .bind(&code.hash().as_bytes()[..])
            .bind(i64::try_from(now()).unwrap() + 3_600)
            .bind(is_used)
            .execute(&mut database)
            .await
            .unwrap();
    }
    let today = now() - now() % 86_400;
    for place in 0..4 {
        let (code, hash) = (used.hash(), Sha256::digest(BODY));
        let row = "INSERT INTO places VALUES ($1, $2, randomblob(16), $3, $4, $5)";
        sqlx::query(row)
            .bind(place)
            .bind(i64::from(place == 2))
            .bind(&code.as_bytes()[..])
            .bind(&hash[..])
            .bind(&today.to_be_bytes()[..])
            .execute(&mut database)
            .await
            .unwrap();
        sqlx::query("INSERT INTO bodies VALUES ($1, $2)")
            .bind(place)
            .bind(&BODY[..])
            .execute(&mut database)
            .await
            .unwrap();
    }
    let bucket = i64::try_from(now() - now() % 7_200).unwrap();
    sqlx::query("INSERT INTO appends VALUES (0, 300, $1)")
        .bind(bucket)
        .execute(&mut database)
        .await
        .unwrap();
    sqlx::query("INSERT INTO turn VALUES (1, $1, $2, NULL, 0)")
        .bind(SEAT)
        .bind(&[9; 16][..])
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
}

fn get(process: &Process, authority: &Authority, path: &str) -> Value {
    let answer = process.signed(authority, "GET", path, "", b"").unwrap();
    assert_eq!(answer.status, 200, "{path}");
    serde_json::from_slice(&answer.body).unwrap()
}

fn upload(process: &Process, code: &UploadTicket, body: &[u8]) -> u16 {
    let headers = upload_headers(&code.to_text(), false);
    process.send("POST", "/v1/uploads", &headers, body).unwrap().status
}

#[test]
fn the_layout_before_is_brought_to_this_one_with_all_that_is_in_it() {
    // [API-45] [API-42]
    let mut authority = Authority::new(1);
    let first = authority.append((0..300).map(entry).collect(), now());
    let [used, open] = [(); 2].map(|()| UploadTicket::generate(&mut rand::rng()));
    // Of the log's files only the profile has moved since.
    let site = Site::new(&authority);
    let process = site.start();
    let body = first.to_bytes().unwrap();
    let answer = process.signed(&authority, "POST", "/v1/log", "application/cbor", &body).unwrap();
    assert_eq!(answer.status, 200);
    authority.advance(&first);
    drop(process);
    let file = site.data().join("noren.sqlite");
    for number in (0..).step_by(3) {
        std::fs::remove_file(&file).unwrap();
        let profile = site.data().join("public/v1/authority");
        std::fs::rename(profile, site.data().join("public/authority")).unwrap();
        write_layout_3(&file, &used, &open);
        // Killed at its third write, at its sixth, and so on; the first time not at all.
        let mut killed = number == 0;
        if number > 0 {
            let disk = Disk::under(&site.data());
            disk.set(Fault::Kill, number..=number);
            let mut command = site.command();
            disk.lay_under(&mut command);
            drop(Process::try_start(command));
            killed = disk.count() >= number;
        }
        let process = site.start();
        assert_serves(&process, &authority, &first.entries);
        let uploads = get(&process, &authority, "/v1/uploads");
        let [stored] = &uploads.as_array().unwrap()[..] else { panic!("{uploads}") };
        assert_eq!(stored["case"], hex::encode(used.hash().as_bytes()));
        let path = format!("/v1/uploads/{}", stored["id"].as_str().unwrap());
        let fetched = process.signed(&authority, "GET", &path, "", b"").unwrap();
        assert!(fetched.body == BODY);
        assert_eq!(get(&process, &authority, "/v1/log/turn")["seat"], SEAT);
        assert_eq!(upload(&process, &used, &BODY), 202, "the same again");
        assert_eq!(upload(&process, &used, &[8; 65_536]), 403, "it stays used");
        assert_eq!(upload(&process, &open, &[8; 65_536]), 202, "it stays open");
        drop(process);
        if !killed {
            assert!(number > 5, "{number} writes only");
            break;
        }
    }
    // And the log goes on.
    let process = site.start();
    let [seat, turn] = [9, 4].map(|byte| hex::encode([byte; 16]));
    let wish = format!("{{\"seat\":{SEAT},\"id\":\"{seat}\",\"turn\":\"{turn}\"}}");
    let path = "/v1/log/turn";
    let granted = process.signed(&authority, "POST", path, "application/json", wish.as_bytes());
    assert_eq!(granted.unwrap().status, 200);
    let second = authority.append((300..320).map(entry).collect(), now());
    let (body, path) = (second.to_bytes().unwrap(), format!("/v1/log?turn={turn}"));
    let answer = process.signed(&authority, "POST", &path, "application/cbor", &body).unwrap();
    assert_eq!(answer.status, 200);
    authority.advance(&second);
    assert_serves(&process, &authority, &[first.entries, second.entries].concat());
    assert!(check(&site), "also while a server runs");
}
