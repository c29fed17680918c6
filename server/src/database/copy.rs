//! All rows of one database into another that is empty, whatever the two are. [API-46]

use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use super::{Database, DatabaseError, Line};

/// The tables with their columns, each with what it holds: a number, bytes, or perhaps bytes.
const TABLES: [(&str, &str, &[Kind]); 13] = [
    ("codes", "row, code_hash, expires, used, noise", &[NUMBER, BYTES, NUMBER, NUMBER, BYTES]),
    (
        "places",
        "place, taken, id, code_hash, body_hash, received_day",
        &[NUMBER, NUMBER, BYTES, BYTES, BYTES, BYTES],
    ),
    ("bodies", "place, body", &[NUMBER, BYTES]),
    ("nonces", "nonce, expires", &[BYTES, NUMBER]),
    ("appends", "old_size, new_size, bucket", &[NUMBER, NUMBER, NUMBER]),
    ("turn", "one, seat, id, turn, expires", &[NUMBER, NUMBER, BYTES, Kind::PerhapsBytes, NUMBER]),
    ("clock", "one, certain", &[NUMBER, NUMBER]),
    (
        "head",
        "one, number, size, signed, roots, note",
        &[NUMBER, NUMBER, NUMBER, NUMBER, BYTES, BYTES],
    ),
    ("decided", "number, old_size, new_size, note", &[NUMBER, NUMBER, NUMBER, BYTES]),
    ("entries", "first, next, part", &[NUMBER, NUMBER, BYTES]),
    ("feed", "one, settled", &[NUMBER, NUMBER]),
    ("profile", "one, body", &[NUMBER, BYTES]),
    ("failures", "one, thousandths, spent", &[NUMBER, NUMBER, NUMBER]),
];

const NUMBER: Kind = Kind::Number;
const BYTES: Kind = Kind::Bytes;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Number,
    Bytes,
    PerhapsBytes,
}

impl Database {
    /// Copies every row, as they stand at one moment, in one transaction.
    ///
    /// # Errors
    /// [`DatabaseError::Occupied`] when `target` holds anything.
    pub(crate) async fn copy_into(&self, target: &Self) -> Result<(), DatabaseError> {
        let mut from = self.snapshot().await?;
        let mut to = target.write(Line::Inbox).await?;
        let copied = copy(from.on()?, to.on()?).await;
        from.leave().await?;
        to.finish(copied).await
    }

    /// Looks whether there is anything.
    ///
    /// # Errors
    /// [`DatabaseError::Occupied`] when there is.
    pub(crate) async fn refuse_occupied(&self) -> Result<(), DatabaseError> {
        let mut work = self.read().await?;
        for (table, _, _) in TABLES {
            refuse_rows(work.on()?, table).await?;
        }
        work.leave().await
    }
}

async fn copy(from: &mut AnyConnection, to: &mut AnyConnection) -> Result<(), DatabaseError> {
    for (table, columns, kinds) in TABLES {
        let of_somebody = of_somebody(table);
        refuse_rows(to, table).await?;
        let places: Vec<_> = (1..=kinds.len()).map(|number| format!("${number}")).collect();
        let insert = format!("INSERT INTO {table} ({columns}) VALUES ({})", places.join(", "));
        let select = AssertSqlSafe(format!("SELECT {columns} FROM {table}{of_somebody}"));
        let mut rows = sqlx::query(select).fetch(&mut *from);
        while let Some(row) = rows.try_next().await? {
            put(to, AssertSqlSafe(insert.clone()), &row, kinds).await?;
        }
    }
    Ok(())
}

/// Nobody's row is everywhere.
fn of_somebody(table: &str) -> &'static str {
    if table == "codes" { " WHERE row <> 0" } else { "" }
}

async fn refuse_rows(database: &mut AnyConnection, table: &str) -> Result<(), DatabaseError> {
    let of_somebody = of_somebody(table);
    let count = AssertSqlSafe(format!("SELECT count(*) FROM {table}{of_somebody}"));
    let there: i64 = sqlx::query_scalar(count).fetch_one(database).await?;
    if there == 0 { Ok(()) } else { Err(DatabaseError::Occupied) }
}

async fn put(
    to: &mut AnyConnection,
    insert: AssertSqlSafe<String>,
    row: &AnyRow,
    kinds: &[Kind],
) -> Result<(), DatabaseError> {
    let mut query = sqlx::query(insert);
    for (place, kind) in kinds.iter().enumerate() {
        query = match kind {
            Kind::Number => query.bind(row.try_get::<i64, usize>(place)?),
            Kind::Bytes => query.bind(row.try_get::<Vec<u8>, usize>(place)?),
            Kind::PerhapsBytes => query.bind(row.try_get::<Option<Vec<u8>>, usize>(place)?),
        };
    }
    query.execute(to).await?;
    Ok(())
}
