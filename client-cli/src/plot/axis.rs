//! An axis that begins at 0 and has round, whole numbers.

/// An axis. What is drawn on it may be finer than its numbers: seconds on an axis of days.
pub(crate) struct Axis {
    step: u64,
    last: u64,
    /// How many of what is drawn make up one number.
    parts: u64,
}

impl Axis {
    /// An axis on which `most` has its place, with at most so many steps.
    pub(crate) fn up_to(most: u64, steps: u64) -> Self {
        Self::up_to_parts(most, 1, steps)
    }

    /// The same for what is measured in parts of its numbers.
    pub(crate) fn up_to_parts(most: u64, parts: u64, steps: u64) -> Self {
        let numbers = most.div_ceil(parts).max(1);
        let mut power = 1_u64;
        loop {
            for step in [1, 2, 5].map(|round| power.saturating_mul(round)) {
                let needed = numbers.div_ceil(step);
                if needed <= steps {
                    return Self { step, last: step.saturating_mul(needed), parts };
                }
            }
            power = power.saturating_mul(10);
        }
    }

    /// The numbers at the axis.
    pub(crate) fn ticks(&self) -> impl Iterator<Item = u64> {
        (0..=self.last / self.step).map(|number| number * self.step)
    }

    /// A number of the axis in the parts that are drawn.
    pub(crate) const fn in_parts(&self, number: u64) -> u64 {
        number.saturating_mul(self.parts)
    }

    /// How far from the axis' beginning something is drawn when the axis has this length.
    pub(crate) fn place(&self, value: u64, length: u64) -> u64 {
        let end = u128::from(self.in_parts(self.last));
        let place = u128::from(value) * u128::from(length) / end;
        u64::try_from(place).map_or(length, |place| place.min(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_everything() {
        for (most, steps, ticks) in [
            (0, 3, vec![0, 1]),
            (1, 3, vec![0, 1]),
            (3, 3, vec![0, 1, 2, 3]),
            (4, 3, vec![0, 2, 4]),
            (11, 3, vec![0, 5, 10, 15]),
            (61, 3, vec![0, 50, 100]),
        ] {
            let axis = Axis::up_to(most, steps);
            assert_eq!(axis.ticks().collect::<Vec<_>>(), ticks, "{most}");
            assert!(axis.place(most, 1_000) <= 1_000);
        }
        assert_eq!(Axis::up_to(u64::MAX, 3).place(u64::MAX, 1_000), 1_000);
    }

    #[test]
    fn seconds_find_their_place_on_an_axis_of_days() {
        let axis = Axis::up_to_parts(86_401, 86_400, 8);
        assert_eq!(axis.ticks().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(axis.place(86_400, 1_000), 500);
        assert_eq!(axis.place(axis.in_parts(2), 1_000), 1_000);
    }
}
