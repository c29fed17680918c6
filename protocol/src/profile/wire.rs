//! What the versions of a profile write in different forms.

use std::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{ProfileError, sign_key};
use crate::log::LogKeys;
use crate::messages::Part;
use crate::time::UnixSeconds;

/// The keys of a log: one in version 1, two in later ones.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum WireKeys {
    One(ByteBuf),
    Two(ByteBuf, ByteBuf),
}

impl WireKeys {
    pub(super) fn new(keys: LogKeys, are_two: bool) -> Self {
        let log = ByteBuf::from(keys.log.as_bytes());
        if are_two { Self::Two(log, ByteBuf::from(keys.clock.as_bytes())) } else { Self::One(log) }
    }

    pub(super) const fn are_two(&self) -> bool {
        matches!(self, Self::Two(..))
    }

    pub(super) fn read(&self, log: Part, clock: Part) -> Result<LogKeys, ProfileError> {
        match self {
            Self::One(key) => Ok(sign_key(log, key)?.into()),
            Self::Two(key, other) => {
                Ok(LogKeys { log: sign_key(log, key)?, clock: sign_key(clock, other)? })
            }
        }
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = WireKeys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keys")
    }

    fn visit_bytes<E: Error>(self, key: &[u8]) -> Result<WireKeys, E> {
        Ok(WireKeys::One(ByteBuf::from(key)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut keys: A) -> Result<WireKeys, A::Error> {
        match (keys.next_element()?, keys.next_element()?) {
            (Some(log), Some(clock)) => Ok(WireKeys::Two(log, clock)),
            _ => Err(A::Error::custom("keys")),
        }
    }
}

impl<'de> Deserialize<'de> for WireKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeysVisitor)
    }
}

/// When a profile was issued: in version 3 with the index of its entry in the log.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum WireIssued {
    At(UnixSeconds),
    InLog(UnixSeconds, u64),
}

impl WireIssued {
    pub(super) fn new(issued: UnixSeconds, log_index: Option<u64>) -> Self {
        log_index.map_or(Self::At(issued), |index| Self::InLog(issued, index))
    }

    pub(super) const fn read(&self) -> (UnixSeconds, Option<u64>) {
        match self {
            Self::At(issued) => (*issued, None),
            Self::InLog(issued, index) => (*issued, Some(*index)),
        }
    }
}

struct IssuedVisitor;

impl<'de> Visitor<'de> for IssuedVisitor {
    type Value = WireIssued;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("times")
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<WireIssued, E> {
        UnixSeconds::new(seconds).map(WireIssued::At).map_err(|_| E::custom("times"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<WireIssued, A::Error> {
        match (parts.next_element()?, parts.next_element()?) {
            (Some(issued), Some(index)) => Ok(WireIssued::InLog(issued, index)),
            _ => Err(A::Error::custom("times")),
        }
    }
}

impl<'de> Deserialize<'de> for WireIssued {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IssuedVisitor)
    }
}
