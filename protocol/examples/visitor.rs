//! A visitor's app in little: files, a real HTTP client, and nothing that could be forgotten. It keeps
//! `authority`, `vault.key` and `vault` in the folder that it runs in.
//!
//! ```text
//! visitor follow https://noren.health.example 45d4-a2be-…    the authority, by its fingerprint
//! visitor check-in 'https://…?v=3#…'                         what the poster's QR code says
//! visitor check-out
//! visitor sync                                               what was published since
//! ```

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use noren::visitor::{DeviceKey, VaultKey, sync_all};
use noren::{EntryCode, Pin, SignedProfile, UnixSeconds, Vault};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let now = UnixSeconds::new(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    if let ["follow", address, fingerprint] = words[..] {
        let bytes = download(&format!("{address}/v1/authority"))?.ok_or("there is no authority")?;
        let found = SignedProfile::from_bytes(&bytes)?.profile().fingerprint().to_string();
        return if found == fingerprint { store("authority", &bytes) } else { Err(found.into()) };
    }
    let mut rng = rand::rng();
    let pin = Pin::from_bytes(&fs::read("authority")?)?;
    if !fs::exists("vault.key")? {
        store("vault.key", DeviceKey::generate(&mut rng).as_bytes())?;
    }
    let key = fs::read("vault.key")?.as_slice().try_into()?;
    let key = VaultKey::device(DeviceKey::from_bytes(key));
    let mut vault =
        if fs::exists("vault")? { Vault::open(&fs::read("vault")?, &key)? } else { Vault::new() };
    vault.seal_due(now, &mut rng)?;
    vault.expire(now.day(), Vault::retention_days(&[&pin]));
    match words[..] {
        ["check-in", link] => {
            vault.check_in(&EntryCode::from_url(link)?, now, &mut rng)?;
        }
        ["check-out"] => {
            let visit = vault.open_visits().first().ok_or("no visit is open")?.id();
            vault.check_out(visit, now, &mut rng)?;
        }
        ["sync"] => sync(&mut vault, pin, now)?,
        _ => return Err("follow ADDRESS FINGERPRINT, check-in LINK, check-out or sync".into()),
    }
    store("vault", &vault.seal(&key, &mut rng)?)
}

/// Tells the news before any error: one authority that cannot be read hides no other's warning.
fn sync(vault: &mut Vault, pin: Pin, now: UnixSeconds) -> Result<(), Box<dyn Error>> {
    let mut followed = [pin];
    let outcomes = sync_all(vault, &mut followed, now, &mut rand::rng(), download)?;
    store("authority", &followed[0].to_bytes()?)?;
    for (news, exposure) in vault.news(&followed) {
        writeln!(std::io::stdout(), "{news:?}: {:?}, {:?}", exposure.level, exposure.venue)?;
        vault.announce(&exposure);
    }
    for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        writeln!(std::io::stderr(), "not read: {error}")?;
    }
    Ok(())
}

fn download(url: &str) -> Result<Option<Vec<u8>>, ureq::Error> {
    match ureq::get(url).call() {
        Err(ureq::Error::StatusCode(404)) => Ok(None),
        answer => answer?.body_mut().read_to_vec().map(Some),
    }
}

/// Whole or not at all.
fn store(name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    fs::write("being-written", bytes)?;
    Ok(fs::rename("being-written", name)?)
}
