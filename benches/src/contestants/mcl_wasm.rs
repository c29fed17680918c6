//! mcl as WebAssembly: node runs `node/trials.cjs` and is asked for one share at a time.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use noren::hazmat::CheckInRecord;
use serde::Deserialize;
use serde_json::json;

use super::{Contestant, Kind, Pass};
use crate::Result;
use crate::workload::{Share, Workload};

/// What node needs in its folder.
const FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("../../node/package.json")),
    ("package-lock.json", include_str!("../../node/package-lock.json")),
    ("trials.cjs", include_str!("../../node/trials.cjs")),
];

/// A version of the npm package `mcl-wasm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The one that CrowdNotifier's TypeScript implementation pins.
    Reference,
    /// The newest.
    Newest,
}

impl Version {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Reference, Self::Newest];

    /// The version's number.
    #[must_use]
    pub const fn number(self) -> &'static str {
        match self {
            Self::Reference => "0.7.1",
            Self::Newest => "2.4.1",
        }
    }

    /// The name under which `node/package.json` has it.
    const fn package(self) -> &'static str {
        match self {
            Self::Reference => "mcl-wasm-reference",
            Self::Newest => "mcl-wasm-newest",
        }
    }
}

/// A node process that has read the workload.
pub struct MclWasm {
    version: Version,
    node: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Answer {
    microseconds: u64,
    opened: Vec<usize>,
}

impl MclWasm {
    /// Starts node; installs the npm packages first, where they are missing.
    ///
    /// # Errors
    /// When node or npm is not there or fails.
    pub fn start(version: Version, workload: &Workload) -> Result<Self> {
        let folder = install()?;
        let mut node = Command::new("node")
            .arg(folder.join("trials.cjs"))
            .arg(version.package())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let questions = node.stdin.take().ok_or("node has no standard input")?;
        let answers = BufReader::new(node.stdout.take().ok_or("node has no standard output")?);
        let mut started = Self { version, node, questions, answers };
        let keys = workload.traces.iter().map(|trace| hex::encode(trace.key().to_bytes()));
        let records = workload.records.iter().map(CheckInRecord::sealed).map(hex::encode);
        let (keys, records): (Vec<_>, Vec<_>) = (keys.collect(), records.collect());
        started.ask(&json!({ "keys": keys, "records": records }))?;
        Ok(started)
    }

    fn ask(&mut self, question: &serde_json::Value) -> Result<Answer> {
        writeln!(self.questions, "{question}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        serde_json::from_str(&answer).map_err(|_| "node gave no answer".into())
    }
}

impl Contestant for MclWasm {
    fn kind(&self) -> Kind {
        Kind::MclWasm(self.version)
    }

    fn pass(&mut self, share: &Share) -> Result<Pass> {
        let (first, end) = (share.traces.start, share.traces.end);
        let question = json!({ "record": share.record, "first": first, "end": end });
        let Answer { microseconds, opened } = self.ask(&question)?;
        Ok(Pass { time: Duration::from_micros(microseconds), opened })
    }
}

impl Drop for MclWasm {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// The folder, beside this program, with the script and its packages.
fn install() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let folder = program.parent().unwrap_or(Path::new(".")).join("mcl-wasm");
    let installed = FILES.iter().all(|(name, text)| {
        fs::read_to_string(folder.join(name)).is_ok_and(|found| found == *text)
    }) && folder.join("node_modules").is_dir();
    if !installed {
        fs::create_dir_all(&folder)?;
        for (name, text) in FILES {
            fs::write(folder.join(name), text)?;
        }
        npm_ci(&folder)?;
    }
    Ok(folder)
}

fn npm_ci(folder: &Path) -> Result<()> {
    let output = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("npm ci: {}", said.lines().next_back().unwrap_or("failed")).into())
}
