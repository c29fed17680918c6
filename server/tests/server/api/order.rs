//! What the raw bytes of the database tell about the order of uploads: nothing.

use axum::http::StatusCode;
use rand::seq::SliceRandom;
use sha2::{Digest, Sha256};

use super::harness::{BODY, World};

const UPLOADS: usize = 96;

/// Every place where each pattern stands, in one pass over the file.
fn positions(file: &[u8], patterns: &[Vec<u8>]) -> Vec<Vec<usize>> {
    let beginning = |bytes: &[u8]| usize::from(u16::from_le_bytes([bytes[0], bytes[1]]));
    let mut beginnings = vec![vec![]; 1 << 16];
    for (number, pattern) in patterns.iter().enumerate() {
        beginnings[beginning(pattern)].push(number);
    }
    let mut found = vec![vec![]; patterns.len()];
    for (position, window) in file.windows(32).enumerate() {
        for &number in &beginnings[beginning(window)] {
            if window == patterns[number] {
                found[number].push(position);
            }
        }
    }
    found
}

/// The correlation of ranks: 1 or -1 when the positions follow the order, near 0 when they do not.
fn correlation(positions: &[usize]) -> f64 {
    let mut sorted = positions.to_vec();
    sorted.sort_unstable();
    let rank = |position: &usize| sorted.binary_search(position).unwrap() as f64;
    let count = positions.len() as f64;
    let apart: f64 = positions
        .iter()
        .enumerate()
        .map(|(order, position)| (rank(position) - order as f64).powi(2))
        .sum();
    1.0 - 6.0 * apart / (count * (count * count - 1.0))
}

#[tokio::test]
async fn neither_rows_nor_pages_nor_journals_show_the_order_of_uploads() {
    // [API-14] [API-22]
    let world = World::new().await;
    let mut codes = vec![];
    for _ in 0..UPLOADS {
        codes.push(world.case().await);
    }
    // Not in the order of their cases, which the authority's own requests have.
    codes.shuffle(&mut rand::rng());
    let mut bodies: Vec<Vec<u8>> = vec![];
    for (number, code) in codes.iter().enumerate() {
        let body: Vec<u8> = (0..BODY / 32)
            .flat_map(|part| Sha256::digest([number.to_be_bytes(), part.to_be_bytes()].concat()))
            .collect();
        let answer = world.upload(&code.to_text(), false, &body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        if number % 3 == 0 {
            let answer = world.upload("nonsense", true, &body).await;
            assert_eq!(answer.status, StatusCode::ACCEPTED);
        }
        bodies.push(body);
    }
    let file = std::fs::read(world.config.data.join("noren.sqlite")).unwrap();
    for name in ["noren.sqlite-wal", "noren.sqlite-journal"] {
        let length = std::fs::metadata(world.config.data.join(name)).map_or(0, |file| file.len());
        assert_eq!(length, 0, "{name}");
    }
    // Of each upload: the first, a middle and the last page of the body, the row with its hash, and
    // every place of the hash of its code.
    let mut kinds: Vec<Vec<Vec<u8>>> = [0, BODY / 2, BODY - 64]
        .map(|at| bodies.iter().map(|body| body[at..at + 32].to_vec()).collect())
        .to_vec();
    kinds.push(bodies.iter().map(|body| Sha256::digest(body).to_vec()).collect());
    for kind in &kinds {
        let found = positions(&file, kind);
        assert!(found.iter().all(|places| places.len() == 1));
        assert_unordered(&found, 0);
    }
    // The case, its index, and the upload: neither shows when the code was used.
    let hashes: Vec<_> = codes.iter().map(|code| code.hash().as_bytes().to_vec()).collect();
    let found = positions(&file, &hashes);
    for number in 0..3 {
        assert_unordered(&found, number);
    }
}

/// Holds the order of the uploads against one of the places where each stands.
fn assert_unordered(found: &[Vec<usize>], number: usize) {
    let places: Vec<_> = found.iter().map(|places| places[number]).collect();
    let correlation = correlation(&places);
    assert!(correlation.abs() < 0.5, "{correlation}");
}

#[test]
fn the_correlation_finds_an_order() {
    assert!(correlation(&[10, 20, 35, 70, 71]) > 0.99);
    assert!(correlation(&[71, 70, 35, 20, 10]) < -0.99);
}
