//! Several servers that share a PostgreSQL and an S3-compatible bucket, both of them real.

mod bucket;
mod cost;
mod full;
mod kept;
mod many;
mod moved;
pub(crate) mod same;
mod services;
mod slow;
mod weed;
