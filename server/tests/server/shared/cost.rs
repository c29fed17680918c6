//! What several servers cost beside one: a publication, a heartbeat, an upload, a look at the checkpoint.
//! Nothing is asserted about a time; the table is for decision 34.

use std::time::{Duration, Instant};

use noren::messages::UploadTicket;

use super::services::services;
use crate::authority::{Authority, entry};
use crate::binary::process::{Process, Site, now, upload_headers};

const TIMES: usize = 40;

/// Runs a step again and again; the median and the slowest tenth, in milliseconds.
fn measured(mut step: impl FnMut() -> Duration) -> String {
    let mut times: Vec<_> = (0..TIMES).map(|_| step()).collect();
    times.sort_unstable();
    let shown = |place: usize| format!("{:.1}", times[place].as_secs_f64() * 1_000.0);
    format!("{} / {}", shown(TIMES / 2), shown(TIMES * 9 / 10))
}

fn timed(status: u16, ask: impl FnOnce() -> u16) -> Duration {
    let start = Instant::now();
    assert_eq!(ask(), status);
    start.elapsed()
}

fn measure(name: &str, process: &Process) -> String {
    let mut authority = Authority::new(1);
    let mut size = 0;
    let mut publish = |count: u64| {
        let append = authority.append((size..size + count).map(entry).collect(), now());
        let body = append.to_bytes().unwrap();
        let time = timed(200, || {
            let media = "application/cbor";
            process.signed(&authority, "POST", "/v1/log", media, &body).unwrap().status
        });
        authority.advance(&append);
        size += count;
        time
    };
    let publications = [1, 100, 1_640].map(|count| measured(|| publish(count)));
    let heartbeat = measured(|| publish(0));
    let authority = Authority::new(1);
    let upload = measured(|| {
        let code = UploadTicket::generate(&mut rand::rng());
        let path = format!("/v1/cases/{}", hex::encode(code.hash().as_bytes()));
        let body = format!("{{\"expires\":{}}}", now() + 3_600);
        let media = "application/json";
        let opened = process.signed(&authority, "PUT", &path, media, body.as_bytes());
        assert_eq!(opened.unwrap().status, 201);
        let headers = upload_headers(&code.to_text(), false);
        timed(202, || process.send("POST", "/v1/uploads", &headers, &[7; 65_536]).unwrap().status)
    });
    let look =
        measured(|| timed(200, || process.send("GET", "/checkpoint", &[], b"").unwrap().status));
    let [one, hundred, many] = publications;
    format!("| {name} | {one} | {hundred} | {many} | {heartbeat} | {upload} | {look} |")
}

#[test]
#[ignore = "measures; run it alone, with --release and --nocapture"]
fn what_several_servers_cost() {
    let Some(services) = services() else { return };
    println!("median / ninth tenth of {TIMES}, in milliseconds");
    println!("| kept in | 1 entry | 100 | 1,640 | heartbeat | upload | checkpoint |");
    println!("|---|---|---|---|---|---|---|");
    for _ in 0..2 {
        let alone = Site::new(&Authority::new(1));
        println!("{}", measure("SQLite, folder", &alone.start()));
        let many = services.place().site(&Authority::new(1));
        println!("{}", measure("PostgreSQL, SeaweedFS", &many.start()));
    }
}
