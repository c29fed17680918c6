//! Where Noren refuses, on purpose, what the recorded reference accepts.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// One deliberate difference. Each check decides by what the case contains, never by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stricter {
    /// A key that is the identity of its group. [IBE-3]
    IdentityPoint,
    /// A secret key that is zero. [IBE-1]
    ZeroScalar,
    /// A point of the curve outside the subgroup of prime order. The reference's order check is
    /// always true, because no order is set. [IBE-3]
    OutsideSubgroup,
    /// Bytes after a point or a scalar. [IBE-1] [IBE-2]
    TrailingBytes,
    /// An entry code of a version other than 3. [MSG-1]
    VersionNot3,
    /// An entry code without a master public key. [MSG-4]
    MissingKey,
    /// An entry code without a seed. [MSG-4]
    MissingSeed,
    /// A visit that ends before it begins. [TIME-4]
    DepartureBeforeArrival,
    /// A proof whose nonces are not those of the payload. [REV-7]
    ForeignNonces,
    /// A notification key that is not the payload's. [REV-7]
    ForeignNotificationKey,
    /// An hour that begins where the claimed window ends. [TIME-4] [REV-6]
    HourOutsideWindow,
    /// A claimed window that reaches beyond what the authority asked for. [REV-3]
    WindowBeyondCase,
    /// A proof with a key pair of the sender's own, on another's payload. [REV-5]
    AttackerKeyPair,
    /// An interval that starts at no full hour. [REV-6]
    HourNotAligned,
    /// A visit and a window that touch. [MAT-3] Not in the recorded file, where none do.
    TouchingOverlap,
    /// A visit of more than 12 hours. [VIS-4] Not in the recorded file.
    VisitTooLong,
}

impl Stricter {
    /// The differences that a test holds to be met in the recorded vectors.
    pub(crate) const RECORDED: [Self; 14] = [
        Self::IdentityPoint,
        Self::ZeroScalar,
        Self::OutsideSubgroup,
        Self::TrailingBytes,
        Self::VersionNot3,
        Self::MissingKey,
        Self::MissingSeed,
        Self::DepartureBeforeArrival,
        Self::ForeignNonces,
        Self::ForeignNotificationKey,
        Self::HourOutsideWindow,
        Self::WindowBeyondCase,
        Self::AttackerKeyPair,
        Self::HourNotAligned,
    ];
}

/// How often each difference was met.
#[derive(Debug, Default)]
pub(crate) struct Met(RefCell<BTreeMap<Stricter, usize>>);

impl Met {
    /// Notes a difference.
    pub(crate) fn note(&self, difference: Stricter) {
        *self.0.borrow_mut().entry(difference).or_default() += 1;
    }

    /// The differences met and how often.
    pub(crate) fn counts(&self) -> BTreeMap<Stricter, usize> {
        self.0.borrow().clone()
    }
}
