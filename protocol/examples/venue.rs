//! A venue's program in little: a poster's link, a code for the drawer, and an answer to the office.
//!
//! ```text
//! venue set-up 'Izakaya Noren' '1-2-3 Minato'    needs the office's `authority`; writes `link`, `drawer`
//! venue answer < codes                           the codes that the office read out, in one line
//! ```

use std::error::Error;
use std::fs;
use std::io::{Read as _, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use noren::messages::{Venue, VenueDetails, read_codes};
use noren::{SignedProfile, TraceCode, UnixSeconds, Window, venue};

const YEARS: u64 = 5 * 365 * 86_400;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let now = UnixSeconds::new(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let authority = SignedProfile::from_bytes(&fs::read("authority")?)?;
    match words[..] {
        ["set-up", name, address] => {
            // A visit may be noted after the fact: the code is valid from yesterday on.
            let valid = Window::new(now.day().minus(1).start(), now.plus(YEARS))?;
            let place = Venue::new(name, address, valid, VenueDetails::default())?;
            let office = &authority.profile().upload_key;
            let (entry_code, trace_code) = venue::set_up(place, office, &mut rand::rng())?;
            fs::write("link", entry_code.to_url(&authority.profile().url)?)?;
            // Whoever has this can help to warn the venue's guests, and nothing else.
            Ok(fs::write("drawer", trace_code.to_bytes())?)
        }
        ["answer"] => answer(&authority, now),
        _ => Err("set-up NAME ADDRESS, or answer".into()),
    }
}

/// Gives the office the venue's half of the keys of the hours that it asks about, and of no others.
fn answer(authority: &SignedProfile, now: UnixSeconds) -> Result<(), Box<dyn Error>> {
    let mut read_out = String::new();
    std::io::stdin().read_to_string(&mut read_out)?;
    let (code, window) = read_codes(&read_out)?;
    let window = window.ok_or("the second code says which hours")?.window()?;
    let trace_code = TraceCode::from_bytes(&fs::read("drawer")?)?;
    let upload = venue::upload(&trace_code, window, code.binding(), now)?;
    let sealed = upload.seal(&authority.profile().upload_key, &mut rand::rng())?;
    ureq::post(format!("{}/v1/uploads", authority.profile().url))
        .header("content-type", "application/octet-stream")
        .header("upload-ticket", code.ticket().to_text().as_str())
        .header("x-chaff", "0")
        .send(&sealed)?;
    Ok(writeln!(std::io::stdout(), "answered for {window}")?)
}
