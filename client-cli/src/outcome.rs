//! How a command ends.

/// What a command found, where it was asked a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done, or yes.
    Yes,
    /// Done, and the answer is no.
    No,
    /// Something failed, and was told.
    Failed,
    /// An authority's log is refused, which was told.
    Refused,
}

/// The answer, or why there is none.
pub(crate) type Outcome = anyhow::Result<Answer>;
