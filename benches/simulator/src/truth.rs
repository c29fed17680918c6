//! Who has to be warned, from plain visits and windows alone. Nothing of the library is in here: the
//! rule is written a second time, to be held against the library's.

use std::collections::BTreeMap;

use crate::investigation::Span;
use crate::world::Visit;

/// The part of a stay that a window covers; `None` where there is none.
pub type Rule = fn(stay: Span, window: Span) -> Option<Span>;

/// The rule: half-open spans share the seconds from the later beginning to the earlier end.
#[must_use]
pub fn shared_seconds(stay: Span, window: Span) -> Option<Span> {
    let (from, to) = (stay.0.max(window.0), stay.1.min(window.1));
    (from < to).then_some((from, to))
}

/// The windows that stand in the end, and the rule.
#[derive(Debug)]
pub struct Truth<'a> {
    windows: &'a BTreeMap<u32, Vec<Span>>,
    minimum: u64,
    rule: Rule,
}

impl<'a> Truth<'a> {
    /// The truth about windows by venue; an overlap of less than `minimum` seconds is not told.
    #[must_use]
    pub fn new(windows: &'a BTreeMap<u32, Vec<Span>>, minimum: u64, rule: Rule) -> Self {
        Self { windows, minimum, rule }
    }

    /// The windows at a venue.
    #[must_use]
    pub fn windows(&self, venue: u32) -> &[Span] {
        self.windows.get(&venue).map_or(&[], Vec::as_slice)
    }

    /// When a visitor has to be told they were there, in order; empty for most.
    #[must_use]
    pub fn of(&self, visit: &Visit) -> Vec<Span> {
        let stay = (visit.arrival, visit.departure);
        let windows = self.windows(visit.venue).iter();
        let shared = windows.filter_map(|window| (self.rule)(stay, *window));
        union(shared.filter(|(from, to)| to - from >= self.minimum).collect())
    }
}

/// The same seconds in as few spans as possible.
#[must_use]
pub fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => joined.push(span),
        }
    }
    joined
}
