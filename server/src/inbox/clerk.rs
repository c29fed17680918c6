//! The clerk who stores what comes in at the venue's door: real and dummy alike, all that wait
//! together in one transaction, and nobody longer than a few seconds.

use std::time::{Duration, Instant};

use noren::messages::CodeHash;
use noren::time::{Day, UnixSeconds};
use rand::seq::SliceRandom as _;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, Row as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::places::{self, Content, free_place, noise, put, received_day};
use super::{Arrival, Receipt};
use crate::database::{Database, DatabaseError, Line};

/// Uploads that may wait; 16 MiB of them. [API-21]
const WAITING: usize = 256;
/// Uploads that are stored in one transaction.
const TOGETHER: usize = 32;
/// How long an upload waits for its turn. [API-21]
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a sender waits for the answer, the transaction included.
const ANSWER: Duration = Duration::from_secs(15);

struct Waiting {
    arrival: Arrival,
    now: UnixSeconds,
    since: Instant,
    answer: oneshot::Sender<Result<Receipt, DatabaseError>>,
}

/// The way to the clerk. It stops when nobody holds one any more.
#[derive(Debug, Clone)]
pub(super) struct Clerk(mpsc::Sender<Waiting>);

impl Clerk {
    pub(super) fn start(database: Database) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(work(database, receiver));
        Self(sender)
    }

    /// Hands an arrival over and waits until it is durable. Once begun it is carried to its end.
    pub(super) async fn receive(
        &self,
        arrival: Arrival,
        now: UnixSeconds,
    ) -> Result<Receipt, DatabaseError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { arrival, now, since: Instant::now(), answer };
        // [API-21] An early refusal, the same for dummies.
        self.0.try_send(waiting).map_err(|_| DatabaseError::Busy)?;
        let answer = timeout(ANSWER, answered).await.map_err(|_| DatabaseError::Busy)?;
        answer.map_err(|_| DatabaseError::Closed)?
    }
}

async fn work(database: Database, mut receiver: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while receiver.recv_many(&mut waiting, TOGETHER).await > 0 {
        // Nor does the order inside a transaction follow that of the arrivals.
        waiting.shuffle(&mut rand::rng());
        let (due, late): (Vec<_>, Vec<_>) =
            waiting.drain(..).partition(|waiting| waiting.since.elapsed() < PATIENCE);
        for late in late {
            let _ = late.answer.send(Err(DatabaseError::Busy));
        }
        if !due.is_empty() {
            answer(&database, due).await;
        }
    }
}

/// Stores a batch and answers each sender.
async fn answer(database: &Database, batch: Vec<Waiting>) {
    match store_all(database, &batch).await {
        Ok(receipts) => {
            for (waiting, receipt) in batch.into_iter().zip(receipts) {
                let _ = waiting.answer.send(Ok(receipt));
            }
        }
        Err(error) => {
            let busy = matches!(error, DatabaseError::Busy);
            for waiting in batch {
                let error = if busy { DatabaseError::Busy } else { DatabaseError::Together };
                let _ = waiting.answer.send(Err(error));
            }
        }
    }
}

async fn store_all(database: &Database, batch: &[Waiting]) -> Result<Vec<Receipt>, DatabaseError> {
    let mut work = database.write(Line::Inbox).await?;
    let connection = work.on()?;
    let mut receipts = Vec::with_capacity(batch.len());
    for waiting in batch {
        match receive_one(connection, &waiting.arrival, waiting.now).await {
            Ok(receipt) => receipts.push(receipt),
            Err(error) => return work.finish(Err(error)).await,
        }
    }
    if receipts.contains(&Receipt::Received) {
        // [API-11] The answers wait for this.
        work.finish(Ok(receipts)).await
    } else {
        work.leave().await?;
        Ok(receipts)
    }
}

/// Whether a code admits a body now.
enum Admission {
    /// The row of the code.
    Store(i64),
    Stored,
    Refuse,
}

async fn receive_one(
    connection: &mut AnyConnection,
    arrival: &Arrival,
    now: UnixSeconds,
) -> Result<Receipt, DatabaseError> {
    // [API-5] Real or not, the same statements run over rows of the same size: a code is looked for,
    // a free place is found, and the place and the row of a code are overwritten. A dummy, and a body
    // that is there already, write random bytes, and to the row that is nobody's.
    let code = if arrival.chaff { None } else { arrival.code };
    let code = code.unwrap_or_else(|| CodeHash::from_bytes(rand::random()));
    let body_hash: [u8; 32] = Sha256::digest(&arrival.body).into();
    let admission = admission(connection, code, body_hash, now).await?;
    let noise = noise();
    let (row, content) = match admission {
        Admission::Store(row) => {
            let content = Content {
                taken: true,
                id: rand::random(),
                code_hash: *code.as_bytes(),
                body_hash,
                received_day: received_day(Day::containing(now)),
                body: &arrival.body,
            };
            (row, content)
        }
        Admission::Stored => (0, Content::filler(&noise)),
        Admission::Refuse if arrival.chaff => (0, Content::filler(&noise)),
        Admission::Refuse => return Ok(Receipt::Refused),
    };
    // [API-4] Of any number at once, on any server, the database lets one through.
    if write(connection, row, &content).await? {
        Ok(Receipt::Received)
    } else {
        Ok(Receipt::Refused)
    }
}

/// Writes what a dummy writes.
pub(super) async fn write_dummy(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    write(connection, 0, &Content::filler(&noise())).await.map(drop)
}

/// Uses the code of a row and fills a place; returns whether the code was still to be used.
async fn write(
    connection: &mut AnyConnection,
    row: i64,
    content: &Content<'_>,
) -> Result<bool, DatabaseError> {
    let place = free_place(connection).await?;
    let sql = "UPDATE codes SET used = 1, noise = $2 WHERE row = $1 AND (used = 0 OR row = 0)
               RETURNING row";
    let used: Option<i64> = sqlx::query_scalar(sql)
        .bind(row)
        .bind(&rand::random::<[u8; 16]>()[..])
        .fetch_optional(&mut *connection)
        .await?;
    if used.is_some() {
        put(connection, place, content).await?;
    }
    Ok(used.is_some())
}

async fn admission(
    connection: &mut AnyConnection,
    code: CodeHash,
    body_hash: [u8; 32],
    now: UnixSeconds,
) -> Result<Admission, DatabaseError> {
    let sql = "SELECT row, expires, used FROM codes WHERE code_hash = $1";
    let known =
        sqlx::query(sql).bind(&code.as_bytes()[..]).fetch_optional(&mut *connection).await?;
    let stored = places::of_case(connection, code).await?;
    let Some(known) = known else { return Ok(Admission::Refuse) };
    let (row, expires, used): (i64, i64, i64) =
        (known.try_get(0)?, known.try_get(1)?, known.try_get(2)?);
    // [API-4] Single use; a retry of what is stored is the same use.
    Ok(match (used, stored) {
        (0, _) if now.as_i64() < expires => Admission::Store(row),
        (1, Some((_, hash))) if hash == body_hash => Admission::Stored,
        _ => Admission::Refuse,
    })
}
