//! What the server and the mirrors show of the log, looked at before anything is signed.

use anyhow::{Context as _, bail};
use noren::log::{LogPosition, MAX_CLOCK_SKEW, SignedCheckpoint, bundles_needed};
use noren::time::UnixSeconds;

use super::Desk;
use super::seat::Signed;
use crate::clock::{difference, is_apart};
use crate::files;
use crate::http::Server;
use crate::log_files::LogFiles;
use crate::text::{clean, counted};
use crate::times;

const TAKE_OVER: &str = "If that was this authority's other desk, and this is the only one that is \
    at work from now on, `noren authority take-over` reads on. If nobody of this authority did \
    that, its keys are in other hands: tell whoever follows it";

/// A published head, held against what this desk has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// No head at all.
    Nothing,
    /// A smaller part of the same log.
    Behind,
    /// What was confirmed last.
    Same,
    /// What was signed and not confirmed yet.
    Pending,
    /// What was confirmed last, with a later time by the clock key.
    Renewed,
    /// More of the same log than this desk has signed.
    Ahead,
    /// Another history.
    Fork,
}

/// Where a head was looked for, and what was there.
pub(super) struct Head {
    pub(super) address: String,
    pub(super) signed: Option<SignedCheckpoint>,
    /// What time it is there, where that is said.
    pub(super) date: Option<UnixSeconds>,
}

impl Desk<'_> {
    /// The head that is published at an address, its signatures verified.
    pub(super) fn head_at(&self, address: &str) -> anyhow::Result<Head> {
        let server = Server::new(address)?;
        let answer = server.send("GET", "checkpoint", &[], None)?;
        let (address, date) = (address.to_owned(), answer.date);
        // [API-29] A checkpoint that is damaged there is none.
        if answer.status == 404 || answer.is_about_damage() {
            return Ok(Head { address, signed: None, date });
        }
        let text = server.expect(answer, 200)?;
        let profile = self.profile.profile();
        // [PRO-7] A head from before a handover is this desk's own, too.
        let signed = match SignedCheckpoint::verify(&text, &profile.origin, &profile.log_keys()) {
            Ok(signed) => signed,
            Err(error) => {
                self.profile.verify_before_handover(&text).ok_or(error).with_context(|| {
                    format!(
                        "the checkpoint at {} is refused, so nothing is signed",
                        clean(&address)
                    )
                })?
            }
        };
        Ok(Head { address, signed: Some(signed), date })
    }

    /// The server's head and those of the mirrors.
    pub(super) fn heads(&self) -> anyhow::Result<Vec<Head>> {
        // [CLI-13]
        let unseen = "what is published cannot be seen, so nothing is signed";
        let mut heads = vec![self.head_at(&self.profile.profile().url).context(unseen)?];
        for mirror in &self.settings.mirrors {
            let head = self.head_at(mirror).with_context(|| {
                format!(
                    "{unseen}: make the mirror work, or take it off the list with `noren \
                     authority mirror remove {}`",
                    clean(mirror)
                )
            })?;
            heads.push(head);
        }
        Ok(heads)
    }

    /// The entries from `position` to a head, verified; the inner `None` when they do not lead there.
    pub(super) fn entries_after(
        &self,
        position: &LogPosition,
        head: &Head,
    ) -> anyhow::Result<Option<(LogPosition, Vec<Vec<u8>>)>> {
        let Some(signed) = &head.signed else { return Ok(None) };
        let (files, damaged) = (LogFiles::new(&head.address)?, "the published log is damaged");
        let mut entries = Vec::new();
        for bundle in bundles_needed(position.range.size(), signed.checkpoint().size) {
            let (path, bytes) = files.tile(&bundle.path)?.context(damaged)?;
            entries.extend(bundle.new_entries_of(path.width(), &bytes).context(damaged)?);
        }
        // [LOG-7] [LOG-8]
        let earlier = LogPosition { timestamp: signed.timestamp(), ..position.clone() };
        Ok(earlier.advance(signed, &entries).ok().map(|after| (after, entries)))
    }

    /// Looks at everything that is published, and refuses to sign beside it. Whether the server has
    /// what was signed and not confirmed yet.
    pub(super) fn look_at_heads(&mut self) -> anyhow::Result<bool> {
        // [CLI-13] [LOG-9]
        let heads = self.heads()?;
        self.check_clock(&heads)?;
        let mut has_pending = false;
        for (number, head) in heads.iter().enumerate() {
            let seen = self.judge(head)?;
            match (number, seen) {
                (_, Seen::Ahead | Seen::Fork) => return Err(self.refuse(head, seen)?),
                (0, Seen::Nothing | Seen::Behind) if self.log.position != LogPosition::start() => {
                    return Err(self.refuse(head, seen)?);
                }
                (0, seen) => {
                    has_pending = seen == Seen::Pending;
                    self.mend_copy(head)?;
                    if let (Seen::Renewed, Some(signed)) = (seen, &head.signed) {
                        self.take_time(signed)?;
                    }
                }
                (_, Seen::Nothing | Seen::Behind) => self.say(format!(
                    "the mirror {} is behind; that is harmless",
                    clean(&head.address)
                )),
                (_, Seen::Same | Seen::Pending | Seen::Renewed) => {}
            }
        }
        Ok(has_pending)
    }

    /// Refuses to sign by a clock that contradicts those of the server and the mirrors, or what was
    /// signed last.
    fn check_clock(&self, heads: &[Head]) -> anyhow::Result<()> {
        // [CLI-41]
        let now = self.now()?;
        let other = heads
            .iter()
            .find_map(|head| Some((head, head.date?)).filter(|(_, date)| is_apart(now, *date)));
        if let Some((head, date)) = other {
            bail!(
                "nothing was signed: this machine's clock says {}, and {} answers that it is {} \
                 there; this machine's is {}. Set right whichever is wrong, and run this again; a \
                 mirror whose clock stays wrong is taken off the list with `noren authority mirror \
                 remove`",
                times::show(now),
                clean(&head.address),
                times::show(date),
                difference(now, date)
            );
        }
        // A mirror that is behind still shows what a wrong clock signed.
        let head = heads.first().and_then(|head| head.signed.as_ref());
        let last = head.map_or_else(UnixSeconds::default, SignedCheckpoint::timestamp);
        let last = last.max(self.signed()?.time);
        if last > now.plus(MAX_CLOCK_SKEW) && !self.clock_is_right {
            bail!(
                "nothing was signed: this machine's clock says {}, and this log was last signed {}; \
                 this machine's clock is {} that. If it is wrong, set it right. If it was wrong \
                 when that was signed, and is right now, say so once, and the log goes on: `noren \
                 authority heartbeat --clock-is-right`",
                times::show(now),
                times::show(last),
                difference(now, last)
            );
        }
        Ok(())
    }

    /// Refuses to give a log back whose last note every server refuses, before any of it is sent.
    pub(super) fn check_note_can_be_given(&self) -> anyhow::Result<()> {
        // [CLI-16] [CLI-41]
        let (now, last) = (self.now()?, self.signed()?.time);
        if last > now.plus(MAX_CLOCK_SKEW) {
            bail!(
                "nothing was given back: what this desk signed last is dated {}, and this machine's \
                 clock says {}, which is {} that; no server takes what is dated in the future. If \
                 this machine's clock is wrong, set it right, and run this again. If it was wrong \
                 when that was signed, run this again after {}",
                times::show(last),
                times::show(now),
                difference(now, last),
                times::show(last.minus(MAX_CLOCK_SKEW))
            );
        }
        Ok(())
    }

    pub(super) fn judge(&self, head: &Head) -> anyhow::Result<Seen> {
        let Some(signed) = &head.signed else { return Ok(Seen::Nothing) };
        if self.pending_note()?.as_deref() == Some(signed.text()) {
            return Ok(Seen::Pending);
        }
        // [LOG-15] What was signed by a clock that was ahead is no more than what was signed after it.
        let now = self.now()?;
        let is_later = |than: UnixSeconds| {
            signed.timestamp() > than && signed.timestamp() <= now.plus(MAX_CLOCK_SKEW)
        };
        let (ours, theirs) = (&self.log.position, signed.checkpoint());
        // [PRO-9] The clock key dates what this desk has signed; it signs no other tree. Each of two keys
        // in the middle of a handover has signed the tree for itself.
        let profile = self.profile.profile();
        let has_clock = profile.log_keys().are_two();
        let is_by_these_keys = |note: &str| {
            SignedCheckpoint::verify(note.as_bytes(), &profile.origin, &profile.log_keys()).is_ok()
        };
        let by_whom = self.pending_note()?.map(|note| is_by_these_keys(&note));
        let pending = self.pending_signed()?.filter(|pending| {
            pending.is_same_tree(&Signed::of(signed))
                && pending.time <= signed.timestamp()
                && by_whom == Some(is_by_these_keys(signed.text()))
        });
        if has_clock && pending.is_some() {
            return Ok(Seen::Pending);
        }
        let size = ours.range.size();
        Ok(if theirs.size > size {
            match self.entries_after(ours, head)? {
                Some(_) => Seen::Ahead,
                None => Seen::Fork,
            }
        } else if theirs.size == size && theirs.root != ours.range.root() {
            Seen::Fork
        } else if theirs.size == size && is_later(ours.timestamp) {
            if has_clock { Seen::Renewed } else { Seen::Ahead }
        } else if theirs.size == size {
            Seen::Same
        } else if self.copy.range(theirs.size)?.root() == theirs.root {
            Seen::Behind
        } else {
            Seen::Fork
        })
    }

    /// Why nothing is signed beside this head.
    pub(super) fn refuse(&self, head: &Head, seen: Seen) -> anyhow::Result<anyhow::Error> {
        let (address, ours) = (clean(&head.address), self.log_size());
        let size = head.signed.as_ref().map_or(0, |signed| signed.checkpoint().size);
        let size = counted(size, "entry");
        Ok(match seen {
            Seen::Fork => {
                let place = self.keep_evidence(head)?;
                anyhow::anyhow!(
                    "nothing was signed: {address} shows a log of {size} that is not this \
                     desk's, under this authority's signature. Another copy of this desk has \
                     signed beside it, or its keys are in other hands. Both notes are kept in \
                     {place}: they prove it to anybody. Sign nothing more, stop every copy, and \
                     call whoever runs this authority's keys"
                )
            }
            Seen::Ahead => anyhow::anyhow!(
                "nothing was signed: {address} shows a log of {size} that goes beyond what \
                 this desk has signed ({ours}). {TAKE_OVER}"
            ),
            _ => anyhow::anyhow!(
                "nothing was signed: {address} does not show the log that this desk has signed: it \
                 has {size}, of {ours}, and a log that went back is refused by every \
                 device. Give the server back its newest data, or, where they are lost, let \
                 `noren authority restore-log` give it the desk's own copy"
            ),
        })
    }

    /// Keeps both notes, each as a file that any tool for signed notes can read.
    fn keep_evidence(&self, head: &Head) -> anyhow::Result<String> {
        // [CLI-13] [LOG-8]
        let theirs = head.signed.as_ref().map(SignedCheckpoint::text);
        self.keep_notes(theirs, self.log.note.as_deref())
    }

    /// Keeps two notes that contradict each other; where they are kept.
    pub(super) fn keep_notes(
        &self,
        theirs: Option<&str>,
        ours: Option<&str>,
    ) -> anyhow::Result<String> {
        let folder = self.place.folder.join("evidence");
        files::make_private_folder(&folder)?;
        let at = self.now()?;
        for (whose, note) in [("theirs", theirs), ("ours", ours)] {
            if let Some(note) = note {
                let name = format!("{at}-{whose}.checkpoint");
                files::replace(&folder.join(name), note.as_bytes())?;
            }
        }
        Ok(folder.display().to_string())
    }

    /// Whether a head is the one that was confirmed last.
    pub(super) fn is_at(&self, head: &Head) -> bool {
        let range = &self.log.position.range;
        head.signed.as_ref().is_some_and(|signed| {
            (signed.checkpoint().size, signed.checkpoint().root) == (range.size(), range.root())
        })
    }

    /// Whether the desk's copy of the log is whole.
    pub(super) fn whole_copy(&self) -> anyhow::Result<()> {
        // [CLI-33]
        let range = &self.log.position.range;
        let whole = self.copy.range(range.size()).is_ok_and(|copy| copy == *range);
        anyhow::ensure!(
            whole,
            "the desk's own copy of the log is not whole, and nobody who was asked has it all; \
             restore the desk's folder from a backup, or name a mirror that has the log with \
             `noren authority mirror add URL`"
        );
        Ok(())
    }

    /// Makes the desk's copy of the log whole from what the server shows.
    pub(super) fn mend_copy(&self, head: &Head) -> anyhow::Result<()> {
        // [CLI-16]
        let range = &self.log.position.range;
        if self.whole_copy().is_ok() {
            return Ok(());
        }
        let unread = "the desk's copy of the log is damaged, and the server's does not mend it";
        let (_, mut entries) = self.entries_after(&LogPosition::start(), head)?.context(unread)?;
        entries.truncate(usize::try_from(range.size())?);
        self.copy.extend(0, &entries)?;
        if self.copy.range(range.size())? != *range {
            bail!(unread);
        }
        self.say("the desk's copy of the log was damaged and is whole again");
        Ok(())
    }

    /// What this desk has signed, as it knows.
    pub(super) fn signed(&self) -> anyhow::Result<Signed> {
        let position = &self.log.position;
        let confirmed =
            Signed::new(position.range.size(), position.range.root(), position.timestamp);
        Ok(self.pending_signed()?.unwrap_or(confirmed))
    }
}
