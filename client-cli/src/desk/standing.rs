//! Which notice stands for an hour of an entry code.
//!
//! For each hour the latest entry of the log counts, whichever case it came from. So a case's entries
//! carry, for each hour, the notice that says most of all that stand for it; and two notices of which
//! neither says all that the other does cannot stand for one hour.

use std::collections::BTreeSet;
use std::rc::Rc;

use anyhow::bail;
use noren::authority::{Review, Trace, VerifiedPreTrace};
use noren::messages::{Layout, Level, Notice, NoticeDetails};
use noren::time::{Hour, Window};

use super::Desk;
use super::case_file::{CaseFile, Publication};
use super::patient::window;
use super::review::review_case;
use crate::times;

/// What a withdrawal says to programs that know no levels.
const WITHDRAWN: &str = "An earlier notice about this visit was a mistake.";

/// Refuses notices that would take back what another case's notice says and they do not; `after` is
/// what each case has once they are published.
pub(super) fn check<'d>(
    desk: &'d Desk<'_>,
    notices: &[(&str, &Publication)],
    after: impl Fn(&'d CaseFile) -> Option<&'d Publication>,
) -> anyhow::Result<()> {
    // [PUB-6]
    let all: Vec<(&CaseFile, &Publication)> =
        desk.cases().iter().filter_map(|case| Some((case, after(case)?))).collect();
    for (case, notice) in notices {
        for (other, standing) in &all {
            let apart = |hour: &&Hour| {
                standing.warns_of(&notice.entry_code, **hour)
                    && !standing.says_all_of(notice, **hour)
                    && !notice.says_all_of(standing, **hour)
            };
            let Some(hour) = notice.hours.iter().find(apart) else { continue };
            // [PAT-12] No venue is asked for a visit: the authority chooses its window.
            let wider = window::command(&desk.case(case)?, notice.window, standing.window);
            let wider = wider.map_or_else(
                || "Open one case for a window that holds both".to_owned(),
                |wider| format!("`{wider}` gives the first a window that holds both"),
            );
            bail!(
                "cases {case} and {} are about one entry code, and both warn of the hour from {}: \
                 {} and {}. One notice would take the other back. {wider}, or leave the hour out \
                 with --from and --to{}",
                other.id,
                times::show_named(hour.start()),
                notice.shown(),
                standing.shown(),
                if notice.level == standing.level { "" } else { ", or change the level" }
            );
        }
    }
    Ok(())
}

/// What the entry of one hour is going to say, and whose upload has the hour's key.
pub(crate) struct Said {
    pub(crate) review: Rc<Review>,
    pub(crate) notice: Notice,
    pub(super) hour: Hour,
    /// Whether the notice is the case's own, and not another one's that is carried along.
    pub(super) is_own: bool,
    layout: Layout,
}

impl Said {
    /// The entries of this hour.
    pub(super) fn traces(&self, desk: &Desk<'_>) -> anyhow::Result<Vec<Trace>> {
        let trace =
            |key: &VerifiedPreTrace| Ok(key.trace(&self.notice, self.layout, &mut desk.rng())?);
        self.keys().map(trace).collect()
    }

    /// The keys that go out for it.
    pub(super) fn keys(&self) -> impl Iterator<Item = &VerifiedPreTrace> {
        self.review.pre_traces.iter().filter(|each| each.hour() == self.hour)
    }
}

/// What is said for these hours of a case: for each hour the notice that says most of all that stand
/// for it when they are published, be it another case's, and where none does, the end of the case's
/// own.
pub(super) fn said<'d>(
    desk: &'d Desk<'_>,
    (case, review, own): (&CaseFile, Review, &Publication),
    hours: BTreeSet<Hour>,
    after: impl Fn(&'d CaseFile) -> Option<&'d Publication>,
) -> anyhow::Result<Vec<Said>> {
    let review = Rc::new(review);
    let (mut standing, mut mine) = (Vec::<(Rc<Review>, Publication)>::new(), None);
    for other in desk.cases() {
        let Some(notice) = after(other).filter(|each| each.entry_code == own.entry_code) else {
            continue;
        };
        let notice = notice.clone();
        if other.id == case.id {
            mine = Some((Rc::clone(&review), notice));
        } else if hours.iter().any(|hour| notice.hours.contains(hour)) {
            match review_case(desk, other) {
                Ok(Ok(found)) => standing.push((Rc::new(found), notice)),
                // [CLI-16] Where the other's upload is lost, this one's has the keys of the same hours,
                // for its own window.
                _ => {
                    standing.extend(notice.window.overlap(review.window).map(|window| {
                        (Rc::clone(&review), Publication { window, ..notice.clone() })
                    }))
                }
            }
        }
    }
    // Of two that say the same, its own.
    standing.extend(mine);
    let own_review = Rc::clone(&review);
    let of_hour = |hour| {
        let here = standing.iter().filter(|(_, notice)| notice.hours.contains(&hour));
        let most = here.max_by_key(|(_, notice)| (notice.level, notice.seconds_in(hour)));
        // [PUB-3] [PUB-6]
        let (review, notice, layout) = match most {
            Some((review, most)) => (review, most.notice(most.level, &most.message), most.layout()),
            None => (&review, own.notice(Level::Withdrawn, WITHDRAWN), own.layout()),
        };
        let is_own = Rc::ptr_eq(review, &own_review);
        Said { review: Rc::clone(review), notice, hour, is_own, layout }
    };
    Ok(hours.into_iter().map(of_hour).collect())
}

impl Publication {
    fn warns_of(&self, entry_code: &[u8; 32], hour: Hour) -> bool {
        self.entry_code == *entry_code && self.hours.contains(&hour)
    }

    /// Whether everybody in this hour whom the other notice warns is warned by this one, and as
    /// seriously.
    fn says_all_of(&self, other: &Self, hour: Hour) -> bool {
        self.level >= other.level
            && other.in_hour(hour).is_none_or(|within| self.window.contains(within))
    }

    fn in_hour(&self, hour: Hour) -> Option<Window> {
        Window::new(hour.start(), hour.end()).ok()?.overlap(self.window)
    }

    fn seconds_in(&self, hour: Hour) -> u64 {
        self.in_hour(hour).map_or(0, Window::seconds)
    }

    pub(crate) fn shown(&self) -> String {
        format!("{} for {}", self.level.name(), times::show_window(self.window))
    }

    fn notice(&self, level: Level, message: &str) -> Notice {
        let (names_venue, names_date) = (self.names_venue, self.names_date);
        let details = Some(NoticeDetails { level, names_venue, names_date });
        Notice { window: Some(self.window), message: message.to_owned(), details }
    }

    const fn layout(&self) -> Layout {
        if self.without_times { Layout::WithoutTimes } else { Layout::WithTimes }
    }
}
