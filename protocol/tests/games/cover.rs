//! Whoever has the log and everything public tries every equation on a batch, and learns neither
//! which entries are cover nor how many are not.

use std::collections::BTreeMap;

use noren::authority::{Cover, Trace, covered_entries};
use noren::hazmat::PreparedMasterPublicKey;
use noren::keys::MasterSecretKey;
use noren::messages::{EntryCode, PublishedTrace};
use prost::Message;

use super::patient_cases::{told, town, venue};
use super::town::{HOUR, NOON, ProblematicEvent, Town, hour, matches, share, window};

const COVER: Cover = Cover { multiple: 4, days: 2 };

/// What the observer of a log can say of one entry: everything that does not depend on the entry's
/// own random bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Looks {
    day: i64,
    length: usize,
    lengths: [usize; 4],
    /// Under which of the public master keys the identity key is one, by the pairing.
    masters: Vec<bool>,
    /// How many other entries share six bytes with it, or satisfy an equation together with it.
    relations: usize,
}

/// Anybody: knows the profile's patient master key and the codes that hang at some doors.
struct Observer {
    masters: Vec<PreparedMasterPublicKey>,
}

impl Observer {
    fn new(town: &Town, codes: &[&EntryCode]) -> Self {
        let one = MasterSecretKey::from_bytes(&[&[1][..], &[0; 31]].concat()).expect("one");
        let mut keys = vec![one.public_key()];
        keys.extend(town.authority.patient_public_key());
        keys.extend(codes.iter().map(|code| *code.master_public_key()));
        // Sums as well: a relation between master keys would show in them.
        let sums = (1..keys.len()).filter_map(|i| keys[0].sum(&keys[i]).ok());
        let sums: Vec<_> = sums.chain(keys[1].sum(&keys[keys.len() - 1]).ok()).collect();
        keys.extend(sums);
        Self { masters: keys.iter().map(noren::keys::MasterPublicKey::prepare).collect() }
    }

    /// How many entries of a batch look in which way.
    fn looks(&self, batch: &[Vec<u8>]) -> BTreeMap<Looks, usize> {
        let mut looks = BTreeMap::new();
        for one in batch {
            *looks.entry(self.look(one, batch)).or_default() += 1;
        }
        looks
    }

    fn look(&self, entry: &[u8], batch: &[Vec<u8>]) -> Looks {
        let trace = PublishedTrace::from_bytes(entry).expect("a trace");
        let fields = ProblematicEvent::decode(entry).expect("a trace");
        let identity = trace.identity().as_bytes();
        let related = |other: &&Vec<u8>| {
            let other_trace = PublishedTrace::from_bytes(other).expect("a trace");
            let equation = |mpk: &PreparedMasterPublicKey| {
                mpk.is_master_of(trace.key(), other_trace.identity().as_bytes())
            };
            self.masters[..2].iter().any(equation)
                || share(&parts(&fields), &parts(&decode(other)), 6)
        };
        Looks {
            day: fields.day,
            length: entry.len(),
            lengths: [
                fields.identity.len(),
                fields.secret_key_for_identity.len(),
                fields.encrypted_associated_data.len(),
                fields.cipher_text_nonce.len(),
            ],
            masters: self
                .masters
                .iter()
                .map(|mpk| mpk.is_master_of(trace.key(), identity))
                .collect(),
            relations: batch.iter().filter(|other| *other != entry).filter(related).count(),
        }
    }
}

fn decode(entry: &[u8]) -> ProblematicEvent {
    ProblematicEvent::decode(entry).expect("a trace")
}

fn parts(event: &ProblematicEvent) -> Vec<u8> {
    let ProblematicEvent { identity, secret_key_for_identity, .. } = event.clone();
    let rest = [&event.encrypted_associated_data[..], &event.cipher_text_nonce];
    [&identity[..], &secret_key_for_identity, &rest.concat()].concat()
}

/// What an authority publishes, and with which cover.
struct World {
    town: Town,
    traces: Vec<Trace>,
}

impl World {
    /// `basic` and `index` hours of a venue of each kind, from noon on.
    fn new(basic: u64, index: u64) -> (Self, [EntryCode; 2]) {
        let mut town = town();
        let (code, trace_code) = town.venue("Kissa Noren");
        let cafe = venue(&mut town, "Kissa");
        let mut traces = Vec::new();
        if basic > 0 {
            traces.extend(town.traces(&trace_code, window(NOON, NOON + basic * HOUR)));
        }
        if index > 0 {
            // A stay that ends on the hour touches no further hour: the window is half-open.
            traces.extend(told(&mut town, &cafe, NOON, index));
        }
        (Self { town, traces }, [code, cafe])
    }

    fn batch(&mut self, patient_key: Option<&MasterSecretKey>) -> Vec<Vec<u8>> {
        let today = hour(NOON + HOUR).day();
        let rng = &mut self.town.rng;
        covered_entries(&self.traces, Some(COVER), today, patient_key, rng).expect("a batch")
    }
}

/// What an observer sees of a batch with this many hours of each kind.
fn seen(basic: u64, index: u64, with_patient_cover: bool) -> BTreeMap<Looks, usize> {
    let (mut world, _) = World::new(basic, index);
    // The codes of other venues than those that are published: of its own, a code tells (PL2).
    let (other, _) = world.town.venue("Another place");
    let observer = Observer::new(&world.town, &[&other]);
    let key = world.town.authority.patient_key().cloned().filter(|_| with_patient_cover);
    let batch = world.batch(key.as_ref());
    observer.looks(&batch)
}

#[test]
fn no_public_equation_tells_cover_or_counts_cases_of_either_kind() {
    // [PUB-5] [PUB-7] [PAT-20]
    let nothing = seen(0, 0, true);
    assert_eq!(nothing.values().sum::<usize>(), 2 * 2 * 4, "two days, two kinds");
    assert_eq!(nothing.len(), 4, "of one day and kind all look the same: {nothing:?}");
    for (basic, index) in [(1, 0), (4, 0), (0, 1), (0, 4), (3, 2)] {
        assert_eq!(seen(basic, index, true), nothing, "{basic} basic and {index} index hours");
    }
    // More than a multiple shows as the next multiple, of that kind alone.
    let (five, six) = (seen(5, 1, true), seen(6, 0, true));
    assert_eq!(five, six);
    assert_eq!(five.values().sum::<usize>(), 2 * 2 * 4 + 4);
}

#[test]
fn the_same_observer_wins_where_cover_is_under_random_keys_alone() {
    // [PUB-7] The game can be won: this is what a patient key without cover of its own gives away.
    let nothing = seen(0, 0, false);
    assert_eq!(seen(3, 0, false), nothing, "the basic scheme's cases are covered");
    let index = seen(0, 3, false);
    assert_ne!(index, nothing);
    let told_apart: usize =
        index.iter().filter(|(looks, _)| looks.masters[1]).map(|(_, count)| count).sum();
    assert_eq!(told_apart, 3, "exactly the real ones");
}

#[test]
fn cover_under_the_index_key_opens_no_record_and_stands_in_no_order() {
    // [PUB-4] [PUB-7]
    let (mut world, [code, cafe]) = World::new(2, 2);
    let key = world.town.authority.patient_key().cloned();
    let mut records = world.town.visit(&code, NOON, NOON + 600);
    records.extend(world.town.visit(&cafe, NOON, NOON + 600));
    let real: Vec<Vec<u8>> = world.traces.iter().map(Trace::to_bytes).collect();
    let mut first_is_real = 0;
    for _ in 0..32 {
        let batch = world.batch(key.as_ref());
        assert!(real.iter().all(|entry| batch.contains(entry)));
        assert_eq!(matches(&records, &batch), 2);
        first_is_real += usize::from(real.contains(&batch[0]));
    }
    // One in four by chance; the generator's seed is fixed.
    assert!((2..20).contains(&first_is_real), "{first_is_real} of 32");
}

#[test]
fn every_day_that_either_kind_touches_has_cover_of_both() {
    // [PUB-7]
    let (mut world, _) = World::new(0, 1);
    let key = world.town.authority.patient_key().cloned();
    let later = hour(NOON + 30 * 24 * HOUR).day();
    let observer = Observer::new(&world.town, &[]);
    let rng = &mut world.town.rng;
    let batch = covered_entries(&world.traces, Some(COVER), later, key.as_ref(), rng);
    let looks = observer.looks(&batch.expect("a batch"));
    let counts: Vec<usize> = looks.values().copied().collect();
    assert_eq!(counts, [4; 6], "three days, two kinds: {looks:?}");
}
