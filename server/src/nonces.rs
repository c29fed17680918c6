//! The nonces of the authority's requests, kept until a replay would be too old anyway.

use noren::time::UnixSeconds;
use sqlx::AnyConnection;

use crate::database::{Database, DatabaseError, Line};

/// Seconds that a nonce is kept: longer than the span of accepted times, 60 either way.
const KEPT_SECONDS: u64 = 180;

/// The nonces seen lately. They survive a restart.
#[derive(Debug, Clone)]
pub struct Nonces {
    database: Database,
}

impl Nonces {
    pub(crate) const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Notes a nonce; false when it was seen before.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn first_use(
        &self,
        nonce: &[u8; 16],
        now: UnixSeconds,
    ) -> Result<bool, DatabaseError> {
        let mut work = self.database.write(Line::Requests).await?;
        let result = insert(work.on()?, nonce, now).await;
        work.finish(result).await
    }
}

async fn insert(
    connection: &mut AnyConnection,
    nonce: &[u8; 16],
    now: UnixSeconds,
) -> Result<bool, DatabaseError> {
    sqlx::query("DELETE FROM nonces WHERE expires <= $1")
        .bind(now.as_i64())
        .execute(&mut *connection)
        .await?;
    // [API-8] The primary key decides between two at once.
    let sql = "INSERT INTO nonces (nonce, expires) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    let inserted = sqlx::query(sql)
        .bind(&nonce[..])
        .bind(now.plus(KEPT_SECONDS).as_i64())
        .execute(connection)
        .await?;
    Ok(inserted.rows_affected() == 1)
}
