//! Looks for branches and table look-ups that depend on secrets, in the compiled program.
//! `just constant-time`
//!
//! The program runs itself under valgrind's memcheck, once for each computation. There it marks the
//! secrets as undefined, and memcheck reports every jump and every address that depends on undefined
//! bytes. Needs `valgrind` with its headers (the package has the same name) and a C compiler.

use std::collections::BTreeSet;
use std::env;
use std::ffi::c_void;
use std::hint::black_box;
use std::process::{Command, ExitCode, Stdio};

use crabgrind::memcheck::{MemState, mark_mem};
use crabgrind::{RunMode, run_mode};
use noren::hazmat::{PayloadSecrets, hash_to_g1, mask_to_scalar};
use noren::ibe::encoding;
use noren::keys::MasterSecretKey;
use noren::messages::{IdentityKey, PartialIdentityKey};
use noren_benches::Result;
use noren_benches::report::table;
use rand_chacha::ChaCha20Rng;
use rand_core::{Infallible, Rng, SeedableRng as _, TryCryptoRng, TryRng};

/// How a run of this program under valgrind is told what to do: this word and a name.
const WATCHED: &str = "--watched";

/// A place that may be reported: a function among the innermost frames, how many places it accounts
/// for at most, and why they tell nothing. `spec/ibe.md` says more of each.
type Argued = (&'static str, usize, &'static str);

/// A computation with secrets.
struct Computation {
    name: &'static str,
    run: fn() -> Result<()>,
    argued: &'static [Argued],
}

/// What must be reported, or the measurement sees nothing.
const CONTROLS: [(&str, fn() -> Result<()>); 2] =
    [("control: a branch", branch_on_secret), ("control: a table", look_up_secret)];

/// blst's own branches, which go the same way for every secret. Each is the innermost frame.
const OF_BLST: [(&str, &str); 6] = [
    ("reciprocal_fp (", "an inverse is multiplied with its number, and the product is one or zero"),
    ("POINTonE1_to_affine (", "Z is one with the chance of a guessed key"),
    ("POINTonE2_to_affine (", "Z is one with the chance of a guessed key"),
    ("blst_p1_mult (", "a scalar is below r"),
    ("blst_p2_mult (", "a scalar is below r"),
    ("miller_loop_n (", "no point is the identity"),
];

const COMPUTATIONS: [Computation; 12] = [
    Computation { name: "mask_to_scalar", run: mask, argued: &[] },
    Computation { name: "hash_to_g1", run: hash, argued: &[] },
    Computation { name: "payload secrets, identity", run: identities, argued: &[] },
    Computation { name: "encrypt", run: encrypt, argued: &[] },
    Computation {
        name: "decrypt",
        run: decrypt,
        argued: &[
            ("decrypt_in_place", 2, "whether the box opens"),
            ("then_some<zeroize::Zeroizing<alloc::vec::Vec", 1, "whether c1 is the message's"),
            ("pairing (", 1, "no key is the identity"),
        ],
    },
    Computation {
        name: "generate",
        run: generate,
        argued: &[("decode_secret_scalar", 2, "a key is neither zero nor above r")],
    },
    Computation { name: "public_key", run: public_key, argued: &[] },
    Computation {
        name: "sum of master keys",
        run: sum,
        argued: &[
            ("checked_add", 1, "whether the halves cancel out"),
            ("map<noren::ibe::group::Scalar", 1, "whether the halves cancel out"),
        ],
    },
    Computation { name: "identity_key", run: extract, argued: &[] },
    Computation {
        name: "half's bytes",
        run: half_to_bytes,
        argued: &[("encode_g1", 1, "no half is the identity")],
    },
    Computation {
        name: "half from bytes",
        run: half_from_bytes,
        argued: &[("decode_g1", 4, "whether the bytes are a point of the group")],
    },
    Computation {
        name: "complete",
        run: complete,
        argued: &[
            ("sum (", 1, "whether the halves cancel out"),
            ("then_some<noren::messages::IdentityKey", 1, "whether the halves make the key"),
        ],
    },
];

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [word, name] = arguments.as_slice()
        && word == WATCHED
    {
        return run(name).map(|()| ExitCode::SUCCESS);
    }
    let mut sound = true;
    let mut rows = vec![];
    for (name, _) in CONTROLS {
        let seen = places(name)?.len();
        sound &= seen > 0;
        rows.push([name.to_owned(), format!("{seen}, as must be"), String::new(), String::new()]);
    }
    for computation in &COMPUTATIONS {
        let (found, row) = judge(computation)?;
        sound &= found == 0;
        rows.push(row);
    }
    println!("{}", table(["computation", "depend on secrets", "of blst", "argued"], rows));
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many places of a computation nothing is argued for, and its row in the table.
fn judge(computation: &Computation) -> Result<(usize, [String; 4])> {
    let (of_blst, mut others): (Vec<_>, Vec<_>) =
        places(computation.name)?.into_iter().partition(|place| is_of_blst(place));
    let mut said = vec![];
    for (function, most, why) in computation.argued {
        let before = others.len();
        let mut left = *most;
        others.retain(|place| {
            let argued = left > 0 && innermost(place, 4).any(|frame| frame.contains(function));
            left -= usize::from(argued);
            !argued
        });
        if others.len() < before {
            said.push(format!("{}: {why}", before - others.len()));
        }
    }
    for place in &others {
        eprintln!("{}: depends on a secret:\n  {}", computation.name, place.join("\n  "));
    }
    let (found, of_blst) = (others.len().to_string(), of_blst.len().to_string());
    Ok((others.len(), [computation.name.to_owned(), found, of_blst, said.join("; ")]))
}

fn is_of_blst(place: &[String]) -> bool {
    // A table that is looked up at a secret place is never argued away.
    let branch = place.first().is_some_and(|message| message.starts_with("Conditional"));
    let names = |frame: &str| OF_BLST.iter().any(|(function, _)| frame.contains(function));
    branch && innermost(place, 1).any(|frame| names(frame))
}

/// The innermost frames, after the message.
fn innermost(place: &[String], count: usize) -> impl Iterator<Item = &String> {
    place.iter().skip(1).take(count)
}

/// The places that memcheck reports, each with its message and its frames.
fn places(name: &str) -> Result<BTreeSet<Vec<String>>> {
    let output = Command::new("valgrind")
        .args(["--error-limit=no", "--num-callers=12"])
        .arg(env::current_exe()?)
        .args([WATCHED, name])
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("valgrind on {name}: {said}").into());
    }
    Ok(reports(&said))
}

/// The reports in what valgrind said: paragraphs that begin with one of its two messages.
fn reports(said: &str) -> BTreeSet<Vec<String>> {
    // Every line begins with ==PROCESS== and a space.
    let lines = said.lines().filter_map(|line| line.splitn(3, "==").nth(2)).map(str::trim);
    let lines: Vec<&str> = lines.collect();
    let paragraphs = lines.split(|line| line.is_empty());
    let messages = ["Conditional jump or move depends on uninit", "Use of uninitialised value"];
    paragraphs
        .filter(|lines| {
            lines.first().is_some_and(|first| messages.iter().any(|text| first.starts_with(text)))
        })
        .map(|lines| lines.iter().map(|line| without_address(line)).collect())
        .collect()
}

/// A frame's function and line: an unrolled loop has a place more than once.
fn without_address(frame: &str) -> String {
    match frame.split_once(" 0x").and_then(|(word, rest)| Some((word, rest.split_once(": ")?.1))) {
        Some((word, function)) => format!("{word} {function}"),
        None => frame.to_owned(),
    }
}

/// What is watched.
fn run(name: &str) -> Result<()> {
    if matches!(run_mode(), RunMode::Native) {
        return Err("not under valgrind".into());
    }
    let computations = COMPUTATIONS.iter().map(|computation| (computation.name, computation.run));
    let found = computations.chain(CONTROLS).find(|(each, _)| *each == name);
    found.ok_or_else(|| format!("nothing is called {name}"))?.1()
}

/// Marks the storage of a value as secret.
fn secret<T: ?Sized>(value: &mut T) {
    mark(value, MemState::Undefined);
}

/// Marks what may be known, such as whether a box opened.
fn public<T: ?Sized>(value: &mut T) {
    mark(value, MemState::Defined);
}

fn mark<T: ?Sized>(value: &mut T, state: MemState) {
    let length = size_of_val(value);
    let start: *mut c_void = (&raw mut *value).cast();
    // memcheck answers −1, which the crate takes for a failure: the controls say whether marks work.
    let _ = mark_mem(start, length, state);
}

/// A generator whose bytes are secret.
struct SecretRng(ChaCha20Rng);

impl SecretRng {
    fn new() -> Self {
        Self(rng())
    }
}

impl TryRng for SecretRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> std::result::Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        secret(bytes);
        Ok(())
    }
}

impl TryCryptoRng for SecretRng {}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(11)
}

/// Secret bytes that differ from call to call as `seed` does.
fn secret_bytes<const N: usize>(seed: u64) -> [u8; N] {
    let mut bytes = [0; N];
    ChaCha20Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    secret(&mut bytes);
    bytes
}

/// A master key that is secret from now on.
fn secret_key(seed: u64) -> MasterSecretKey {
    let mut key = MasterSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(seed));
    secret(&mut key);
    key
}

fn branch_on_secret() -> Result<()> {
    let [byte] = secret_bytes(1);
    for i in 0..byte & 3 {
        black_box(i);
    }
    Ok(())
}

fn look_up_secret() -> Result<()> {
    let [byte] = secret_bytes(1);
    let table: [u8; 256] = std::array::from_fn(|i| i.to_le_bytes()[0]);
    black_box(black_box(&table)[usize::from(byte)]);
    Ok(())
}

fn mask() -> Result<()> {
    // Both sides of the comparison: values below r and above.
    for seed in 0..8 {
        black_box(mask_to_scalar(&secret_bytes(seed)));
    }
    Ok(())
}

fn hash() -> Result<()> {
    for seed in 0..8 {
        black_box(hash_to_g1(&secret_bytes::<32>(seed)));
    }
    Ok(())
}

fn identities() -> Result<()> {
    let secrets = PayloadSecrets::derive(&secret_bytes::<200>(1));
    black_box(secrets.identity_at(1_700_006_400));
    Ok(())
}

fn encrypt() -> Result<()> {
    let mpk = MasterSecretKey::generate(&mut rng()).public_key().prepare();
    let (id, message) = (secret_bytes::<32>(1), secret_bytes::<300>(2));
    black_box(mpk.encrypt(&id, &message, &mut SecretRng::new())?);
    Ok(())
}

fn decrypt() -> Result<()> {
    let msk = MasterSecretKey::generate(&mut rng());
    let mut id = [7; 32];
    let ciphertext = msk.public_key().encrypt(&id, &[1; 300], &mut rng())?;
    let mut key = msk.identity_key(&id);
    secret(&mut key);
    secret(&mut id);
    let mut opened = key.decrypt(&id, &ciphertext);
    public(&mut opened);
    if opened.is_some() { Ok(()) } else { Err("the ciphertext does not open".into()) }
}

fn generate() -> Result<()> {
    black_box(MasterSecretKey::generate(&mut SecretRng::new()));
    Ok(())
}

fn public_key() -> Result<()> {
    black_box(secret_key(1).public_key());
    Ok(())
}

fn sum() -> Result<()> {
    black_box(secret_key(1).sum(&secret_key(2))?);
    Ok(())
}

fn extract() -> Result<()> {
    black_box(secret_key(1).identity_key(&secret_bytes::<32>(2)));
    Ok(())
}

fn half_to_bytes() -> Result<()> {
    let mut half = secret_key(1).partial_identity_key(b"id");
    secret(&mut half);
    black_box(half.to_bytes());
    Ok(())
}

fn half_from_bytes() -> Result<()> {
    let mut bytes: [u8; G1_LENGTH] = encode_g1(&hash_to_g1(b"a point"));
    secret(&mut bytes);
    black_box(PartialIdentityKey::from_bytes(&bytes)?);
    Ok(())
}

fn complete() -> Result<()> {
    let [venue, mut authority] =
        [1, 2].map(|seed| MasterSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(seed)));
    let mpk = venue.sum(&authority)?.public_key().prepare();
    let mut half = venue.partial_identity_key(b"id");
    secret(&mut half);
    secret(&mut authority);
    let mut key = IdentityKey::complete(&half, &authority, b"id", &mpk);
    public(&mut key);
    if key.is_some() { Ok(()) } else { Err("the halves do not make the key".into()) }
}
