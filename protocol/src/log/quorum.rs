//! Who has to have seen a log before a reader believes it: a C2SP tlog-policy, "n of these".

use super::{
    Origin, SignatureType, SignedCheckpoint, Witness, parse_verifier_key, witness::is_recent,
};
use crate::signing::SignPublicKey;
use crate::time::UnixSeconds;

/// Why the text of a policy was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessPolicyError {
    /// Longer than [`WitnessPolicy::MAX_LENGTH`], or more lines than a reader takes.
    #[error(
        "a policy of witnesses is at most 65536 bytes long and has at most 64 of each kind of line"
    )]
    TooLong,
    /// A byte that a policy must not have.
    #[error("a policy of witnesses is plain text")]
    NotText,
    /// A line that is none of the forms.
    #[error("line {0} of the policy is malformed")]
    Line(usize),
    /// A verifier key that is damaged or of another kind.
    #[error("the key in line {0} of the policy is no verifier key of the kind that belongs there")]
    Key(usize),
    /// A key or a name for the second time.
    #[error("line {0} of the policy repeats a key, a name or a member")]
    Repeated(usize),
    /// A name that no line before defines.
    #[error("line {0} of the policy has a name that no line before it defines")]
    Unknown(usize),
    /// A number of members below 1 or above theirs.
    #[error("line {0} of the policy asks for more members than the group has, or for none")]
    Threshold(usize),
    /// Not exactly one line that says what is asked for.
    #[error("a policy of witnesses has exactly one line `quorum`")]
    Quorum,
}

/// A group of witnesses and groups, of which so many have to have seen a log.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Witness(Witness),
    Group { least: usize, members: Vec<usize> },
}

/// Which cosignatures a reader asks for. It comes from the reader, and nothing that an authority
/// publishes changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessPolicy {
    text: String,
    logs: Vec<(Origin, SignPublicKey)>,
    rules: Vec<Rule>,
    /// The rule that has to hold; `None` where no witness is asked for.
    quorum: Option<usize>,
}

/// The most lines of each kind.
const MOST: usize = 64;

impl WitnessPolicy {
    /// The longest text in bytes.
    pub const MAX_LENGTH: usize = 65_536;

    /// Reads a C2SP tlog-policy.
    ///
    /// # Errors
    /// [`WitnessPolicyError`] with the line; never a panic, whatever the bytes.
    pub fn from_text(bytes: &[u8]) -> Result<Self, WitnessPolicyError> {
        // [LOG-21]
        if bytes.len() > Self::MAX_LENGTH {
            return Err(WitnessPolicyError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| WitnessPolicyError::NotText)?;
        if text.chars().any(|c| c.is_ascii_control() && !matches!(c, '\t' | '\n')) {
            return Err(WitnessPolicyError::NotText);
        }
        let mut reading = Reading::default();
        for (number, line) in (1..).zip(text.split('\n')) {
            let words: Vec<&str> =
                line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            reading.line(number, &words)?;
        }
        let quorum = reading.quorum.ok_or(WitnessPolicyError::Quorum)?;
        Ok(Self { text: text.to_owned(), logs: reading.logs, rules: reading.rules, quorum })
    }

    /// Makes the policy "`least` of these".
    ///
    /// # Errors
    /// [`WitnessPolicyError`] where `least` is 0 or more than there are, where one comes twice, or
    /// where there are too many.
    pub fn of(least: usize, witnesses: &[Witness]) -> Result<Self, WitnessPolicyError> {
        // [LOG-21]
        let key = |(number, witness): (usize, &Witness)| {
            format!("witness w{number} {}\n", witness.verifier_key())
        };
        let lines: String = (1..).zip(witnesses).map(key).collect();
        let names: String = (1..=witnesses.len()).map(|number| format!(" w{number}")).collect();
        let text = format!("{lines}group all-of-them {least}{names}\nquorum all-of-them\n");
        Self::from_text(text.as_bytes())
    }

    /// Returns the text that was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the logs that the policy is for; none where it is for any.
    #[must_use]
    pub fn logs(&self) -> &[(Origin, SignPublicKey)] {
        &self.logs
    }

    /// Returns the witnesses that the policy names.
    pub fn witnesses(&self) -> impl Iterator<Item = &Witness> {
        self.rules.iter().filter_map(|rule| match rule {
            Rule::Witness(witness) => Some(witness),
            Rule::Group { .. } => None,
        })
    }

    /// Returns the smallest number of witnesses that can be enough.
    #[must_use]
    pub fn fewest(&self) -> usize {
        let mut fewest: Vec<usize> = Vec::with_capacity(self.rules.len());
        for rule in &self.rules {
            fewest.push(match rule {
                Rule::Witness(_) => 1,
                Rule::Group { least, members } => {
                    let of = |member: &usize| fewest.get(*member).copied().unwrap_or(0);
                    let mut each: Vec<usize> = members.iter().map(of).collect();
                    each.sort_unstable();
                    each.iter().take(*least).sum()
                }
            });
        }
        self.quorum.and_then(|quorum| fewest.get(quorum).copied()).unwrap_or(0)
    }

    /// Returns whether enough witnesses saw a head: each once, at most `max_age` seconds before
    /// `now`, and none whose key is among `own`, the keys of whoever publishes the log.
    #[must_use]
    pub fn is_met(
        &self,
        head: &SignedCheckpoint,
        own: &[SignPublicKey],
        now: UnixSeconds,
        max_age: u64,
    ) -> bool {
        // [LOG-21]
        let mut holds: Vec<bool> = Vec::with_capacity(self.rules.len());
        for rule in &self.rules {
            holds.push(match rule {
                Rule::Witness(witness) => {
                    let seen = witness.cosigned(head.text().as_bytes());
                    !own.contains(witness.key())
                        && seen.is_some_and(|time| is_recent(time, now, max_age))
                }
                Rule::Group { least, members } => {
                    let member = |member: &&usize| holds.get(**member).copied().unwrap_or(false);
                    members.iter().filter(member).count() >= *least
                }
            });
        }
        self.quorum.is_none_or(|quorum| holds.get(quorum).copied().unwrap_or(false))
    }
}

/// A policy while its lines are read.
#[derive(Default)]
struct Reading<'a> {
    logs: Vec<(Origin, SignPublicKey)>,
    rules: Vec<Rule>,
    names: Vec<&'a str>,
    members: Vec<usize>,
    quorum: Option<Option<usize>>,
}

impl<'a> Reading<'a> {
    fn line(&mut self, number: usize, words: &[&'a str]) -> Result<(), WitnessPolicyError> {
        use WitnessPolicyError as Error;
        match words {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] | ["log", key, _] => {
                let (kind, origin, key) = parse_verifier_key(key).ok_or(Error::Key(number))?;
                if kind != SignatureType::Ed25519 {
                    return Err(Error::Key(number));
                }
                if self.logs.iter().any(|(_, known)| *known == key) {
                    return Err(Error::Repeated(number));
                }
                self.logs.push((origin, key));
                if self.logs.len() > MOST { Err(Error::TooLong) } else { Ok(()) }
            }
            ["witness", name, key] | ["witness", name, key, _] => {
                let witness = Witness::from_verifier_key(key).ok_or(Error::Key(number))?;
                // A key is one witness, whatever it calls itself.
                let same = |rule: &Rule| matches!(rule, Rule::Witness(known) if known.key() == witness.key());
                if self.rules.iter().any(same) {
                    return Err(Error::Repeated(number));
                }
                self.define(number, name, Rule::Witness(witness))
            }
            ["group", name, least, members @ ..] => {
                let mut places = Vec::new();
                for member in members {
                    let place = self.place(number, member)?;
                    // Each counts in one way only.
                    if self.members.contains(&place) {
                        return Err(Error::Repeated(number));
                    }
                    self.members.push(place);
                    places.push(place);
                }
                let least = match *least {
                    "all" => places.len(),
                    "any" => 1,
                    digits => {
                        let least: usize = digits.parse().map_err(|_| Error::Line(number))?;
                        if least.to_string() != digits {
                            return Err(Error::Line(number));
                        }
                        least
                    }
                };
                if least == 0 || least > places.len() {
                    return Err(Error::Threshold(number));
                }
                self.define(number, name, Rule::Group { least, members: places })
            }
            ["quorum", name] => {
                if self.quorum.is_some() {
                    return Err(Error::Quorum);
                }
                let asked = (*name != "none").then(|| self.place(number, name)).transpose()?;
                self.quorum = Some(asked);
                Ok(())
            }
            _ => Err(Error::Line(number)),
        }
    }

    fn define(
        &mut self,
        number: usize,
        name: &'a str,
        rule: Rule,
    ) -> Result<(), WitnessPolicyError> {
        if name == "none" || self.names.contains(&name) {
            return Err(WitnessPolicyError::Repeated(number));
        }
        if self.rules.len() >= 2 * MOST {
            return Err(WitnessPolicyError::TooLong);
        }
        self.names.push(name);
        self.rules.push(rule);
        Ok(())
    }

    fn place(&self, number: usize, name: &str) -> Result<usize, WitnessPolicyError> {
        let place = self.names.iter().position(|known| *known == name);
        place.ok_or(WitnessPolicyError::Unknown(number))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log::{Checkpoint, TreeHash, verifier_key, with_cosignatures};
    use crate::signing::SignSecretKey;

    fn key(seed: u8) -> SignSecretKey {
        SignSecretKey::from_bytes(&[seed; 32])
    }

    fn name(seed: u8) -> Origin {
        Origin::new(&format!("witness.example/{seed}")).expect("a name")
    }

    fn witness(seed: u8) -> Witness {
        Witness::new(name(seed), key(seed).public_key())
    }

    fn vkey(seed: u8) -> String {
        witness(seed).verifier_key()
    }

    fn at(time: u64) -> UnixSeconds {
        UnixSeconds::new(time).expect("a time")
    }

    /// A head with cosignatures of these witnesses, each with its time.
    fn head(by: &[(u8, u64)]) -> SignedCheckpoint {
        let origin = Origin::new("health.example/log").expect("an origin");
        let checkpoint = Checkpoint { origin: origin.clone(), size: 9, root: TreeHash([9; 32]) };
        let lines: Vec<String> = by
            .iter()
            .map(|(seed, time)| checkpoint.cosign(&name(*seed), &key(*seed), at(*time)))
            .collect();
        let note = checkpoint.sign(&(&key(200)).into(), at(1_000_000)).expect("signed");
        let note = with_cosignatures(&note, &lines).expect("a note");
        let log = key(200).public_key().into();
        SignedCheckpoint::verify(note.as_bytes(), &origin, &log).expect("signed")
    }

    fn is_met(policy: &str, by: &[(u8, u64)], own: &[u8]) -> bool {
        let policy = WitnessPolicy::from_text(policy.as_bytes()).expect("a policy");
        let own: Vec<_> = own.iter().map(|seed| key(*seed).public_key()).collect();
        policy.is_met(&head(by), &own, at(1_000_000), 1_000)
    }

    #[test]
    fn n_of_these_are_asked_for_each_once_and_none_of_the_log_itself() {
        // [LOG-21]
        let of = |least| WitnessPolicy::of(least, &[witness(1), witness(2), witness(3)]);
        let two = of(2).expect("a policy").text().to_owned();
        assert_eq!(of(0), Err(WitnessPolicyError::Threshold(4)));
        assert_eq!(of(4), Err(WitnessPolicyError::Threshold(4)));
        let twice = WitnessPolicy::of(1, &[witness(1), witness(1)]);
        assert_eq!(twice, Err(WitnessPolicyError::Repeated(2)));
        let now = 1_000_000;
        assert!(is_met(&two, &[(1, now), (3, now)], &[]));
        assert!(is_met(&two, &[(1, now), (2, now), (3, now)], &[]));
        assert!(!is_met(&two, &[(1, now)], &[]));
        assert!(!is_met(&two, &[(1, now), (9, now)], &[]), "a stranger");
        assert!(!is_met(&two, &[(1, now), (1, now)], &[]), "one twice");
        assert!(!is_met(&two, &[(1, now), (2, now)], &[2]), "the log's own key");
        assert!(!is_met(&two, &[(1, now), (2, now - 1_001)], &[]), "too long ago");
        assert!(is_met(&two, &[(1, now), (2, now - 1_000)], &[]));
        assert!(!is_met(&two, &[(1, now), (2, now + 301)], &[]), "from the future");
        assert!(is_met("quorum none\n", &[], &[]));
    }

    #[test]
    fn groups_of_groups_are_counted() {
        // [LOG-21]
        let policy = format!(
            "# two houses\nwitness A1 {}\n\twitness A2 {} https://a.example\nwitness B1 {}\n\
             group A 2 A1 A2\ngroup both all A B1\nquorum both\n",
            vkey(1),
            vkey(2),
            vkey(3)
        );
        let fewest =
            |text: &str| WitnessPolicy::from_text(text.as_bytes()).expect("a policy").fewest();
        assert_eq!(fewest(&policy), 3);
        assert_eq!(fewest(&policy.replace("both all", "both any")), 1);
        assert_eq!(fewest(&policy.replace("quorum both", "quorum A")), 2);
        assert_eq!(fewest(&policy.replace("quorum both", "quorum none")), 0);
        let now = 1_000_000;
        assert!(is_met(&policy, &[(1, now), (2, now), (3, now)], &[]));
        assert!(!is_met(&policy, &[(1, now), (3, now)], &[]));
        assert!(!is_met(&policy, &[(1, now), (2, now)], &[]));
    }

    #[test]
    fn every_other_policy_is_refused_with_its_line() {
        // [LOG-21]
        use WitnessPolicyError as Error;
        let (one, two) = (vkey(1), vkey(2));
        let log = verifier_key(SignatureType::Ed25519, &name(1), &key(1).public_key());
        let renamed = Witness::new(name(5), key(1).public_key()).verifier_key();
        for (text, expected) in [
            (String::new(), Error::Quorum),
            (format!("witness a {one}\n"), Error::Quorum),
            ("quorum none\nquorum none\n".to_owned(), Error::Quorum),
            ("quorum a\n".to_owned(), Error::Unknown(1)),
            (format!("quorum a\nwitness a {one}\n"), Error::Unknown(1)),
            (format!("witness a {log}\nquorum a\n"), Error::Key(1)),
            (format!("witness a {one}x\nquorum a\n"), Error::Key(1)),
            (format!("witness a {one}\nwitness a {two}\nquorum a\n"), Error::Repeated(2)),
            (format!("witness a {one}\nwitness b {renamed}\nquorum a\n"), Error::Repeated(2)),
            (format!("witness none {one}\nquorum none\n"), Error::Repeated(1)),
            (format!("witness a {one}\ngroup g 2 a\nquorum g\n"), Error::Threshold(2)),
            (format!("witness a {one}\ngroup g 0 a\nquorum g\n"), Error::Threshold(2)),
            (format!("witness a {one}\ngroup g all\nquorum g\n"), Error::Threshold(2)),
            (format!("witness a {one}\ngroup g 01 a\nquorum g\n"), Error::Line(2)),
            (format!("witness a {one}\ngroup g 1 a a\nquorum g\n"), Error::Repeated(2)),
            (format!("witness a {one}\ngroup g 1 b\nquorum g\n"), Error::Unknown(2)),
            (format!("witness a {one}\ngroup g 1 a\ngroup h 1 a\nquorum g\n"), Error::Repeated(3)),
            ("weakness a\nquorum none\n".to_owned(), Error::Line(1)),
            ("quorum none\r\n".to_owned(), Error::NotText),
            ("#".repeat(WitnessPolicy::MAX_LENGTH + 1), Error::TooLong),
        ] {
            assert_eq!(WitnessPolicy::from_text(text.as_bytes()), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_policy_from_outside_stops_a_reader(text in "(witness|group|quorum|log|all| |\t|\n|a|1|\\+){0,40}") {
            // [LOG-21]
            let _ = WitnessPolicy::from_text(text.as_bytes());
        }
    }
}
