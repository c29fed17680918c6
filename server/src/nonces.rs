//! The nonces of the authority's requests, kept until a replay would be too old anyway.

use noren::time::UnixSeconds;
use sqlx::SqlitePool;

use crate::database::DatabaseError;

/// Seconds that a nonce is kept: longer than the span of accepted times, 60 either way.
const KEPT_SECONDS: u64 = 180;

/// The nonces seen lately. They survive a restart.
#[derive(Debug, Clone)]
pub struct Nonces {
    pool: SqlitePool,
}

impl Nonces {
    pub(crate) const fn new(pool: SqlitePool) -> Self {
        Self { pool }
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
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM nonces WHERE expires <= ?1")
            .bind(now.as_i64())
            .execute(&mut *transaction)
            .await?;
        // [API-8] The primary key decides between two at once.
        let inserted = sqlx::query(
            "INSERT INTO nonces (nonce, expires) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )
        .bind(&nonce[..])
        .bind(now.plus(KEPT_SECONDS).as_i64())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(inserted.rows_affected() == 1)
    }
}
