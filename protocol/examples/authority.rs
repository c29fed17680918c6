//! An authority's program in little: keys and a profile, a case, a publication. It keeps one case, and
//! has none of what an office needs besides: a policy, several people, a journal, a second machine.
//!
//! ```text
//! authority init 'Health office' health.example/log https://noren.health.example
//! authority open 1775066400 1775070000     a case from when to when; the codes to read out to the venue
//! authority publish 'Call us.'             what the venue answered, reviewed and published
//! ```

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use noren::authority::{Case, review, shuffled_entries};
use noren::log::{Append, LogPosition, Origin, SignedCheckpoint};
use noren::messages::{CodeBinding, Layout, Level, Notice, NoticeDetails, UploadCode, WindowCode};
use noren::request::{Nonce, RequestTarget, ServerAddress, SignedHeaders};
use noren::{AuthorityKeys, SignedProfile, UnixSeconds, Window};
use rand::RngExt as _;
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let now = UnixSeconds::new(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    if let ["init", name, origin, url] = words[..] {
        let keys = AuthorityKeys::generate(&mut rand::rng());
        let profile = keys.profile(name, Origin::new(origin)?, url, now).sign(&keys)?;
        fs::write("keys", keys.to_bytes())?;
        return Ok(fs::write("authority", profile.as_bytes())?);
    }
    let office = Office {
        keys: AuthorityKeys::from_bytes(&fs::read("keys")?).ok_or("these are no keys")?,
        profile: SignedProfile::from_bytes(&fs::read("authority")?)?,
        now,
    };
    match words[..] {
        ["open", from, to] => {
            let (from, to) = (UnixSeconds::new(from.parse()?)?, UnixSeconds::new(to.parse()?)?);
            office.open(Window::new(from, to)?)
        }
        ["publish", message] => office.publish(message),
        _ => Err("init NAME ORIGIN URL, open FROM TO, or publish MESSAGE".into()),
    }
}

struct Office {
    keys: AuthorityKeys,
    profile: SignedProfile,
    now: UnixSeconds,
}

impl Office {
    fn open(&self, window: Window) -> Outcome<()> {
        let code = UploadCode::generate(&mut rand::rng());
        let hash = hex::encode(code.hash().as_bytes());
        let expires = json!({ "expires": self.now.plus(7 * 86_400) });
        self.ask(
            "PUT",
            &format!("/v1/cases/{hash}"),
            None,
            "application/json",
            expires.to_string(),
        )?;
        let case = (hash, hex::encode(code.binding().as_bytes()), window);
        fs::write("case", serde_json::to_vec(&case)?)?;
        let hours = WindowCode::within(window).ok_or("a window begins and ends on a minute")?;
        Ok(writeln!(std::io::stdout(), "{} {}", code.to_text().as_str(), hours.to_text(&code))?)
    }

    fn publish(&self, message: &str) -> Outcome<()> {
        let (hash, binding, window): (String, String, Window) =
            serde_json::from_slice(&fs::read("case")?)?;
        let list = self.ask("GET", "/v1/uploads", None, "", "")?;
        let list: Vec<Value> = serde_json::from_slice(&list)?;
        let own = list.iter().find(|upload| upload["case"] == hash).ok_or("no answer yet")?;
        let path = format!("/v1/uploads/{}", own["id"].as_str().ok_or("no id")?);
        let sealed = self.ask("GET", &path, None, "", "")?;
        let code = CodeBinding::from_bytes(hex::decode(binding)?.as_slice().try_into()?);
        let review = review(self.keys.upload_key(), &Case { code, window }, &sealed, self.now)?;
        let level = Level::Attention;
        let details = NoticeDetails { level, names_venue: true, names_date: true };
        let (window, message) = (Some(review.window), message.to_owned());
        let notice = Notice { window, message, details: Some(details) };
        let mut rng = rand::rng();
        let hours = review.pre_traces.iter();
        let traces = hours.map(|hour| hour.trace(&notice, Layout::WithTimes, &mut rng));
        let traces = traces.collect::<Result<Vec<_>, _>>()?;
        self.append(shuffled_entries(&traces, &mut rng))?;
        Ok(fs::remove_file("case")?)
    }

    /// Signs the log with more entries. The turn keeps other programs with these keys from signing
    /// beside it.
    fn append(&self, entries: Vec<Vec<u8>>) -> Outcome<()> {
        let position: LogPosition = match fs::read("position") {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(_) => LogPosition::start(),
        };
        let id = hex::encode(&self.profile.profile().fingerprint().as_bytes()[..16]);
        let turn = hex::encode(rand::rng().random::<[u8; 16]>());
        let claim = json!({ "seat": 1, "id": id, "turn": turn }).to_string();
        self.ask("POST", "/v1/log/turn", None, "application/json", &claim)?;
        let origin = &self.profile.profile().origin;
        let append = Append::sign(&position, entries, origin, &self.keys.log_keys(), self.now)?;
        let query = format!("turn={turn}");
        self.ask("POST", "/v1/log", Some(&query), "application/cbor", append.to_bytes()?)?;
        let note = append.checkpoint.as_bytes();
        let head = SignedCheckpoint::verify(note, origin, &self.keys.log_public_keys())?;
        let position = position.advance(&head, &append.entries)?;
        Ok(fs::write("position", serde_json::to_vec(&position)?)?)
    }

    /// A request that only this authority can make.
    fn ask(
        &self,
        method: &str,
        path: &str,
        query: Option<&str>,
        media: &str,
        body: impl AsRef<[u8]>,
    ) -> Outcome<Vec<u8>> {
        let profile = self.profile.profile();
        let address = ServerAddress::new(&profile.url).ok_or("no address of a server")?;
        let (authority, below) = (address.authority(), address.path(path));
        let target = RequestTarget { method, authority, path: &below, query };
        let nonce = Nonce::generate(&mut rand::rng());
        let (key, body) = (self.keys.log_key(), body.as_ref());
        let signed = SignedHeaders::sign(key, &profile.origin, &target, body, self.now, nonce)?;
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}{query}", profile.url))
            .header("content-type", media)
            .header("content-digest", signed.content_digest)
            .header("signature-input", signed.signature_input)
            .header("signature", signed.signature);
        let mut answer = match body {
            [] => ureq::run(request.body(())?)?,
            body => ureq::run(request.body(body)?)?,
        };
        Ok(answer.body_mut().read_to_vec()?)
    }
}
