//! An upload that was acknowledged is on the disk and not on its way there.

use std::sync::atomic::{AtomicUsize, Ordering};

use noren::messages::UploadTicket;
use noren_faults::{Disk, Fault};

use crate::authority::Authority;
use crate::process::{Process, Site, now, upload_headers};

fn start(authority: &Authority) -> (Site, Disk, Process) {
    let site = Site::new(authority);
    std::fs::create_dir(site.data()).unwrap();
    let disk = Disk::under(&site.data());
    let mut command = site.command();
    disk.lay_under(&mut command);
    let process = Process::start(command);
    (site, disk, process)
}

fn cases(authority: &Authority, process: &Process, count: usize) -> Vec<UploadTicket> {
    let case = |_| {
        let code = UploadTicket::generate(&mut rand::rng());
        let path = format!("/v1/cases/{}", hex::encode(code.hash().as_bytes()));
        let body = format!("{{\"expires\":{}}}", now() + 3_600);
        let put = process.signed(authority, "PUT", &path, "application/json", body.as_bytes());
        assert_eq!(put.unwrap().status, 201);
        code
    };
    (0..count).map(case).collect()
}

fn upload(process: &Process, code: &UploadTicket) -> u16 {
    let headers = upload_headers(&code.to_text(), false);
    process.send("POST", "/v1/uploads", &headers, &[7; 65_536]).unwrap().status
}

/// Counts what is flushed from now on.
fn count(disk: &Disk) {
    disk.set(Fault::Unflushed, 0..=0);
}

#[test]
fn nothing_is_acknowledged_before_it_is_flushed() {
    // [API-11] [API-19]
    let authority = Authority::new(1);
    let (site, disk, mut process) = start(&authority);
    let codes = cases(&authority, &process, 40);
    // One after the other: each waits for a flush of its own.
    for code in &codes[..8] {
        count(&disk);
        assert_eq!(upload(&process, code), 202);
        assert!(disk.count() >= 1, "{} flushes before the answer", disk.count());
        println!("{} flushes for an upload alone", disk.count());
    }
    // Together: they may share, and none goes without.
    count(&disk);
    let next = AtomicUsize::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(code) = codes[..39].get(next.fetch_add(1, Ordering::SeqCst)) {
                    assert_eq!(upload(&process, code), 202);
                }
            });
        }
    });
    assert!(disk.count() >= 4, "{} flushes for 31 uploads, eight at a time", disk.count());
    println!("{} flushes for 31 uploads, eight at a time", disk.count());
    // A disk that takes writes and flushes nothing: no upload is acknowledged.
    disk.set(Fault::Unflushed, 1..=u64::MAX);
    assert_eq!(upload(&process, &codes[39]), 503);
    disk.mend();
    process.signal("-9");
    process.child.wait().unwrap();
    let process = site.start();
    let list = process.signed(&authority, "GET", "/v1/uploads", "", b"").unwrap();
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list.body).unwrap();
    assert_eq!(list.len(), 39, "those that were acknowledged");
    assert_eq!(upload(&process, &codes[39]), 202, "and the other one can come again");
}
