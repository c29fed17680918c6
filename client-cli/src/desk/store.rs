//! The desk's database: records as JSON documents, and a journal that only grows. One SQLite file;
//! every change is one transaction that is on the disk when it returns.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::runtime::{Builder, Runtime};

use super::domain;
use super::event::Noted;
use super::journal::{End, Entry};
use super::record::{DAMAGED, Record};
use crate::files;

/// The layout of the database; another is refused.
const LAYOUT: i64 = 5;

const SCHEMA: &str = "
    CREATE TABLE record (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        document TEXT NOT NULL CHECK (json_valid(document)),
        digest BLOB NOT NULL CHECK (length(digest) = 32),
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
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
    PRAGMA user_version = 5;
";

/// A database that is whole, and not for this program.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} version of Noren wrote this database (layout {found}, this one knows {LAYOUT}): use that one",
    if *.found > LAYOUT { "a newer" } else { "an older" }
)]
struct OtherLayout {
    found: i64,
}

/// The open database.
pub(super) struct Store {
    runtime: Runtime,
    path: PathBuf,
    /// `None` after a failure: what is left of a transaction goes with its connection.
    connection: Option<SqliteConnection>,
}

/// A document to be kept: its kind, its id, and itself.
type Put = (&'static str, String, serde_json::Result<String>);

/// Changes that happen together or not at all, with what the journal says of them.
#[derive(Default)]
pub(super) struct Change {
    puts: Vec<Put>,
    removals: Vec<(&'static str, String)>,
    pub(super) events: Vec<Noted>,
}

impl Change {
    pub(super) fn put<T: Record>(mut self, record: &T) -> Self {
        self.puts.push((T::KIND, record.id().to_owned(), serde_json::to_string(record)));
        self
    }

    pub(super) fn remove<T: Record>(mut self, record: &T) -> Self {
        self.removals.push((T::KIND, record.id().to_owned()));
        self
    }

    pub(super) fn note(mut self, event: Noted) -> Self {
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
        let mut store = Self { runtime, path: path.to_owned(), connection: None };
        let opened = store.run(async |connection| prepare(connection).await);
        opened.map_err(|error| match error.is::<OtherLayout>() {
            true => error.context(path.display().to_string()),
            false => error.context(format!(
                "{} is damaged or cannot be read; if it is damaged, restore the desk's folder from \
                 a backup, then `noren authority take-over`",
                path.display()
            )),
        })?;
        Ok(store)
    }

    /// Does something with a connection, which does not outlive a failure.
    fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        // [CLI-1]
        let Self { runtime, path, connection: kept } = self;
        runtime.block_on(async {
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => connect(path).await?,
            };
            let done = work(&mut connection).await?;
            *kept = Some(connection);
            Ok(done)
        })
    }

    /// Every record of a kind, in the order of their ids.
    pub(super) fn all<T: Record>(&mut self) -> anyhow::Result<Vec<T>> {
        let rows: Vec<String> = self.run(async |connection| {
            let query = "SELECT document FROM record WHERE kind = ? ORDER BY id";
            Ok(sqlx::query_scalar(query).bind(T::KIND).fetch_all(connection).await?)
        })?;
        let read = |document: String| serde_json::from_str(&document);
        let records: Result<Vec<T>, _> = rows.into_iter().map(read).collect();
        records.with_context(|| format!("{} (its record {})", DAMAGED, T::KIND))
    }

    /// The journal from its beginning.
    pub(super) fn journal(&mut self) -> anyhow::Result<Vec<Entry>> {
        let rows = self.run(async |connection| {
            let query = sqlx::query("SELECT * FROM journal ORDER BY number");
            Ok(query.fetch_all(connection).await?)
        })?;
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
        rows.iter().map(read).collect::<Result<_, sqlx::Error>>().context(DAMAGED)
    }

    /// Where the journal ends.
    pub(super) fn end(&mut self) -> anyhow::Result<Option<End>> {
        Ok(self.all()?.pop())
    }

    /// When the last entry of the journal was made.
    pub(super) fn last_time(&mut self) -> anyhow::Result<Option<i64>> {
        self.run(async |connection| {
            let last = "SELECT at FROM journal ORDER BY number DESC LIMIT 1";
            Ok(sqlx::query_scalar(last).fetch_optional(connection).await?)
        })
    }

    /// The digest of an entry of the journal.
    pub(super) fn digest_at(&mut self, number: i64) -> anyhow::Result<Option<Vec<u8>>> {
        self.run(async |connection| {
            let entry = sqlx::query_scalar("SELECT digest FROM journal WHERE number = ?");
            Ok(entry.bind(number).fetch_optional(connection).await?)
        })
    }

    /// Makes a change, durably. Every event is chained to the one before it.
    pub(super) fn apply(&mut self, change: Change, at: i64, operator: &str) -> anyhow::Result<()> {
        let Change { puts, removals, events } = change;
        let put = |(kind, id, document): Put| Ok((kind, id, document?));
        let puts: Vec<Document> = puts.into_iter().map(put).collect::<serde_json::Result<_>>()?;
        let mut end = None;
        let done = self.run(async |connection| {
            let mut transaction = connection.begin().await?;
            for (kind, id, document) in &puts {
                put_document(&mut transaction, kind, id, document).await?;
            }
            for (kind, id) in &removals {
                let query = sqlx::query("DELETE FROM record WHERE kind = ? AND id = ?");
                query.bind(kind).bind(id).execute(&mut *transaction).await?;
            }
            for event in events {
                note(&mut transaction, event, at, operator).await?;
            }
            // [CLI-9] The end of the journal is known apart, so that a shortened one shows.
            if let Some((number, digest)) = last_entry(&mut transaction).await? {
                let last = serde_json::json!({ "number": number, "digest": hex::encode(&digest) });
                put_document(&mut transaction, End::KIND, End::ID, &last.to_string()).await?;
                end = Some(digest);
            }
            transaction.commit().await?;
            Ok(())
        });
        done.or_else(|error| self.look_after(error, &puts, &removals, end))
    }

    /// What became of a change whose end failed: it may be there all the same, and then must not be
    /// made once more.
    fn look_after(
        &mut self,
        error: anyhow::Error,
        puts: &[Document],
        removals: &[(&'static str, String)],
        end: Option<Vec<u8>>,
    ) -> anyhow::Result<()> {
        // [CLI-1] [CLI-3]
        let is_there = self.run(async |connection| {
            let last = last_entry(&mut *connection).await?.map(|(_, digest)| digest);
            let mut is_there = end.is_some() && last == end;
            for (kind, id, document) in puts {
                let found = document_of(&mut *connection, kind, id).await?;
                is_there &= found.as_ref() == Some(document);
            }
            for (kind, id) in removals {
                is_there &= document_of(&mut *connection, kind, id).await?.is_none();
            }
            Ok(is_there)
        });
        match is_there {
            Ok(false) => {
                Err(error.context("cannot write the desk's database, so nothing of this was noted"))
            }
            Ok(true) if files::flush(&self.path).is_ok() => Ok(()),
            Ok(true) => Err(error.context(
                "this is noted in the desk's database, and the disk did not say that it is safe there: \
                 do not do it again; look at the disk, and at `noren authority journal`",
            )),
            Err(_) => Err(error.context(
                "cannot write the desk's database, and whether this was noted cannot be told: look with \
                 `noren authority journal` before you do it again",
            )),
        }
    }
}

/// A document, as it is kept.
type Document = (&'static str, String, String);

async fn document_of(
    connection: &mut SqliteConnection,
    kind: &str,
    id: &str,
) -> anyhow::Result<Option<String>> {
    let query = sqlx::query_scalar("SELECT document FROM record WHERE kind = ? AND id = ?");
    Ok(query.bind(kind).bind(id).fetch_optional(connection).await?)
}

async fn connect(path: &Path) -> anyhow::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Delete)
        // [CLI-1] Extra: the folder is flushed as well.
        .synchronous(SqliteSynchronous::Extra)
        // What is deleted is overwritten.
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY");
    Ok(SqliteConnection::connect_with(&options).await?)
}

/// Makes the tables, or checks every page and every record.
async fn prepare(connection: &mut SqliteConnection) -> anyhow::Result<()> {
    let version = "PRAGMA user_version";
    let layout: i64 = sqlx::query_scalar(version).fetch_one(&mut *connection).await?;
    if layout == 0 {
        let mut transaction = connection.begin().await?;
        sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
        transaction.commit().await?;
        return Ok(());
    }
    // [CLI-44]
    if layout != LAYOUT {
        return Err(OtherLayout { found: layout }.into());
    }
    // [CLI-16]
    let found: Vec<String> =
        sqlx::query_scalar("PRAGMA quick_check").fetch_all(&mut *connection).await?;
    ensure!(found == ["ok"], "its pages are damaged");
    let rows = "SELECT kind, id, document, digest FROM record";
    let rows: Vec<(String, String, String, Vec<u8>)> =
        sqlx::query_as(rows).fetch_all(&mut *connection).await?;
    for (kind, id, document, digest) in rows {
        ensure!(
            digest == digest_of(&kind, &id, &document),
            "its record {kind} {id} is not as it was written"
        );
    }
    Ok(())
}

fn digest_of(kind: &str, id: &str, document: &str) -> Vec<u8> {
    let mut hash = Sha256::new_with_prefix(domain::RECORD);
    for field in [kind, id, document] {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hash.finalize().to_vec()
}

async fn put_document(
    connection: &mut SqliteConnection,
    kind: &str,
    id: &str,
    document: &str,
) -> anyhow::Result<()> {
    let query = sqlx::query("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)");
    let query = query.bind(kind).bind(id).bind(document).bind(digest_of(kind, id, document));
    query.execute(connection).await?;
    Ok(())
}

async fn last_entry(connection: &mut SqliteConnection) -> anyhow::Result<Option<(i64, Vec<u8>)>> {
    let last = "SELECT number, digest FROM journal ORDER BY number DESC LIMIT 1";
    Ok(sqlx::query_as(last).fetch_optional(connection).await?)
}

async fn note(
    connection: &mut SqliteConnection,
    event: Noted,
    at: i64,
    operator: &str,
) -> anyhow::Result<()> {
    let entry = Entry::after(last_entry(connection).await?, at, operator, event)?;
    sqlx::query("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)")
        .bind(entry.number)
        .bind(entry.at)
        .bind(entry.operator)
        .bind(entry.action)
        .bind(entry.subject)
        .bind(entry.details)
        .bind(entry.digest)
        .execute(connection)
        .await?;
    Ok(())
}
