//! Everything that can be done at the desk, and what comes of it.

use std::path::PathBuf;

use noren::keys::SignSecretKey;
use noren::passphrase::Passphrase;
use noren::time::{UnixSeconds, Window};

use super::approvals::{self, OperatorKey, ProposalState};
use super::at_work::AtWork;
use super::batch::Refusal;
use super::case_file::CaseFile;
use super::cases::{self, Asked, ClosedCase, OpenedCase};
use super::codes::Rejected;
use super::patient::{self, ClosedPatient, OpenedPatient, PatientReviewed};
use super::publish::{self, Published};
use super::release::{self, SentRelease};
use super::reports::{self, NewReport, TakenReport};
use super::resolution::Resolution;
use super::restore_log::{self, RestoredLog};
use super::review::{self, Reviewed};
use super::rotate::{self, Rotated};
use super::signing::{self, SigningKey};
use super::take_over::{self, TakenOver};
use super::{Desk, clock, key_file, mirrors, policy, profile, witnesses};
use crate::signing_command::SigningCommand;

/// What somebody at the desk wants done. Cases and the like are named by their id or its beginning,
/// lives of codes are in seconds.
pub(crate) enum Action {
    /// Keep a report.
    TakeReport(NewReport),
    WithdrawReport(String),
    OpenCase {
        venue: String,
        asked: Asked,
        life: u64,
    },
    Remind(String),
    ReissueCase {
        case: String,
        life: u64,
    },
    CloseCase(String),
    /// Fetch a case's upload and make every check.
    Review(String),
    RejectUpload {
        case: String,
        reason: String,
    },
    OpenPatient {
        since: Option<UnixSeconds>,
        life: u64,
    },
    /// Fetch a visitor's upload, make every check, and make a case of each of these visits.
    ReviewPatient {
        patient: String,
        visits: Vec<usize>,
        /// The window of their cases; absent where the policy gives it.
        window: Option<Window>,
    },
    RejectPatient {
        patient: String,
        reason: String,
    },
    ReissuePatient {
        patient: String,
        life: u64,
    },
    ClosePatient(String),
    /// Do this, or propose it where operators have to approve it.
    Resolve(Resolution),
    /// Add an operator's approval; with the last one that is needed, do what was proposed.
    Approve {
        id: String,
        key: OperatorKey,
    },
    RejectProposal {
        id: String,
        key: OperatorKey,
    },
    /// Put a policy in force without handing the profile to the server.
    SetPolicyHere(String),
    /// Change the profile, or propose it where operators have to approve it.
    ChangeProfile {
        name: Option<String>,
        url: Option<String>,
        push: bool,
    },
    AddMirror(String),
    RemoveMirror(String),
    /// Ask a witness about every head from now on.
    AddWitness {
        key: String,
        url: String,
    },
    /// Ask the one of this name, key or address no longer.
    RemoveWitness(String),
    /// Publish only with so many cosignatures.
    SetWitnessQuorum(usize),
    /// Send what waits for the last release time, with so many entries in one append at most.
    Release {
        most_entries: usize,
    },
    /// Sign the log anew.
    Heartbeat {
        /// Although it was signed later than this machine's clock says.
        clock_is_right: bool,
    },
    /// Seal the keys with this passphrase.
    Protect(Passphrase),
    /// Write the clock key to this file, for another machine; with a command that signs there, the command
    /// in its place.
    ExportClock {
        out: PathBuf,
        command: Option<SigningCommand>,
    },
    /// Write a key to this file, for a token.
    ExportKey {
        key: SigningKey,
        out: PathBuf,
    },
    /// Let a command sign with a key.
    UseCommand {
        key: SigningKey,
        command: SigningCommand,
    },
    /// Take a key back into the key file.
    UseKeyFile {
        key: SigningKey,
        secret: SignSecretKey,
    },
    /// Give up a handover of keys that the server has refused.
    CancelHandover,
    /// Make this the desk that signs.
    TakeOver {
        /// Although a larger log was signed from this machine than anybody shows.
        unseen: bool,
    },
    /// Give the log back to a server that has lost it.
    RestoreLog {
        to: Option<String>,
    },
}

/// What came of an action.
pub(crate) enum Done {
    ReportTaken(Box<TakenReport>),
    /// The report's id.
    ReportWithdrawn(String),
    CaseOpened(Box<OpenedCase>),
    Reminded(Box<CaseFile>),
    CaseClosed(ClosedCase),
    Reviewed(Box<Reviewed>),
    Rejected(Rejected),
    PatientOpened(Box<OpenedPatient>),
    PatientReviewed(PatientReviewed),
    PatientClosed(ClosedPatient),
    /// It waits for approvals.
    Proposed(Box<ProposalState>),
    /// The proposal's id.
    ProposalRejected(String),
    Published(Published),
    /// Nothing is published, since an upload fails review.
    Refused(Box<Refusal>),
    /// Who approves from now on, and how many have to.
    Operators {
        names: Vec<String>,
        approvals: usize,
    },
    /// The policy that the desk has now is in force.
    PolicySet,
    /// The desk has this profile now.
    ProfileChanged,
    /// Where else the log is looked at has changed.
    MirrorsChanged,
    /// Who is asked to cosign has changed.
    WitnessesChanged,
    KeysRotated(Rotated),
    /// Whether the file holds the key.
    ClockExported {
        with_key: bool,
    },
    KeysProtected,
    /// Where the keys that sign are has changed.
    SigningKeys,
    KeyExported,
    /// Whether a handover was under way.
    HandoverCancelled(bool),
    /// Whether patient cases were not taken before.
    PatientEnabled(bool),
    ReleaseSent(SentRelease),
    TakenOver(TakenOver),
    LogRestored(RestoredLog),
}

impl Desk<'_> {
    /// Does something. What was cut off is finished by doing it again.
    pub(crate) fn perform(&mut self, action: Action) -> anyhow::Result<Done> {
        match action {
            Action::TakeOver { .. } => self.at_work = AtWork::Yes,
            _ => self.be_at_work()?,
        }
        let opened = |opened| Done::CaseOpened(Box::new(opened));
        let patient_opened = |opened| Done::PatientOpened(Box::new(opened));
        match action {
            Action::TakeReport(new) => {
                reports::take(self, &new).map(|taken| Done::ReportTaken(Box::new(taken)))
            }
            Action::WithdrawReport(report) => {
                reports::withdraw(self, &report).map(Done::ReportWithdrawn)
            }
            Action::OpenCase { venue, asked, life } => {
                cases::open_as_asked(self, &venue, &asked, life).map(opened)
            }
            Action::Remind(case) => {
                cases::remind(self, &case).map(|case| Done::Reminded(Box::new(case)))
            }
            Action::ReissueCase { case, life } => cases::reissue(self, &case, life).map(opened),
            Action::CloseCase(case) => cases::close(self, &case).map(Done::CaseClosed),
            Action::Review(case) => {
                review::look(self, &case).map(|reviewed| Done::Reviewed(Box::new(reviewed)))
            }
            Action::RejectUpload { case, reason } => {
                review::reject(self, &case, &reason).map(Done::Rejected)
            }
            Action::OpenPatient { since, life } => {
                patient::open(self, since, life).map(patient_opened)
            }
            Action::ReviewPatient { patient, visits, window } => {
                patient::review(self, &patient, &visits, window).map(Done::PatientReviewed)
            }
            Action::RejectPatient { patient, reason } => {
                patient::reject(self, &patient, &reason).map(Done::Rejected)
            }
            Action::ReissuePatient { patient, life } => {
                patient::reissue(self, &patient, life).map(patient_opened)
            }
            Action::ClosePatient(patient) => {
                patient::close(self, &patient).map(Done::PatientClosed)
            }
            Action::Resolve(resolution) => resolve(self, resolution),
            Action::Approve { id, key } => approve(self, &id, &key),
            Action::RejectProposal { id, key } => {
                approvals::reject_proposal(self, &id, &key).map(Done::ProposalRejected)
            }
            Action::SetPolicyHere(toml) => {
                self.check_needs_no_approval()?;
                policy::put_in_force(self, &toml, false).map(|()| Done::PolicySet)
            }
            Action::ChangeProfile { name, url, push } => change_profile(self, name, url, push),
            Action::AddMirror(url) => mirrors::add(self, &url).map(|()| Done::MirrorsChanged),
            Action::RemoveMirror(url) => mirrors::remove(self, &url).map(|()| Done::MirrorsChanged),
            Action::AddWitness { key, url } => {
                witnesses::add(self, &key, &url).map(|()| Done::WitnessesChanged)
            }
            Action::RemoveWitness(named) => {
                witnesses::remove(self, &named).map(|()| Done::WitnessesChanged)
            }
            Action::SetWitnessQuorum(quorum) => {
                witnesses::set_quorum(self, quorum).map(|()| Done::WitnessesChanged)
            }
            Action::Release { most_entries } => {
                release::run(self, most_entries).map(Done::ReleaseSent)
            }
            Action::Heartbeat { clock_is_right } => {
                publish::heartbeat(self, clock_is_right).map(Done::Published)
            }
            Action::Protect(new) => key_file::protect(self, &new).map(|()| Done::KeysProtected),
            Action::ExportClock { out, command } => {
                let with_key = command.is_none();
                clock::export(self, &out, command).map(|()| Done::ClockExported { with_key })
            }
            Action::ExportKey { key, out } => {
                signing::export(self, key, &out).map(|()| Done::KeyExported)
            }
            Action::UseCommand { key, command } => {
                signing::use_command(self, key, command).map(|()| Done::SigningKeys)
            }
            Action::UseKeyFile { key, secret } => {
                signing::use_file(self, key, secret).map(|()| Done::SigningKeys)
            }
            Action::CancelHandover => rotate::cancel_next(self).map(Done::HandoverCancelled),
            Action::TakeOver { unseen } => take_over::run(self, unseen).map(Done::TakenOver),
            Action::RestoreLog { to } => {
                restore_log::run(self, to.as_deref()).map(Done::LogRestored)
            }
        }
    }

    /// Whether a resolution was agreed on and begun before, and only has to be finished.
    pub(crate) fn has_begun(&self, resolution: &Resolution) -> bool {
        match resolution {
            Resolution::RotateKeys => self.is_handing_over(),
            Resolution::EnablePatient => patient::enable::has_begun(self),
            _ => false,
        }
    }
}

/// Does it, or proposes it where operators have to approve first. What was begun was approved.
fn resolve(desk: &mut Desk<'_>, resolution: Resolution) -> anyhow::Result<Done> {
    // [CLI-11]
    if desk.settings.approvals == 0 || desk.has_begun(&resolution) {
        return execute(desk, &resolution);
    }
    approvals::propose(desk, resolution).map(|state| Done::Proposed(Box::new(state)))
}

fn change_profile(
    desk: &mut Desk<'_>,
    name: Option<String>,
    url: Option<String>,
    push: bool,
) -> anyhow::Result<Done> {
    if desk.settings.approvals > 0 {
        return resolve(desk, Resolution::Profile { name, url });
    }
    profile::change(desk, push, name.as_deref(), url.as_deref())?;
    Ok(Done::ProfileChanged)
}

fn approve(desk: &mut Desk<'_>, id: &str, key: &OperatorKey) -> anyhow::Result<Done> {
    // [CLI-11]
    let (state, enough) = approvals::approve(desk, id, key)?;
    if !enough {
        return Ok(Done::Proposed(Box::new(state)));
    }
    let done = execute(desk, &state.proposal.resolution)?;
    approvals::forget(desk, &state.proposal)?;
    Ok(done)
}

/// Does what was agreed on.
fn execute(desk: &mut Desk<'_>, resolution: &Resolution) -> anyhow::Result<Done> {
    match resolution {
        Resolution::Publish { .. } | Resolution::Withdraw { .. } => {
            let published = publish::execute(desk, resolution)?;
            Ok(match published {
                Ok(published) => Done::Published(published),
                Err(refusal) => Done::Refused(Box::new(refusal)),
            })
        }
        Resolution::Operators { approvals, operators } => {
            let names = approvals::settle(desk, *approvals, operators)?;
            Ok(Done::Operators { names, approvals: *approvals })
        }
        Resolution::Policy { toml } => {
            policy::put_in_force(desk, toml, true).map(|()| Done::PolicySet)
        }
        Resolution::Profile { name, url } => {
            profile::change(desk, true, name.as_deref(), url.as_deref())?;
            Ok(Done::ProfileChanged)
        }
        Resolution::RotateKeys => rotate::execute(desk).map(Done::KeysRotated),
        Resolution::EnablePatient => patient::enable::execute(desk).map(Done::PatientEnabled),
    }
}
