//! Cases and sealed uploads: bytes that the server takes, keeps and hands over, and cannot read.

use bytes::Bytes;
use noren::messages::CodeHash;
use noren::time::{Day, UnixSeconds};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::database::{Database, DatabaseError, Line};

mod clerk;
mod places;

use clerk::Clerk;
use places::{free, received_day};

/// Uploads that are deleted in one transaction, so that others get their turn in between.
const SWEPT_TOGETHER: i64 = 32;

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
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The hash of its code; `None` when the code was not even well-formed.
    pub code: Option<CodeHash>,
    /// A dummy: takes the same way and leaves nothing.
    pub chaff: bool,
    /// The sealed body, 65,536 bytes.
    pub body: Bytes,
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
    database: Database,
    clerk: Clerk,
}

impl Inbox {
    pub(crate) fn new(database: Database) -> Self {
        Self { clerk: Clerk::start(database.clone()), database }
    }

    /// Takes the way of a dummy, and so finds out whether the next upload could be taken.
    ///
    /// # Errors
    /// [`DatabaseError`] when it could not.
    pub(crate) async fn probe(&self) -> Result<(), DatabaseError> {
        let mut work = self.database.write(Line::Inbox).await?;
        let result = clerk::write_dummy(work.on()?).await;
        work.finish(result).await
    }

    /// Returns whether it is certain that it is `now`: where that lies at most `stride` seconds
    /// after the time that was certain, or `is_steady` says so. Remembers `now` then.
    pub(crate) async fn is_certain(
        &self,
        now: UnixSeconds,
        stride: u64,
        is_steady: bool,
    ) -> Result<bool, DatabaseError> {
        // [API-32]
        let mut work = self.database.write(Line::Inbox).await?;
        let result = note_time(work.on()?, now, stride, is_steady).await;
        work.finish(result).await
    }

    pub(crate) async fn close(&self) {
        self.database.close().await;
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
        let mut work = self.database.write(Line::Inbox).await?;
        let result = insert_code(work.on()?, code, expires).await;
        work.finish(result).await
    }

    /// Forgets a case: its code and what was uploaded under it.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn close_case(&self, code: CodeHash) -> Result<(), DatabaseError> {
        let mut work = self.database.write(Line::Inbox).await?;
        let result = forget_code(work.on()?, code).await;
        work.finish(result).await
    }

    /// Takes an upload, once for each code; the same body again is welcome until it is deleted.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails; then nothing was stored, or the same body will be
    /// welcome again.
    pub async fn receive(
        &self,
        arrival: Arrival,
        now: UnixSeconds,
    ) -> Result<Receipt, DatabaseError> {
        self.clerk.receive(arrival, now).await
    }

    /// Returns every stored upload, in the order of their random names.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn list(&self) -> Result<Vec<StoredUpload>, DatabaseError> {
        let sql = "SELECT id, code_hash, received_day FROM places WHERE taken = 1 ORDER BY id";
        let mut work = self.database.read().await?;
        let rows = sqlx::query(sql).fetch_all(work.on()?).await?;
        work.leave().await?;
        rows.iter().map(stored_upload).collect()
    }

    /// Returns the sealed body of an upload, or `None` when there is none of that name.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn body(&self, id: UploadId) -> Result<Option<Vec<u8>>, DatabaseError> {
        let sql = "SELECT body FROM places JOIN bodies USING (place) WHERE taken = 1 AND id = $1";
        let mut work = self.database.read().await?;
        let body = sqlx::query_scalar(sql).bind(&id.0[..]).fetch_optional(work.on()?).await?;
        work.leave().await?;
        Ok(body)
    }

    /// Deletes an upload, so that its bytes are in no file of the database any more. Its code stays
    /// used.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn delete(&self, id: UploadId) -> Result<(), DatabaseError> {
        let mut work = self.database.write(Line::Inbox).await?;
        let result = forget_upload(work.on()?, id).await;
        work.finish(result).await
    }

    /// Deletes uploads received before `oldest`, and codes that admit nothing any more.
    ///
    /// # Errors
    /// [`DatabaseError`] when the database fails.
    pub async fn sweep(&self, now: UnixSeconds, oldest: Day) -> Result<(), DatabaseError> {
        loop {
            let mut work = self.database.write(Line::Inbox).await?;
            let result = forget_old(work.on()?, now, oldest).await;
            if work.finish(result).await? < SWEPT_TOGETHER as usize {
                return Ok(());
            }
        }
    }
}

async fn note_time(
    connection: &mut AnyConnection,
    now: UnixSeconds,
    stride: u64,
    is_steady: bool,
) -> Result<bool, DatabaseError> {
    let certain: Option<i64> =
        sqlx::query_scalar("SELECT certain FROM clock").fetch_optional(&mut *connection).await?;
    let latest = certain.map(|certain| certain.saturating_add_unsigned(stride));
    if !is_steady && latest.is_some_and(|latest| latest < now.as_i64()) {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO clock (one, certain) VALUES (1, $1)
         ON CONFLICT (one) DO UPDATE SET certain = excluded.certain",
    )
    .bind(now.as_i64())
    .execute(connection)
    .await?;
    Ok(true)
}

async fn insert_code(
    connection: &mut AnyConnection,
    code: CodeHash,
    expires: UnixSeconds,
) -> Result<(), DatabaseError> {
    // [API-6] Only the hash is ever here. A plain hash is enough: 80 random bits are behind it.
    let sql = "INSERT INTO codes (row, code_hash, expires, used, noise) VALUES ($1, $2, $3, 0, $4)
               ON CONFLICT (code_hash) DO UPDATE SET expires = excluded.expires";
    sqlx::query(sql)
        .bind(rand::random::<i64>() >> 1 | 1)
        .bind(&code.as_bytes()[..])
        .bind(expires.as_i64())
        .bind(&rand::random::<[u8; 16]>()[..])
        .execute(connection)
        .await?;
    Ok(())
}

async fn forget_code(connection: &mut AnyConnection, code: CodeHash) -> Result<(), DatabaseError> {
    if let Some((place, _)) = places::of_case(connection, code).await? {
        free(connection, place).await?;
    }
    sqlx::query("DELETE FROM codes WHERE code_hash = $1 AND row <> 0")
        .bind(&code.as_bytes()[..])
        .execute(connection)
        .await?;
    Ok(())
}

async fn forget_upload(connection: &mut AnyConnection, id: UploadId) -> Result<(), DatabaseError> {
    let sql = "SELECT place FROM places WHERE taken = 1 AND id = $1";
    let place: Option<i64> =
        sqlx::query_scalar(sql).bind(&id.0[..]).fetch_optional(&mut *connection).await?;
    match place {
        Some(place) => free(connection, place).await,
        None => Ok(()),
    }
}

/// Deletes some old uploads and returns how many.
async fn forget_old(
    connection: &mut AnyConnection,
    now: UnixSeconds,
    oldest: Day,
) -> Result<usize, DatabaseError> {
    let sql = "SELECT place FROM places WHERE taken = 1 AND received_day < $1 LIMIT $2";
    let old: Vec<i64> = sqlx::query_scalar(sql)
        .bind(&received_day(oldest)[..])
        .bind(SWEPT_TOGETHER)
        .fetch_all(&mut *connection)
        .await?;
    for place in &old {
        free(connection, *place).await?;
    }
    let sql = "DELETE FROM codes WHERE expires <= $1 AND row <> 0
               AND code_hash NOT IN (SELECT code_hash FROM places WHERE taken = 1)";
    sqlx::query(sql).bind(now.as_i64()).execute(connection).await?;
    Ok(old.len())
}

fn stored_upload(row: &AnyRow) -> Result<StoredUpload, DatabaseError> {
    let (id, case, received): (Vec<u8>, Vec<u8>, Vec<u8>) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let received = received.try_into().map_err(|_| DatabaseError::Damaged)?;
    let received = UnixSeconds::new(u64::from_be_bytes(received));
    Ok(StoredUpload {
        id: UploadId(id.try_into().map_err(|_| DatabaseError::Damaged)?),
        case: CodeHash::from_bytes(case.try_into().map_err(|_| DatabaseError::Damaged)?),
        received: Day::containing(received.map_err(|_| DatabaseError::Damaged)?),
        size: places::BODY as u64,
    })
}
