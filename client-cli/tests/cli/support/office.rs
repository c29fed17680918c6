//! An authority with its real server, as far as venues see it.

use crate::support::http::agent;
use std::net::SocketAddr;

use noren::authority::{AuthorityKeys, Case, Review, review};
use noren::log::Origin;
use noren::messages::{UploadCode, WindowCode};
use noren::profile::{Contact, Profile};
use noren::request::{Nonce, RequestTarget, SignedHeaders};
use noren::time::{UnixSeconds, Window};
use noren_server::{Config, Server};
use tokio::runtime::Runtime;

pub(crate) fn now() -> UnixSeconds {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    UnixSeconds::new(now.as_secs()).unwrap()
}

pub(crate) struct Keys(pub(crate) AuthorityKeys);

impl Keys {
    pub(crate) fn new() -> Self {
        Self(AuthorityKeys::generate(&mut rand::rng()))
    }

    /// A signed profile that names a server.
    pub(crate) fn profile(&self, name: &str, url: &str) -> Vec<u8> {
        self.profile_of("health.example/log", name, url)
    }

    /// A signed profile with lines of contact: their languages and values.
    pub(crate) fn profile_with(&self, name: &str, url: &str, lines: &[(&str, &str)]) -> Vec<u8> {
        let contact = |(language, value): &(&str, &str)| Contact {
            level: None,
            language: (*language).to_owned(),
            label: "Line".to_owned(),
            value: (*value).to_owned(),
            hours: String::new(),
        };
        let origin = Origin::new("office.example/log").unwrap();
        let profile = Profile {
            contacts: lines.iter().map(contact).collect(),
            ..self.0.profile(name, origin, url, now())
        };
        profile.sign(&self.0).unwrap().as_bytes().to_vec()
    }

    /// A signed profile of a log with this origin.
    pub(crate) fn profile_of(&self, origin: &str, name: &str, url: &str) -> Vec<u8> {
        let profile = Profile {
            time_zone: "Asia/Tokyo".to_owned(),
            ..self.0.profile(name, Origin::new(origin).unwrap(), url, now())
        };
        profile.sign(&self.0).unwrap().as_bytes().to_vec()
    }
}

pub(crate) struct Office {
    keys: Keys,
    address: SocketAddr,
    _folder: tempfile::TempDir,
    _runtime: Runtime,
}

impl Office {
    pub(crate) fn open() -> Self {
        Self::open_with(|_| {})
    }

    /// The same with other settings of its server.
    pub(crate) fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let (keys, folder) = (Keys::new(), tempfile::tempdir().unwrap());
        let profile = folder.path().join("authority.profile");
        std::fs::write(&profile, keys.profile("Health Office", "http://127.0.0.1:1")).unwrap();
        let mut config = Config { data: folder.path().join("data"), ..Config::default() };
        config.listen.set_port(0);
        config.ops_listen.set_port(0);
        config.authority = Some(profile);
        change(&mut config);
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::bind(config)).unwrap();
        let address = server.addr;
        runtime.spawn(server.serve(std::future::pending()));
        Self { keys, address, _folder: folder, _runtime: runtime }
    }

    pub(crate) fn profile(&self) -> Vec<u8> {
        self.keys.profile("Health Office", &format!("http://{}", self.address))
    }

    /// A profile that names something in front of the server.
    pub(crate) fn profile_at(&self, url: &str) -> Vec<u8> {
        self.keys.profile("Health Office", url)
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens a case: the code to read out, and what the upload is held against.
    pub(crate) fn ask(&self, window: Window) -> (UploadCode, Case) {
        let code = UploadCode::generate(&mut rand::rng());
        let path = format!("/v1/cases/{}", hex::encode(code.hash().as_bytes()));
        let body = format!("{{\"expires\":{}}}", now().plus(3_600));
        assert_eq!(self.request("PUT", &path, body.as_bytes()).0, 201);
        let case = Case { code: code.binding(), window };
        (code, case)
    }

    /// The same: upload code and window code, as they are read out.
    pub(crate) fn ask_aloud(&self, window: Window) -> (String, Case) {
        let (code, case) = self.ask(window);
        let window = WindowCode::within(window).unwrap().to_text(&code);
        (format!("{} {window}", *code.to_text()), case)
    }

    /// How many uploads lie in the inbox.
    pub(crate) fn waiting(&self) -> usize {
        self.list().len()
    }

    /// Reviews the only upload that waits.
    pub(crate) fn review(&self, case: &Case) -> Review {
        let list = self.list();
        let id = list[0]["id"].as_str().unwrap();
        let (status, sealed) = self.request("GET", &format!("/v1/uploads/{id}"), &[]);
        assert_eq!((list.len(), status), (1, 200));
        review(self.keys.0.upload_key(), case, &sealed, now()).unwrap()
    }

    fn list(&self) -> Vec<serde_json::Value> {
        let (status, body) = self.request("GET", "/v1/uploads", &[]);
        assert_eq!(status, 200);
        serde_json::from_slice(&body).unwrap()
    }

    fn request(&self, method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let target = RequestTarget { method, authority: "127.0.0.1:1", path, query: None };
        let (key, origin) = (self.keys.0.log_key(), Origin::new("health.example/log").unwrap());
        let nonce = Nonce::generate(&mut rand::rng());
        let signed = SignedHeaders::sign(key, &origin, &target, body, now(), nonce).unwrap();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header("content-type", "application/json")
            .header("content-digest", signed.content_digest)
            .header("signature-input", signed.signature_input)
            .header("signature", signed.signature);
        let mut response = if method == "PUT" {
            agent().run(request.body(body).unwrap()).unwrap()
        } else {
            agent().run(request.body(()).unwrap()).unwrap()
        };
        (response.status().as_u16(), response.body_mut().read_to_vec().unwrap())
    }
}
