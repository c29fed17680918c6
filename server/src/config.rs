//! The server's settings: defaults for loopback, a TOML file, environment variables, in that order.

mod page;
mod shared;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use noren::request::ServerAddress;
use serde::Deserialize;

pub use page::PageSettings;
pub use shared::{BucketSettings, DatabaseSettings, DatabaseUrl};

/// Each key of the file is also read from the environment: `NOREN_SERVER_LISTEN`, and
/// `NOREN_SERVER_TLS_KEY` for `key` in the table `tls`.
const ENV_PREFIX: &str = "NOREN_SERVER_";

const TABLES: [&str; 7] = ["tls", "limits", "inbox", "log", "page", "database", "bucket"];

/// Settings that are texts even when they look like numbers.
const TEXTS: [&str; 17] = [
    "address",
    "listen",
    "ops_listen",
    "data",
    "authority",
    "tls_certificate",
    "tls_key",
    "log_format",
    "log_level",
    "page_folder",
    "page_origin",
    "page_connect",
    "database_url",
    "bucket_name",
    "bucket_endpoint",
    "bucket_region",
    "bucket_prefix",
];

/// The longest time that can be set, in seconds.
const DAY: u64 = 86_400;

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("the configuration is not valid: {0}")]
    Invalid(#[from] toml::de::Error),
    /// A variable of the environment that no setting has, or with a value of the wrong kind.
    #[error("the variable {name} of the environment is not valid: {why}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// An address at which no server can be.
    #[error("the setting {key} is no address of a server; it looks like https://health.example")]
    Address {
        /// The setting.
        key: &'static str,
    },
    /// An origin that no browser would write so.
    #[error(
        "the setting {key} is no origin of a page or server; it looks like https://health.example: in \
         lower case, without a path, a slash at the end, or the port that is usual"
    )]
    Origin {
        /// The setting.
        key: &'static str,
    },
    /// Two settings that cannot be meant together.
    #[error(
        "the setting {key} is about a page, and {other} says that this server hands out none, or none \
         there is; leave one of them out"
    )]
    Contradiction {
        /// The one.
        key: &'static str,
        /// The other.
        other: &'static str,
    },
    /// A setting that means nothing without another.
    #[error("the setting {key} goes with {other}: several servers share a database and a bucket")]
    Alone {
        /// The one that is set.
        key: &'static str,
        /// The one that is not.
        other: &'static str,
    },
    /// An address that leads nowhere.
    #[error("the setting {key} is no address; it looks like {example}")]
    NotThere {
        /// The setting.
        key: &'static str,
        /// What it could be.
        example: &'static str,
    },
    /// A number with which nothing could be served.
    #[error("the setting {key} is {value}; it must be at least {least} and at most {most}")]
    OutOfRange {
        /// The setting.
        key: &'static str,
        /// What it was set to.
        value: u64,
        /// The least value that makes sense.
        least: u64,
        /// The largest one.
        most: u64,
    },
    /// A setting that names nothing.
    #[error("the setting {key} is empty")]
    Empty {
        /// The setting.
        key: &'static str,
    },
}

/// Everything that an operator can set. `Config::default()` serves loopback only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the API is served; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where `/health` and `/metrics` are served. [API-15]
    pub ops_listen: SocketAddr,
    /// The folder with everything the server keeps.
    pub data: PathBuf,
    /// The signed profile of the one authority served. Not needed once the data folder holds it.
    pub authority: Option<PathBuf>,
    /// Where the authority reaches this server, if not at the address in its profile. [API-7]
    pub address: Option<String>,
    /// Whether entries that no device needs any more are removed. [API-39]
    pub remove_past_entries: bool,
    /// Certificate and key; without them the API is plain HTTP, for loopback or behind a proxy.
    pub tls: Option<Tls>,
    /// Limits of sizes, times and counts.
    pub limits: Limits,
    /// How long sealed uploads are kept.
    pub inbox: InboxSettings,
    /// What is logged and how.
    pub log: Logging,
    /// Which web page is served. [API-33]
    pub page: PageSettings,
    /// The database that several servers share; without it, a file in `data`. [API-40]
    pub database: Option<DatabaseSettings>,
    /// The bucket that several servers write to; without it, a folder in `data`. [API-42]
    pub bucket: Option<BucketSettings>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8470)),
            ops_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8471)),
            data: PathBuf::from("noren-data"),
            authority: None,
            address: None,
            remove_past_entries: false,
            tls: None,
            limits: Limits::default(),
            inbox: InboxSettings::default(),
            log: Logging::default(),
            page: PageSettings::default(),
            database: None,
            bucket: None,
        }
    }
}

/// PEM files for TLS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// The private key of the first certificate.
    pub key: PathBuf,
}

/// Limits of sizes, times and counts. [API-13]
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Connections served at once. For one more, the one that can best be spared is closed. [API-23]
    pub connections: usize,
    /// Seconds for a TLS handshake, and for the head of a request or the silence before it.
    pub header_seconds: u64,
    /// Seconds from the head of a request to its answer.
    pub request_seconds: u64,
    /// Seconds in which a body or an answer that is waited for must move on by 8 KiB. [API-24]
    pub stall_seconds: u64,
    /// Seconds that a connection lives at most.
    pub connection_seconds: u64,
    /// Seconds that requests under way get after a signal to stop. [API-18]
    pub shutdown_seconds: u64,
    /// Mebibytes of the log's files and the feed that are kept in memory for readers. [API-25]
    pub cached_mebibytes: usize,
    /// Refused upload codes in a row before the answer becomes 429.
    pub failure_burst: u32,
    /// Refused upload codes a minute after that.
    pub failures_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            header_seconds: 10,
            request_seconds: 60,
            stall_seconds: 10,
            connection_seconds: 600,
            shutdown_seconds: 20,
            cached_mebibytes: 32,
            failure_burst: 100,
            failures_per_minute: 60,
        }
    }
}

impl Limits {
    pub(crate) const fn header_time(&self) -> Duration {
        Duration::from_secs(self.header_seconds)
    }

    pub(crate) const fn connection_time(&self) -> Duration {
        Duration::from_secs(self.connection_seconds)
    }

    pub(crate) const fn request_time(&self) -> Duration {
        Duration::from_secs(self.request_seconds)
    }

    pub(crate) const fn stall_time(&self) -> Duration {
        Duration::from_secs(self.stall_seconds)
    }

    pub(crate) const fn cached_bytes(&self) -> usize {
        self.cached_mebibytes.saturating_mul(1 << 20)
    }

    /// Returns how long a connection may keep the server waiting while a newcomer needs its place.
    pub(crate) fn eviction_time(&self) -> Duration {
        self.stall_time() / 10
    }
}

/// How long sealed uploads are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InboxSettings {
    /// Whole days after the day of receipt; then an upload that nobody fetched is deleted.
    pub retention_days: u32,
}

impl Default for InboxSettings {
    fn default() -> Self {
        Self { retention_days: 14 }
    }
}

/// What is logged and how.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logging {
    /// Lines for people or for machines.
    pub format: LogFormat,
    /// The least severe level that is written: error, warn, info, debug or trace.
    pub level: Level,
}

impl Default for Logging {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: Level::Info }
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogFormat {
    /// One line of text.
    Text,
    /// One JSON object.
    Json,
}

/// How severe an event must be to be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the usual names")]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Config {
    /// Returns the defaults, overridden by the file and then by `environment` (name and value).
    ///
    /// # Errors
    /// [`ConfigError`] when the file cannot be read, or when file or environment hold an unknown
    /// key or a value of the wrong kind.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?,
            None => String::new(),
        };
        let mut table: toml::Table = toml::from_str(&text)?;
        for (name, value) in environment {
            let Some(key) = name.strip_prefix(ENV_PREFIX).map(str::to_lowercase) else { continue };
            if !is_of_a_service(&key, &value) {
                check_variable(&name, &key, &value)?;
                overlay(&mut table, &key, &value);
            }
        }
        let config: Self = table.try_into()?;
        config.check()?;
        Ok(config)
    }

    /// Refuses what nobody can mean.
    ///
    /// # Errors
    /// [`ConfigError`] with the name of the setting.
    pub fn check(&self) -> Result<(), ConfigError> {
        // [API-13]
        let limits = &self.limits;
        let connections = u64::try_from(limits.connections).unwrap_or(u64::MAX);
        let cached = u64::try_from(limits.cached_mebibytes).unwrap_or(u64::MAX);
        let days = u64::from(self.inbox.retention_days);
        let ranges = [
            ("limits.connections", connections, 1, 1_000_000),
            ("limits.header_seconds", limits.header_seconds, 1, DAY),
            ("limits.request_seconds", limits.request_seconds, 1, DAY),
            ("limits.stall_seconds", limits.stall_seconds, 1, DAY),
            ("limits.connection_seconds", limits.connection_seconds, 1, DAY),
            ("limits.shutdown_seconds", limits.shutdown_seconds, 0, DAY),
            ("limits.cached_mebibytes", cached, 0, 1 << 20),
            ("inbox.retention_days", days, 0, 3_660),
        ];
        for (key, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                return Err(ConfigError::OutOfRange { key, value, least, most });
            }
        }
        if self.address.as_deref().is_some_and(|address| ServerAddress::new(address).is_none()) {
            return Err(ConfigError::Address { key: "address" });
        }
        self.page.check()?;
        shared::check(self.database.as_ref(), self.bucket.as_ref())?;
        let tls = self.tls.as_ref();
        let paths = [
            ("data", Some(&self.data)),
            ("authority", self.authority.as_ref()),
            ("tls.certificate", tls.map(|tls| &tls.certificate)),
            ("tls.key", tls.map(|tls| &tls.key)),
            ("page.folder", self.page.folder.as_ref()),
        ];
        let empty = paths
            .into_iter()
            .find(|(_, path)| path.is_some_and(|path| path.as_os_str().is_empty()));
        empty.map_or(Ok(()), |(key, _)| Err(ConfigError::Empty { key }))
    }
}

/// Returns the variable of the environment that sets `key` as well, for messages.
pub(crate) fn variable(key: &str) -> String {
    // [CLI-48]
    format!("{ENV_PREFIX}{}", key.replace('.', "_").to_uppercase())
}

/// Returns whether a variable is one of those that Kubernetes sets for a service called
/// `noren-server`.
fn is_of_a_service(key: &str, value: &str) -> bool {
    let port = key == "port" || key.starts_with("port_");
    key.starts_with("service_") || (port && (value.contains("://") || key != "port"))
}

/// Refuses a variable that by itself is no setting, by its name.
fn check_variable(name: &str, key: &str, value: &str) -> Result<(), ConfigError> {
    let mut table = toml::Table::new();
    // The two of TLS stand together, and a bucket has a name; that they do is checked with the rest.
    for other in ["tls_certificate", "tls_key", "bucket_name"] {
        if other.split_once('_').is_some_and(|(table, _)| key.starts_with(&format!("{table}_"))) {
            overlay(&mut table, other, "-");
        }
    }
    overlay(&mut table, key, value);
    let read: Result<Config, _> = table.try_into();
    read.map(drop).map_err(|error| ConfigError::Variable {
        name: name.to_owned(),
        // With the setting, as the message of the library alone has not.
        why: error.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
    })
}

/// Sets `key` in the table, or in the sub-table whose name it starts with.
fn overlay(table: &mut toml::Table, key: &str, value: &str) {
    let is_text = TEXTS.contains(&key);
    let number = if is_text { None } else { value.parse::<i64>().ok() };
    let value = number
        .map(toml::Value::from)
        .or_else(|| Some(toml::Value::from(value.parse::<bool>().ok().filter(|_| !is_text)?)))
        .unwrap_or_else(|| toml::Value::from(value));
    let nested =
        TABLES.iter().find_map(|name| Some((*name, key.strip_prefix(name)?.strip_prefix('_')?)));
    let Some((name, inner)) = nested else {
        table.insert(key.to_owned(), value);
        return;
    };
    let sub = table.entry(name).or_insert_with(|| toml::Table::new().into());
    if let toml::Value::Table(sub) = sub {
        sub.insert(inner.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let environment =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(Some(file.path()), environment)
    }

    #[test]
    fn nothing_is_needed_on_loopback() {
        let config = Config::load(None, []).unwrap();
        assert_eq!(config, Config::default());
        assert!(config.listen.ip().is_loopback() && config.ops_listen.ip().is_loopback());
    }

    #[test]
    fn the_sample_file_holds_every_default() {
        let sample = include_str!("../noren-server.toml");
        assert_eq!(load(sample, &[]).unwrap(), Config::default());
        let bare: String = sample.lines().map(|line| line.trim_start_matches("# ")).fold(
            String::new(),
            |text, line| {
                if line.contains(" = ") || line.starts_with('[') {
                    text + line + "\n"
                } else {
                    text
                }
            },
        );
        let config = load(&bare, &[]).unwrap();
        assert!(config.tls.is_some() && config.authority.is_some());
        assert!(config.database.is_some() && config.bucket.is_some());
    }

    #[test]
    fn the_environment_overrides_the_file_and_the_file_the_defaults() {
        let text =
            "listen = '127.0.0.1:1'\ndata = 'x'\n[limits]\nconnections = 3\nheader_seconds = 4\n";
        let config = load(
            text,
            &[
                ("NOREN_SERVER_LISTEN", "127.0.0.1:2"),
                ("NOREN_SERVER_LIMITS_CONNECTIONS", "5"),
                ("NOREN_SERVER_TLS_CERTIFICATE", "c.pem"),
                ("NOREN_SERVER_TLS_KEY", "k.pem"),
                ("NOREN_SERVER_LOG_FORMAT", "json"),
                ("UNRELATED", "1"),
            ],
        )
        .unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.data, Path::new("x"));
        assert_eq!((config.limits.connections, config.limits.header_seconds), (5, 4));
        assert_eq!(config.tls.unwrap().key, Path::new("k.pem"));
        assert_eq!(config.log.format, LogFormat::Json);
    }

    #[test]
    fn numbers_with_which_nothing_could_be_served_are_errors() {
        // [API-13]
        for (key, value, right) in [
            ("limits.connections", "0", false),
            ("limits.connections", "1", true),
            ("limits.connections", "1000001", false),
            ("limits.connections", "-1", false),
            ("limits.connections", "9223372036854775807", false),
            ("limits.connections", "99999999999999999999", false),
            ("limits.connections", "1.5", false),
            ("limits.header_seconds", "0", false),
            ("limits.header_seconds", "86400", true),
            ("limits.header_seconds", "86401", false),
            ("limits.request_seconds", "0", false),
            ("limits.stall_seconds", "0", false),
            ("limits.stall_seconds", "1", true),
            ("limits.connection_seconds", "0", false),
            ("limits.shutdown_seconds", "0", true),
            ("limits.shutdown_seconds", "9223372036854775807", false),
            ("limits.cached_mebibytes", "0", true),
            ("limits.cached_mebibytes", "1048577", false),
            ("limits.failure_burst", "0", true),
            ("limits.failure_burst", "-1", false),
            ("limits.failures_per_minute", "4294967296", false),
            ("inbox.retention_days", "0", true),
            ("inbox.retention_days", "4000", false),
            ("data", "''", false),
            ("data", "'1'", true),
            ("authority", "''", false),
        ] {
            let read = load(&format!("{key} = {value}"), &[]);
            assert_eq!(read.is_ok(), right, "{key} = {value}");
            let variable = variable(key);
            let read = load("", &[(&variable, value.trim_matches('\''))]);
            assert_eq!(read.is_ok(), right, "{variable}={value}");
            if let Err(error) = read {
                let name = key.rsplit('.').next().unwrap();
                assert!(error.to_string().contains(name), "{error}");
            }
        }
    }

    #[test]
    fn what_an_orchestrator_sets_for_a_service_is_no_setting() {
        let variables = [
            ("NOREN_SERVER_PORT", "tcp://10.0.0.1:8470"),
            ("NOREN_SERVER_PORT_8470_TCP", "tcp://10.0.0.1:8470"),
            ("NOREN_SERVER_PORT_8470_TCP_ADDR", "10.0.0.1"),
            ("NOREN_SERVER_PORT_8470_TCP_PORT", "8470"),
            ("NOREN_SERVER_PORT_8470_TCP_PROTO", "tcp"),
            ("NOREN_SERVER_SERVICE_HOST", "10.0.0.1"),
            ("NOREN_SERVER_SERVICE_PORT", "8470"),
            ("NOREN_SERVER_SERVICE_PORT_API", "8470"),
        ];
        assert_eq!(load("", &variables).unwrap(), Config::default());
    }

    #[test]
    fn an_address_is_one() {
        // [API-7]
        assert!(load("address = 'https://health.example/noren'", &[]).is_ok());
        for address in ["health.example", "", "ftp://health.example", "https://", "https://a?b"] {
            assert!(load(&format!("address = '{address}'"), &[]).is_err(), "{address}");
        }
        assert!(load("", &[("NOREN_SERVER_ADDRESS", "https://health.example")]).is_ok());
    }

    #[test]
    fn a_database_and_a_bucket_go_together_and_the_password_is_not_shown() {
        // [API-40] [API-42]
        let (url, name) = ("postgres://noren:secret-word@db.example/noren", "noren");
        let both = format!("[database]\nurl = '{url}'\n[bucket]\nname = '{name}'");
        let config = load(&both, &[]).unwrap();
        assert!(!format!("{config:?}").contains("secret-word"));
        // [API-46] That is what a folder is copied to.
        assert!(load(&format!("[bucket]\nname = '{name}'"), &[]).unwrap().database.is_none());
        for (text, said) in [
            (format!("[database]\nurl = '{url}'"), "bucket.name"),
            (both.replace("postgres:", "mysql:"), "database.url"),
            (both.replace("'noren'", "''"), "bucket.name"),
            (format!("{both}\nendpoint = 's3.example'"), "bucket.endpoint"),
            (format!("{both}\nkey = 'k'"), "key"),
        ] {
            let error = load(&text, &[]).unwrap_err().to_string();
            assert!(error.contains(said) && !error.contains("secret-word"), "{error}");
        }
        let variables = [
            ("NOREN_SERVER_DATABASE_URL", url),
            ("NOREN_SERVER_BUCKET_NAME", "1"),
            ("NOREN_SERVER_BUCKET_PREFIX", "2"),
        ];
        let bucket = load("", &variables).unwrap().bucket.unwrap();
        assert_eq!((&bucket.name[..], bucket.prefix.as_deref()), ("1", Some("2")));
    }

    #[test]
    fn a_page_is_here_or_elsewhere() {
        // [API-33] [API-34]
        let page = |text: &str| load(&format!("[page]\n{text}"), &[]).map(|config| config.page);
        assert_eq!(page("").unwrap(), PageSettings::default());
        assert!(page("off = true").unwrap().off);
        assert_eq!(page("folder = '1'").unwrap().folder.unwrap(), Path::new("1"));
        let connect =
            page("connect = ['https://a.example', 'http://127.0.0.1:1']").unwrap().connect;
        assert_eq!(connect, ["https://a.example", "http://127.0.0.1:1"]);
        for (text, name) in [
            ("folder = ''", "page.folder"),
            ("origin = 'page.example'", "page.origin"),
            ("origin = 'https://page.example/'", "page.origin"),
            ("connect = ['*']", "page.connect"),
            ("connect = 'https://a.example; script-src *'", "page.connect"),
            ("connect = [1]", "connect"),
            ("off = true\nfolder = 'x'", "page.off"),
            ("off = true\norigin = 'https://page.example'", "page.off"),
            ("origin = 'https://page.example'\nfolder = 'x'", "page.origin"),
            ("origin = 'https://page.example'\nconnect = 'https://a.example'", "page.connect"),
            ("of = true", "of"),
        ] {
            let error = page(text).unwrap_err().to_string();
            assert!(error.contains(name), "{text}: {error}");
        }
        let variables = [
            ("NOREN_SERVER_PAGE_FOLDER", "7"),
            ("NOREN_SERVER_PAGE_CONNECT", "https://a.example  https://b.example"),
        ];
        let page = load("", &variables).unwrap().page;
        assert_eq!(page.folder.unwrap(), Path::new("7"));
        assert_eq!(page.connect, ["https://a.example", "https://b.example"]);
        assert!(load("", &[("NOREN_SERVER_PAGE_OFF", "true")]).unwrap().page.off);
        let variables = [("NOREN_SERVER_PAGE_ORIGIN", "https://b.example")];
        let page = load("", &variables).unwrap().page;
        assert_eq!(page.origin.as_deref(), Some("https://b.example"));
        assert!(load("", &[("NOREN_SERVER_PAGE_OFF", "perhaps")]).is_err());
    }

    #[test]
    fn misspelt_keys_and_wrong_kinds_are_errors() {
        assert!(load("lisen = '127.0.0.1:1'", &[]).is_err());
        assert!(load("[limits]\nconnection = 1", &[]).is_err());
        for (name, value) in [
            ("NOREN_SERVER_LISEN", "127.0.0.1:1"),
            ("NOREN_SERVER_LIMITS_CONNECTIONS", "many"),
            ("NOREN_SERVER_LIMITS_CONNECTION", "1"),
            ("NOREN_SERVER_LISTEN", "8470"),
            ("NOREN_SERVER_LOG_LEVEL", "loud"),
            ("NOREN_SERVER_TLS_KEYS", "k"),
            ("NOREN_SERVER_LIMITS", "1"),
            ("NOREN_SERVER_PORT", "8470"),
            ("NOREN_SERVER_", "1"),
        ] {
            let error = load("", &[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(&format!("the variable {name} ")), "{error}");
        }
        assert!(load("[limits]\nconnections = 'many'", &[]).is_err());
        assert!(load("[tls]\nkey = 'k'", &[]).is_err());
        assert!(load("= nonsense", &[]).is_err());
        assert!(Config::load(Some(Path::new("/nonexistent")), []).is_err());
    }
}
