//! The tests of the interface once more, over PostgreSQL and a bucket: the same tests, and this program
//! again with the services in its environment.

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use noren_server::Config;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::services::{Place, keys, services};

const POSTGRES: &str = "NOREN_TEST_POSTGRES";
const BUCKET: &str = "NOREN_TEST_BUCKET";

/// What does not look into the folder.
const SAME: [&str; 6] = [
    "api::feed::",
    "api::for_authority::",
    "api::log::",
    "api::retention::what_another_server",
    "api::turn::",
    "api::uploads::",
];

/// What does: tests of the folder and of the file.
const OF_THE_FOLDER: [&str; 10] = [
    "a_failing_disk_loses_nothing",
    "after_a_failure_the_disk_says",
    "what_a_crash_left_beyond_the_checkpoint",
    "the_feed_survives_a_restart_and_the_loss",
    "a_dummy_is_answered_like_an_upload_and_leaves_nothing",
    "a_dummy_leaves_no_row_behind",
    "an_upload_reaches_the_authority_and_goes_when_it_is_deleted",
    "codes_are_stored_as_hashes_only",
    "malformed_dummies_and_uploads_are_refused_alike",
    "what_nobody_fetches_is_deleted_after_the_retention",
];

/// Has a test's server use the services, if this run is about them.
pub(crate) async fn on_services(config: &mut Config) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let (Ok(postgres), Ok(endpoint)) = (std::env::var(POSTGRES), std::env::var(BUCKET)) else {
        return;
    };
    let name = format!("same{}", NEXT.fetch_add(1, Ordering::SeqCst));
    let mut connection = PgConnection::connect(&format!("{postgres}/postgres")).await.unwrap();
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
    let database = format!("{postgres}/{name}");
    let (database, bucket) = Place { database, endpoint, prefix: name }.settings();
    config.database = Some(database);
    config.bucket = Some(bucket);
    noren_server::migrate(config).await.unwrap();
}

#[test]
fn the_interface_is_the_same_over_postgresql_and_a_bucket() {
    // [API-40] [API-41] [API-42]
    let Some(services) = services() else { return };
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.args(SAME).args(["--test-threads", "4"]);
    for name in OF_THE_FOLDER {
        tests.args(["--skip", name]);
    }
    tests.envs(keys()).env(POSTGRES, services.postgres_url());
    tests.env(BUCKET, format!("http://{}", services.bucket_address()));
    let output = tests.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    // A name that no test has any more would pass.
    let passed = text.lines().filter(|line| line.ends_with("... ok")).count();
    assert!(passed >= 35, "{passed} of\n{text}");
}
