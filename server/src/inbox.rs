//! Cases and sealed uploads: bytes that the server takes, keeps and hands over, and cannot read.

use noren::messages::upload_code::CodeHash;
use noren::time::{Day, UnixSeconds};
use sha2::{Digest, Sha256};
use sqlx::{Row, Sqlite, SqlitePool, Transaction, sqlite::SqliteRow};

use crate::database::{DatabaseError, flush};

/// The name of a stored upload: 16 random bytes, so that it says nothing about when it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UploadId([u8; 16]);

impl UploadId {
    /// Reads 32 lower-case hexadecimal digits; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        (hex::encode(bytes) == text).then_some(Self(bytes))
    }
}

impl std::fmt::Display for UploadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// What the server knows about a stored upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUpload {
    /// Its name.
    pub id: UploadId,
    /// The case it belongs to.
    pub case: CodeHash,
    /// The UTC day on which it came.
    pub received: Day,
    /// Bytes of the sealed body.
    pub size: u64,
}

/// One upload at the door.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The hash of its code; `None` when the code was not even well-formed.
    pub code: Option<CodeHash>,
    /// A dummy: takes the same way and leaves nothing.
    pub chaff: bool,
    /// The sealed body.
    pub body: &'a [u8],
}

/// What became of an [`Arrival`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Receipt {
    /// It is stored, or was stored before, or was a dummy.
    Received,
    /// The code does not admit it.
    Refused,
}

/// The cases and the uploads of one server.
#[derive(Debug, Clone)]
pub struct Inbox {
    pool: SqlitePool,
}

impl Inbox {
    pub(crate) const fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`DatabaseError`] when it gives none.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Opens a case: admits one upload under the code until `expires`. Doing it again only moves the
    /// end; a used code stays used.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn open_case(
        &self,
        code: CodeHash,
        expires: UnixSeconds,
    ) -> Result<(), DatabaseError> {
        // [API-6] Only the hash is ever here. A plain hash is enough: 80 random bits are behind it.
        let sql = "INSERT INTO codes (code_hash, expires) VALUES (?1, ?2)
                   ON CONFLICT (code_hash) DO UPDATE SET expires = excluded.expires";
        sqlx::query(sql)
            .bind(&code.as_bytes()[..])
            .bind(expires.as_i64())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets a case: its code and what was uploaded under it.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn close_case(&self, code: CodeHash) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM codes WHERE code_hash = ?1")
            .bind(&code.as_bytes()[..])
            .execute(&self.pool)
            .await?;
        flush(&self.pool).await
    }

    /// Takes an upload, once for each code; the same body again is welcome until it is deleted.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails; then nothing was stored.
    pub async fn receive(
        &self,
        arrival: Arrival<'_>,
        now: UnixSeconds,
    ) -> Result<Receipt, DatabaseError> {
        // [API-5] Real or not, the same statements run over rows of the same size, and one commit
        // reaches the disk. A dummy goes to the stand-in's row, which is deleted at the end in
        // either case: the only difference is what that deletion finds.
        let stand_in = CodeHash::from_bytes(rand::random());
        let code = if arrival.chaff { Some(stand_in) } else { arrival.code };
        let code = code.unwrap_or_else(|| CodeHash::from_bytes(rand::random()));
        let mut transaction = self.pool.begin().await?;
        sqlx::query("INSERT INTO codes (code_hash, expires) VALUES (?1, ?2)")
            .bind(&stand_in.as_bytes()[..])
            .bind(now.plus(1).as_i64())
            .execute(&mut *transaction)
            .await?;
        let receipt = match admission(&mut transaction, code, arrival.body, now).await? {
            Admission::Store => {
                store(&mut transaction, code, arrival.body, now).await?;
                Receipt::Received
            }
            Admission::Stored => Receipt::Received,
            Admission::Refuse => return Ok(Receipt::Refused),
        };
        sqlx::query("DELETE FROM codes WHERE code_hash = ?1")
            .bind(&stand_in.as_bytes()[..])
            .execute(&mut *transaction)
            .await?;
        // [API-11] The answer waits for this.
        transaction.commit().await?;
        Ok(receipt)
    }

    /// Every stored upload, in the order of their random names.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn list(&self) -> Result<Vec<StoredUpload>, DatabaseError> {
        let sql = "SELECT id, code_hash, received_day, length(body) FROM uploads ORDER BY id";
        sqlx::query(sql).fetch_all(&self.pool).await?.iter().map(stored_upload).collect()
    }

    /// The sealed body of an upload; `None` when there is none of that name.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn body(&self, id: UploadId) -> Result<Option<Vec<u8>>, DatabaseError> {
        let sql = "SELECT body FROM uploads WHERE id = ?1";
        Ok(sqlx::query_scalar(sql).bind(&id.0[..]).fetch_optional(&self.pool).await?)
    }

    /// Deletes an upload, so that its bytes are in no file of the database any more. Its code stays
    /// used.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn delete(&self, id: UploadId) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM uploads WHERE id = ?1")
            .bind(&id.0[..])
            .execute(&self.pool)
            .await?;
        flush(&self.pool).await
    }

    /// Deletes uploads received before `oldest`, and codes that admit nothing any more.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn sweep(&self, now: UnixSeconds, oldest: Day) -> Result<(), DatabaseError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM uploads WHERE received_day < ?1")
            .bind(oldest.start().as_i64())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM codes WHERE expires <= ?1 AND code_hash NOT IN (SELECT code_hash FROM uploads)")
            .bind(now.as_i64())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        flush(&self.pool).await
    }
}

enum Admission {
    Store,
    Stored,
    Refuse,
}

/// Whether `code` admits `body` now.
async fn admission(
    transaction: &mut Transaction<'_, Sqlite>,
    code: CodeHash,
    body: &[u8],
    now: UnixSeconds,
) -> Result<Admission, DatabaseError> {
    let sql = "SELECT codes.expires, codes.used, uploads.body_hash
               FROM codes LEFT JOIN uploads USING (code_hash) WHERE code_hash = ?1";
    let Some(row) =
        sqlx::query(sql).bind(&code.as_bytes()[..]).fetch_optional(&mut **transaction).await?
    else {
        return Ok(Admission::Refuse);
    };
    let (expires, used): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let stored: Option<Vec<u8>> = row.try_get(2)?;
    // [API-4] Single use; a retry of what is stored is the same use.
    Ok(match (used, stored) {
        (0, _) if now.as_i64() < expires => Admission::Store,
        (1, Some(hash)) if hash == Sha256::digest(body)[..] => Admission::Stored,
        _ => Admission::Refuse,
    })
}

async fn store(
    transaction: &mut Transaction<'_, Sqlite>,
    code: CodeHash,
    body: &[u8],
    now: UnixSeconds,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE codes SET used = 1 WHERE code_hash = ?1")
        .bind(&code.as_bytes()[..])
        .execute(&mut **transaction)
        .await?;
    let sql = "INSERT INTO uploads (id, code_hash, body_hash, received_day, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    sqlx::query(sql)
        .bind(&rand::random::<[u8; 16]>()[..])
        .bind(&code.as_bytes()[..])
        .bind(&Sha256::digest(body)[..])
        .bind(Day::containing(now).start().as_i64())
        .bind(body)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn stored_upload(row: &SqliteRow) -> Result<StoredUpload, DatabaseError> {
    let id: Vec<u8> = row.try_get(0)?;
    let case: Vec<u8> = row.try_get(1)?;
    let (received, size): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
    Ok(StoredUpload {
        id: UploadId(id.try_into().map_err(|_| DatabaseError::Damaged)?),
        case: CodeHash::from_bytes(case.try_into().map_err(|_| DatabaseError::Damaged)?),
        received: Day::containing(
            UnixSeconds::from_i64(received).map_err(|_| DatabaseError::Damaged)?,
        ),
        size: u64::try_from(size).map_err(|_| DatabaseError::Damaged)?,
    })
}
