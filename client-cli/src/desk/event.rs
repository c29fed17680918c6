//! What the journal tells of: every action by its name.

use serde_json::Value;

/// What was decided or happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// The desk was made.
    Init,
    PolicySet,
    ProfileChanged,
    MirrorAdded,
    MirrorRemoved,
    Report,
    ReportWithdrawn,
    CaseOpened,
    Reminded,
    CodeReissued,
    CaseClosed,
    /// An upload failed a check.
    UploadRefused,
    /// An upload passed every check.
    Reviewed,
    /// Somebody has rejected an upload.
    Rejected,
    /// Something of a case waits for the next release.
    Released,
    /// Nothing of a case waits any more.
    TakenOut,
    Published,
    Withdrawn,
    /// What waited for a release time is in the log.
    Release,
    /// The log had a case's notice that this desk did not know of.
    FoundInLog,
    Proposed,
    Approved,
    ProposalRejected,
    /// Others approve from now on, or more or fewer of them.
    Operators,
    KeysRotated,
    HandoverCancelled,
    DeskTakenOver,
    LogRestored,
    PatientEnabled,
    PatientOpened,
    PatientClosed,
    /// A told visit's case has another window.
    WindowChosen,
    /// The clock key was written out for another machine.
    ClockExported,
    WitnessAdded,
    WitnessRemoved,
    /// The log is published with more or fewer witnesses from now on.
    WitnessQuorum,
    /// The keys were sealed with a passphrase, or with another one.
    KeysProtected,
    /// A command signs with one of the keys from now on.
    KeyWithCommand,
    /// One of the keys is in the key file again.
    KeyInFile,
    /// One of the keys was written out for a token.
    KeyExported,
}

/// The names in the journal. They are on disks, and stay.
const NAMES: [(Event, &str); 40] = [
    (Event::Init, "init"),
    (Event::PolicySet, "policy-set"),
    (Event::ProfileChanged, "profile-changed"),
    (Event::MirrorAdded, "mirror-added"),
    (Event::MirrorRemoved, "mirror-removed"),
    (Event::Report, "report"),
    (Event::ReportWithdrawn, "report-withdrawn"),
    (Event::CaseOpened, "case-opened"),
    (Event::Reminded, "reminded"),
    (Event::CodeReissued, "code-reissued"),
    (Event::CaseClosed, "case-closed"),
    (Event::UploadRefused, "upload-refused"),
    (Event::Reviewed, "reviewed"),
    (Event::Rejected, "rejected"),
    (Event::Released, "released"),
    (Event::TakenOut, "taken-out"),
    (Event::Published, "published"),
    (Event::Withdrawn, "withdrawn"),
    (Event::Release, "release"),
    (Event::FoundInLog, "found-in-log"),
    (Event::Proposed, "proposed"),
    (Event::Approved, "approved"),
    (Event::ProposalRejected, "proposal-rejected"),
    (Event::Operators, "operators"),
    (Event::KeysRotated, "keys-rotated"),
    (Event::HandoverCancelled, "handover-cancelled"),
    (Event::DeskTakenOver, "desk-taken-over"),
    (Event::LogRestored, "log-restored"),
    (Event::PatientEnabled, "patient-enabled"),
    (Event::PatientOpened, "patient-opened"),
    (Event::PatientClosed, "patient-closed"),
    (Event::WindowChosen, "window-chosen"),
    (Event::ClockExported, "clock-exported"),
    (Event::WitnessAdded, "witness-added"),
    (Event::WitnessRemoved, "witness-removed"),
    (Event::WitnessQuorum, "witness-quorum"),
    (Event::KeysProtected, "keys-protected"),
    (Event::KeyWithCommand, "key-with-command"),
    (Event::KeyInFile, "key-in-file"),
    (Event::KeyExported, "key-exported"),
];

/// An event, what it is about, and the details.
pub(super) struct Noted {
    pub(super) event: Event,
    pub(super) subject: String,
    pub(super) details: Value,
}

impl Event {
    /// Its name in the journal.
    pub(super) fn as_str(self) -> &'static str {
        NAMES.iter().find(|(event, _)| *event == self).map_or("", |(_, name)| name)
    }

    /// The event of this name; `None` where a version of another time has written it.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(event, _)| *event)
    }

    /// The event, about a case, a report, a proposal or the desk.
    pub(super) fn about(self, subject: &str, details: Value) -> Noted {
        Noted { event: self, subject: subject.to_owned(), details }
    }

    /// Whether it changes what is told for a case, now or at the next release.
    pub(super) const fn changes_notice(self) -> bool {
        matches!(
            self,
            Self::Published | Self::Withdrawn | Self::Released | Self::TakenOut | Self::FoundInLog
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_one_name_and_every_name_one_event() {
        // [CLI-9]
        for (number, (event, name)) in NAMES.iter().enumerate() {
            // The table is in the order of the enum and leaves none out.
            assert_eq!(*event as usize, number, "{name}");
            assert_eq!(event.as_str(), *name);
            assert_eq!(Event::named(name), Some(*event));
        }
        assert_eq!(Event::KeyExported as usize + 1, NAMES.len(), "the last one");
        assert_eq!(Event::named("no such event"), None);
    }
}
