//! What is simulated: numbers that were seen, and assumptions, each marked as such.

use noren::authority::Policy;

/// What a batch of the prefecture's is filled up with. The policy of Osaka says nothing of it.
const COVER: &str = "\n[cover]\nmultiple = 24\ndays = 7\n";

/// A place and a time.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The name on the command line.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// Venues with a code.
    pub venues: u32,
    /// Devices.
    pub people: u32,
    /// Check-ins a day that are aimed at.
    pub check_ins_a_day: u32,
    /// Seconds that local time is ahead of UTC.
    pub utc_offset: u64,
    /// The authority's policy file.
    pub policy: String,
    /// People with a device and visits who are diagnosed each day. Assumed.
    pub patients_a_day: u32,
    /// The most venues that staff can ask in a day. Assumed.
    pub cases_a_day: usize,
    /// How often a day the authority publishes. Assumed.
    pub batches_a_day: u32,
    /// Entries a day that are no traces: what a broken or hostile authority would publish.
    pub malformed_a_day: usize,
    /// Days.
    pub days: u32,
    /// Devices in the sample that have to be warned, where nobody says otherwise.
    pub warned: usize,
    /// Devices of each kind in the sample that must not be, where nobody says otherwise.
    pub quiet: usize,
}

impl Scenario {
    /// A prefecture like Osaka: 52,000 venues and 13,000 check-ins a day were seen.
    #[must_use]
    pub fn prefecture() -> Self {
        Self {
            name: "prefecture",
            title: "A prefecture",
            venues: 52_000,
            people: 65_000,
            check_ins_a_day: 13_000,
            utc_offset: 9 * 3_600,
            policy: shipped("osaka") + COVER,
            patients_a_day: 20,
            cases_a_day: 40,
            batches_a_day: 1,
            malformed_a_day: 3,
            days: 14,
            warned: 600,
            quiet: 30,
        }
    }

    /// England and Wales in the peak week: 16.5 million active phones, 480,000 venues, two million
    /// check-ins and 163 to 205 warned venues a day were seen.
    #[must_use]
    pub fn uk() -> Self {
        Self {
            name: "uk",
            title: "The UK's peak",
            venues: 480_000,
            people: 16_500_000,
            check_ins_a_day: 2_000_000,
            utc_offset: 0,
            policy: include_str!("uk.toml").to_owned(),
            patients_a_day: 400,
            cases_a_day: 240,
            batches_a_day: 4,
            malformed_a_day: 10,
            days: 7,
            warned: 60,
            quiet: 10,
        }
    }

    /// A village, for tests.
    #[must_use]
    pub fn village() -> Self {
        Self {
            name: "village",
            title: "A village",
            venues: 12,
            people: 60,
            check_ins_a_day: 90,
            patients_a_day: 2,
            cases_a_day: 6,
            batches_a_day: 2,
            malformed_a_day: 1,
            days: 3,
            warned: 8,
            quiet: 2,
            ..Self::uk()
        }
    }
}

fn shipped(name: &str) -> String {
    let found = Policy::shipped().iter().find(|each| each.name == name);
    found.map_or_else(String::new, |each| each.toml.to_owned())
}
