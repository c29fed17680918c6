//! Where uploads lie: places of one size, made in advance and taken in a random order, so that
//! neither a row nor a page of the file tells which upload came before another. [API-14] [API-22]

use noren::messages::{CodeHash, SEALED_UPLOAD_LENGTH};
use noren::time::Day;
use rand::RngExt as _;
use sqlx::{AnyConnection, Row as _};

use crate::database::DatabaseError;

/// Bytes of a sealed body.
pub(super) const BODY: usize = SEALED_UPLOAD_LENGTH;

/// Places that are made at once.
const MADE_TOGETHER: i64 = 4;

/// What stands in a place. A free one has the same form, all of it random.
pub(super) struct Content<'a> {
    pub(super) taken: bool,
    pub(super) id: [u8; 16],
    pub(super) code_hash: [u8; 32],
    pub(super) body_hash: [u8; 32],
    pub(super) received_day: [u8; 8],
    pub(super) body: &'a [u8],
}

impl<'a> Content<'a> {
    /// Returns what a free place holds.
    pub(super) fn filler(body: &'a [u8]) -> Self {
        Self {
            taken: false,
            id: rand::random(),
            code_hash: rand::random(),
            body_hash: rand::random(),
            received_day: rand::random(),
            body,
        }
    }
}

/// Returns a day as the table has it: eight bytes, whose order is that of the days.
pub(super) fn received_day(day: Day) -> [u8; 8] {
    day.start().get().to_be_bytes()
}

/// Returns random bytes of a body's length.
pub(super) fn noise() -> Vec<u8> {
    let mut bytes = vec![0; BODY];
    rand::rng().fill(&mut bytes[..]);
    bytes
}

/// Returns the place of what was uploaded under a code, and the hash of its body.
pub(super) async fn of_case(
    connection: &mut AnyConnection,
    code: CodeHash,
) -> Result<Option<(i64, Vec<u8>)>, DatabaseError> {
    let sql = "SELECT place, body_hash FROM places WHERE taken = 1 AND code_hash = $1";
    let row = sqlx::query(sql).bind(&code.as_bytes()[..]).fetch_optional(connection).await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

/// Returns a free place, any of them as likely as any other. Makes new ones when there is none.
pub(super) async fn free_place(connection: &mut AnyConnection) -> Result<i64, DatabaseError> {
    let mut count = count_free(connection).await?;
    if count == 0 {
        grow(connection).await?;
        count = count_free(connection).await?;
    }
    let sql = "SELECT place FROM places WHERE taken = 0 ORDER BY place LIMIT 1 OFFSET $1";
    let chosen = rand::rng().random_range(0..count.max(1));
    Ok(sqlx::query_scalar(sql).bind(chosen).fetch_one(connection).await?)
}

async fn count_free(connection: &mut AnyConnection) -> Result<i64, DatabaseError> {
    let sql = "SELECT count(*) FROM places WHERE taken = 0";
    Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
}

/// Overwrites a place.
pub(super) async fn put(
    connection: &mut AnyConnection,
    place: i64,
    content: &Content<'_>,
) -> Result<(), DatabaseError> {
    let sql = "UPDATE places SET taken = $2, id = $3, code_hash = $4, body_hash = $5,
               received_day = $6 WHERE place = $1";
    write(connection, sql, place, content).await?;
    sqlx::query("UPDATE bodies SET body = $2 WHERE place = $1")
        .bind(place)
        .bind(content.body)
        .execute(connection)
        .await?;
    Ok(())
}

/// Overwrites a place with random bytes, which makes it a free one. PostgreSQL keeps the version before
/// until a vacuum. [API-47]
pub(super) async fn free(connection: &mut AnyConnection, place: i64) -> Result<(), DatabaseError> {
    put(connection, place, &Content::filler(&noise())).await
}

/// Makes new places at the end of the file. What is stored moves about among old and new ones (the
/// inside-out form of a Fisher-Yates shuffle): otherwise it would show what came before the new ones.
async fn grow(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM places").fetch_one(&mut *connection).await?;
    for new in count..count + MADE_TOGETHER {
        let (body, sql) = (noise(), "INSERT INTO places VALUES ($1, $2, $3, $4, $5, $6)");
        write(connection, sql, new, &Content::filler(&body)).await?;
        sqlx::query("INSERT INTO bodies VALUES ($1, $2)")
            .bind(new)
            .bind(body)
            .execute(&mut *connection)
            .await?;
        let other = rand::rng().random_range(0..=new);
        if other != new {
            relocate(connection, other, new).await?;
        }
    }
    Ok(())
}

/// Moves what stands in `from` to `to`, which is free, and frees `from`.
async fn relocate(connection: &mut AnyConnection, from: i64, to: i64) -> Result<(), DatabaseError> {
    let moves = [
        "UPDATE places SET (taken, id, code_hash, body_hash, received_day) =
         (SELECT taken, id, code_hash, body_hash, received_day FROM places WHERE place = $1)
         WHERE place = $2",
        "UPDATE bodies SET body = (SELECT body FROM bodies WHERE place = $1) WHERE place = $2",
    ];
    for sql in moves {
        sqlx::query(sql).bind(from).bind(to).execute(&mut *connection).await?;
    }
    free(connection, from).await
}

/// Runs a statement on `places` with a place and its content but for the body.
async fn write(
    connection: &mut AnyConnection,
    sql: &'static str,
    place: i64,
    content: &Content<'_>,
) -> Result<(), DatabaseError> {
    sqlx::query(sql)
        .bind(place)
        .bind(i64::from(content.taken))
        .bind(&content.id[..])
        .bind(&content.code_hash[..])
        .bind(&content.body_hash[..])
        .bind(&content.received_day[..])
        .execute(connection)
        .await?;
    Ok(())
}
