//! From black and white to the texts of codes, with bounded work: a picture can hold a hundred
//! thousand finder patterns, and each three of them could be a code.

use rxing::common::BitMatrix;
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{
    FindFinderPatterns, FinderPatternSet, GenerateFinderPatternSets, SampleQR,
};

/// The most places in one look that may be the middle of a finder pattern. Photographs have some
/// hundreds.
const MOST_PLACES: usize = 8_000;
/// The most finder patterns of one look; the largest count.
const MOST_PATTERNS: usize = 200;
/// How many of the largest patterns are tried before all of them.
const LARGEST: usize = 12;
/// The most threes of patterns that are tried in one look, and in all looks at a picture.
const MOST_TRIALS: (usize, usize) = (400, 1_600);
/// Which rows are looked at, as the decoder does it.
const EVERY: u32 = 3;

/// What a picture may still cost, at all sizes and in every light together.
pub struct Work {
    trials: usize,
}

impl Work {
    /// For one of many frames: the next one comes at once.
    #[must_use]
    pub const fn for_frame() -> Self {
        Self { trials: MOST_TRIALS.0 }
    }

    /// For a picture, of which there is no other.
    #[must_use]
    pub const fn for_picture() -> Self {
        Self { trials: MOST_TRIALS.1 }
    }
}

/// The texts of all codes in a matrix, each once, as far as the work allows.
pub(crate) fn codes_in_matrix(matrix: &BitMatrix, work: &mut Work) -> Vec<String> {
    // [CLI-27]
    let mut found = Vec::new();
    if matrix.height() < EVERY || places(matrix) > MOST_PLACES {
        return found;
    }
    let mut patterns = FindFinderPatterns(matrix, true, 0);
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.size));
    patterns.truncate(MOST_PATTERNS);
    let mut largest = patterns.iter().take(LARGEST).copied().collect();
    let first = GenerateFinderPatternSets(&mut largest);
    let all = GenerateFinderPatternSets(&mut patterns);
    let (mut used, mut trials) = (Vec::new(), MOST_TRIALS.0);
    for three in first.into_iter().chain(all) {
        let FinderPatternSet { bl, tl, tr } = three;
        if [bl, tl, tr].iter().any(|pattern| used.contains(pattern)) {
            continue;
        }
        if trials == 0 || work.trials == 0 {
            break;
        }
        trials -= 1;
        work.trials -= 1;
        if let Some(text) = text(matrix, &three) {
            used.extend([bl, tl, tr]);
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

fn text(matrix: &BitMatrix, three: &FinderPatternSet) -> Option<String> {
    let sampled = SampleQR(matrix, three).ok()?;
    let decoded = Decode(rxing::common::DetectorRXingResult::getBits(&sampled)).ok()?;
    decoded.isValid().then(|| decoded.text())
}

/// How often dark and light alternate in a row about as 1 : 1 : 3 : 1 : 1.
fn places(matrix: &BitMatrix) -> usize {
    let mut count = 0;
    for y in (EVERY - 1..matrix.height()).step_by(EVERY as usize) {
        let (mut runs, mut dark, mut length) = ([0_u32; 5], false, 0);
        for x in 0..matrix.width() {
            if matrix.get(x, y) == dark {
                length += 1;
                continue;
            }
            if dark {
                count += usize::from(is_finder(push(&mut runs, length)));
            } else {
                push(&mut runs, length);
            }
            (dark, length) = (!dark, 1);
        }
        if dark {
            count += usize::from(is_finder(push(&mut runs, length)));
        }
    }
    count
}

const fn push(runs: &mut [u32; 5], length: u32) -> &[u32; 5] {
    *runs = [runs[1], runs[2], runs[3], runs[4], length];
    runs
}

/// As the decoder's first look, and no stricter.
fn is_finder(runs: &[u32; 5]) -> bool {
    let [one, two, middle, four, five] = *runs;
    one > 0 && middle >= 3 && middle >= 2 * one.max(five) && middle >= two.max(four)
}

#[cfg(test)]
mod tests {
    use super::*;
    use qrcode::QrCode;

    /// Finder patterns of so many pixels a module, as close as they go, and perhaps a code.
    fn wall(side: u32, module: u32, code: Option<&str>) -> BitMatrix {
        let mut matrix = BitMatrix::new(side, side).expect("a matrix");
        let is_dark = |x: u32, y: u32| {
            let (x, y) = (x / module % 9, y / module % 9);
            let ring = x.abs_diff(3).max(y.abs_diff(3));
            x < 7 && y < 7 && ring != 2
        };
        let pixels = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        pixels.filter(|(x, y)| is_dark(*x, *y)).for_each(|(x, y)| matrix.set(x, y));
        if let Some(text) = code {
            let code = QrCode::new(text).expect("a code");
            let modules = u32::try_from(code.width()).expect("a width");
            let colors = code.to_colors();
            // With its quiet zone of four modules.
            for (x, y) in
                (0..8 * (modules + 8)).flat_map(|y| (0..8 * (modules + 8)).map(move |x| (x, y)))
            {
                let inside = |at: u32| (at / 8).checked_sub(4).filter(|at| *at < modules);
                let dark = inside(x).zip(inside(y)).is_some_and(|(x, y)| {
                    colors[(y * modules + x) as usize] == qrcode::Color::Dark
                });
                if dark { matrix.set(x, y) } else { matrix.unset(x, y) }
            }
        }
        matrix
    }

    #[test]
    fn a_wall_of_finder_patterns_costs_no_more_than_is_allowed() {
        // [CLI-27]
        for (side, module) in [(600, 1), (600, 3), (1_200, 2), (2_400, 1), (2_400, 4), (2_400, 12)]
        {
            let mut work = Work::for_picture();
            for _ in 0..20 {
                let before = work.trials;
                assert!(codes_in_matrix(&wall(side, module, None), &mut work).is_empty());
                assert!(before - work.trials <= MOST_TRIALS.0, "{side} {module}");
                if before == work.trials {
                    break;
                }
            }
        }
    }

    #[test]
    fn a_code_among_finder_patterns_is_still_read() {
        // [CLI-27]
        let mut work = Work::for_picture();
        let found = codes_in_matrix(&wall(900, 2, Some("here")), &mut work);
        assert_eq!(found, ["here"]);
        let found = codes_in_matrix(&wall(2_400, 1, Some("here")), &mut work);
        assert!(found.is_empty(), "too many places to look at each");
    }
}
