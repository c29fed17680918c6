//! The desk's database: records as JSON documents, and a journal that only grows. One SQLite file;
//! every change is one transaction that is on the disk when it returns.

use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::runtime::{Builder, Runtime};

use super::journal::{Entry, Event};
use crate::files;

/// The layout of the database; another is refused.
const LAYOUT: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE record (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        document TEXT NOT NULL CHECK (json_valid(document)),
        PRIMARY KEY (kind, id)
    ) STRICT;
    CREATE TABLE journal (
        number INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        operator TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        details TEXT NOT NULL CHECK (json_valid(details)),
        digest BLOB NOT NULL CHECK (length(digest) = 32)
    ) STRICT;
    CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
    CREATE TRIGGER journal_is_not_shortened BEFORE DELETE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
    PRAGMA user_version = 1;
";

/// What kind of record it is; the table's first key.
pub(in crate::authority) trait Record: Serialize + DeserializeOwned {
    const KIND: &'static str;

    /// What tells it from others of its kind.
    fn id(&self) -> &str;
}

/// The open database.
pub(super) struct Store {
    runtime: Runtime,
    connection: SqliteConnection,
}

/// Changes that happen together or not at all, with what the journal says of them.
#[derive(Default)]
pub(in crate::authority) struct Change {
    puts: Vec<(&'static str, String, serde_json::Result<String>)>,
    removals: Vec<(&'static str, String)>,
    pub(super) events: Vec<Event>,
}

impl Change {
    pub(in crate::authority) fn put<T: Record>(mut self, record: &T) -> Self {
        self.puts.push((T::KIND, record.id().to_owned(), serde_json::to_string(record)));
        self
    }

    pub(in crate::authority) fn remove<T: Record>(mut self, record: &T) -> Self {
        self.removals.push((T::KIND, record.id().to_owned()));
        self
    }

    pub(in crate::authority) fn note(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }
}

impl Store {
    /// Opens the database, making it where there is none.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            files::create_secret(path, b"")?;
        }
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Delete)
            // [CLI-1] Extra: the folder is flushed as well.
            .synchronous(SqliteSynchronous::Extra)
            // What is deleted is overwritten.
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY");
        let connection = runtime.block_on(SqliteConnection::connect_with(&options));
        let connection = connection.with_context(|| format!("cannot open {}", path.display()))?;
        let mut store = Self { runtime, connection };
        store.prepare().with_context(|| format!("{} is damaged", path.display()))?;
        Ok(store)
    }

    fn prepare(&mut self) -> anyhow::Result<()> {
        let Self { runtime, connection } = self;
        runtime.block_on(async {
            let version = "PRAGMA user_version";
            let layout: i64 = sqlx::query_scalar(version).fetch_one(&mut *connection).await?;
            if layout == 0 {
                let mut transaction = connection.begin().await?;
                sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
                transaction.commit().await?;
                return Ok(());
            }
            ensure!(layout == LAYOUT, "its layout is {layout}, this program knows {LAYOUT}");
            Ok(())
        })
    }

    /// Every record of a kind, in the order of their ids.
    pub(super) fn all<T: Record>(&mut self) -> anyhow::Result<Vec<T>> {
        let query = sqlx::query_scalar::<_, String>(
            "SELECT document FROM record WHERE kind = ? ORDER BY id",
        );
        let rows = self.runtime.block_on(query.bind(T::KIND).fetch_all(&mut self.connection))?;
        let read = |document: String| serde_json::from_str(&document);
        let records: Result<Vec<T>, _> = rows.into_iter().map(read).collect();
        records.with_context(|| format!("a record of kind {} is damaged", T::KIND))
    }

    /// The journal from its beginning.
    pub(super) fn journal(&mut self) -> anyhow::Result<Vec<Entry>> {
        let query = sqlx::query("SELECT * FROM journal ORDER BY number");
        let rows = self.runtime.block_on(query.fetch_all(&mut self.connection))?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Entry {
                number: row.try_get("number")?,
                at: row.try_get("at")?,
                operator: row.try_get("operator")?,
                action: row.try_get("action")?,
                subject: row.try_get("subject")?,
                details: row.try_get("details")?,
                digest: row.try_get("digest")?,
            })
        };
        rows.iter().map(read).collect::<Result<_, sqlx::Error>>().context("the journal is damaged")
    }

    /// Makes a change, durably. Every event is chained to the one before it.
    pub(super) fn apply(&mut self, change: Change, at: i64, operator: &str) -> anyhow::Result<()> {
        let Self { runtime, connection } = self;
        runtime
            .block_on(async {
                let mut transaction = connection.begin().await?;
                for (kind, id, document) in change.puts {
                    let query = sqlx::query("INSERT OR REPLACE INTO record VALUES (?, ?, ?)");
                    query.bind(kind).bind(id).bind(document?).execute(&mut *transaction).await?;
                }
                for (kind, id) in change.removals {
                    let query = sqlx::query("DELETE FROM record WHERE kind = ? AND id = ?");
                    query.bind(kind).bind(id).execute(&mut *transaction).await?;
                }
                for event in change.events {
                    let last = "SELECT number, digest FROM journal ORDER BY number DESC LIMIT 1";
                    let last: Option<(i64, Vec<u8>)> =
                        sqlx::query_as(last).fetch_optional(&mut *transaction).await?;
                    let entry = Entry::after(last, at, operator, event)?;
                    sqlx::query("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)")
                        .bind(entry.number)
                        .bind(entry.at)
                        .bind(entry.operator)
                        .bind(entry.action)
                        .bind(entry.subject)
                        .bind(entry.details)
                        .bind(entry.digest)
                        .execute(&mut *transaction)
                        .await?;
                }
                // [CLI-9] The end of the journal is known apart, so that a shortened one shows.
                sqlx::query(
                    "INSERT OR REPLACE INTO record SELECT 'journal', 'end', \
                     json_object('number', number, 'digest', lower(hex(digest))) \
                     FROM journal ORDER BY number DESC LIMIT 1",
                )
                .execute(&mut *transaction)
                .await?;
                transaction.commit().await?;
                anyhow::Ok(())
            })
            .context("cannot write the desk's database")
    }
}
