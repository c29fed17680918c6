//! The PostgreSQL that several servers share.

use sqlx::AnyConnection;
use sqlx::migrate::Migrator;

use super::migrations::{migration, run};
use super::{DatabaseError, Line};

fn migrations() -> Migrator {
    // [API-45]
    Migrator::with_migrations(vec![
        migration(1, "inbox", include_str!("postgres/0001_inbox.sql")),
        migration(2, "log", include_str!("postgres/0002_log.sql")),
    ])
}

/// Returns how a transaction begins: durable whatever the operator has set for others, and behind
/// whoever stands in the same line, on any machine.
pub(super) const fn begin(line: Option<Line>) -> &'static str {
    // [API-10] [API-11] [API-40]
    match line {
        None => "BEGIN READ ONLY",
        Some(Line::Inbox) => {
            "BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '20s';
             SELECT pg_advisory_xact_lock(7226160, 1)"
        }
        Some(Line::Log) => {
            "BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '20s';
             SELECT pg_advisory_xact_lock(7226160, 2)"
        }
        Some(Line::Requests) => {
            "BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '20s';
             SELECT pg_advisory_xact_lock(7226160, 3)"
        }
        Some(Line::Publishing) => {
            "BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '20s';
             SELECT pg_advisory_xact_lock(7226160, 4)"
        }
    }
}

/// Returns whether PostgreSQL's code is one of a failure that can pass: a lost connection, a
/// transaction that others stood in the way of, a full disk, a server that stops or does not write.
pub(super) fn passes(code: &str) -> bool {
    ["08", "40", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class))
        || code == "25006"
}

pub(super) async fn migrate(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    run(&migrations(), connection).await
}

/// Checks that every migration was made, and none that this server does not know.
pub(super) async fn check(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    let sql = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
    let made: Vec<i64> = match sqlx::query_scalar(sql).fetch_all(connection).await {
        // There is no such table.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => vec![],
        made => made?,
    };
    let known: Vec<i64> = migrations().iter().map(|migration| migration.version).collect();
    if made == known {
        Ok(())
    } else {
        Err(DatabaseError::Tables(format!("{made:?} of {known:?}")))
    }
}
