//! How tables are made and changed, in either database. [API-45]

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, SqlSafeStr as _};

use super::DatabaseError;

pub(super) fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
}

/// Runs the migrations that are missing.
pub(super) async fn run(
    migrations: &Migrator,
    connection: &mut AnyConnection,
) -> Result<(), DatabaseError> {
    // `run` takes a pool as well, and by that its future cannot be sent to another thread.
    let made = Box::pin(migrations.run_direct(None, connection, false));
    made.await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        error => DatabaseError::Tables(error.to_string()),
    })
}
