//! A visitor's app in little: files, a real HTTP client, and nothing that could be forgotten.
//!
//! ```text
//! visitor follow https://noren.health.example 45d4-a2be-…    the authority, by its fingerprint
//! visitor check-in 'https://…?v=3#…'                         what the poster's QR code says
//! visitor check-out
//! visitor sync                                               what was published since
//! ```
//!
//! It keeps `authority`, `vault.key` and `vault` in the folder that it runs in.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use noren::visitor::{DeviceKey, VaultKey, sync_all};
use noren::{EntryCode, SignedProfile, UnixSeconds, Vault};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let now = UnixSeconds::new(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    if let ["follow", address, fingerprint] = words[..] {
        let bytes = download(&format!("{address}/v1/authority")).ok_or("there is no authority")?;
        let found = SignedProfile::from_bytes(&bytes)?.profile().fingerprint().to_string();
        let known = found == fingerprint;
        return if known { store("authority", &bytes) } else { Err(found.into()) };
    }
    let mut rng = rand::rng();
    let pinned = SignedProfile::from_bytes(&fs::read("authority")?)?;
    if !fs::exists("vault.key")? {
        store("vault.key", DeviceKey::generate(&mut rng).as_bytes())?;
    }
    let key = DeviceKey::from_bytes(fs::read("vault.key")?.as_slice().try_into()?);
    let key = VaultKey::device(key);
    let mut vault =
        if fs::exists("vault")? { Vault::open(&fs::read("vault")?, &key)? } else { Vault::new() };
    vault.seal_due(now, &mut rng)?;
    vault.expire(now.day(), pinned.profile().retention_days);
    match words[..] {
        ["check-in", link] => {
            vault.check_in(&EntryCode::from_url(link)?, now, &mut rng)?;
        }
        ["check-out"] => {
            let visit = vault.open_visits().first().ok_or("no visit is open")?.id();
            vault.check_out(visit, now, &mut rng)?;
        }
        ["sync"] => sync(&mut vault, pinned, now)?,
        _ => return Err("follow ADDRESS FINGERPRINT, check-in LINK, check-out or sync".into()),
    }
    store("vault", &vault.seal(&key, &mut rng)?)
}

/// Everything is downloaded before anything is tried: nobody sees how long the trying takes.
fn sync(vault: &mut Vault, pinned: SignedProfile, now: UnixSeconds) -> Result<(), Box<dyn Error>> {
    let mut followed = [pinned];
    for outcome in sync_all(vault, &mut followed, now, &mut rand::rng(), download)? {
        outcome?;
    }
    store("authority", followed[0].as_bytes())?;
    for (news, exposure) in vault.news(&followed) {
        writeln!(std::io::stdout(), "{news:?}: {:?}, {:?}", exposure.level, exposure.venue)?;
        vault.announce(&exposure);
    }
    Ok(())
}

fn download(url: &str) -> Option<Vec<u8>> {
    ureq::get(url).call().ok()?.body_mut().read_to_vec().ok()
}

/// Whole or not at all.
fn store(name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    fs::write("being-written", bytes)?;
    Ok(fs::rename("being-written", name)?)
}
