//! What the server bears beside nginx, and how many uploads beside the disk.
//! `cargo run --profile dist -p noren-benches --bin load -- NOREN-SERVER [workers=N] [passes=N]
//! [only=TEXT]`; with `only`, just the cells whose names hold the text, and no page is renewed.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use noren_benches::Result;
use noren_benches::load::bare;
use noren_benches::load::process::{memory, processor_seconds};
use noren_benches::load::site::{Served, Site};
use noren_benches::load::wrk::{Load, run};
use noren_benches::race::median;
use noren_benches::report::{Report, table};

const FILES: [(&str, &str); 5] = [
    ("checkpoint", "/checkpoint"),
    ("hash tile", "/tile/0/000"),
    ("bundle", "/tile/entries/000"),
    ("profile", "/v1/authority"),
    ("feed", "/v3/traceKeys"),
];
const CONNECTIONS: [usize; 4] = [1, 10, 100, 1_000];
/// Entries of the log: a full bundle and tile, and a feed of a quiet two hours.
const ENTRIES: usize = 300;
/// Entries of a log that is longer than what the server keeps in memory: 69 MB.
const MANY: usize = 100_096;
const BUNDLES: usize = MANY / 256;
/// Bytes of an upload.
const UPLOAD: usize = 65_536;
const SYNCS: usize = 200;

struct Settings {
    program: PathBuf,
    workers: usize,
    passes: usize,
    only: Option<String>,
}

fn main() -> Result<()> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    if let [name, addr, workers, root] = &words[..]
        && name == "hyper-alone"
    {
        return bare::serve(addr.parse()?, Path::new(root), workers.parse()?);
    }
    let settings = Settings::from_arguments()?;
    let reads = reads(&settings)?;
    if settings.only.is_some() {
        eprintln!("{reads}");
        return Ok(());
    }
    let text = [reads, memories(&settings)?, uploads(&settings)?].join("\n");
    Report::of_this_crate()?.write("load", &text)
}

impl Settings {
    fn from_arguments() -> Result<Self> {
        let mut arguments = std::env::args().skip(1);
        let program = arguments.next().ok_or("the path of noren-server")?;
        let program = std::fs::canonicalize(program)?;
        let mut settings = Self { program, workers: 2, passes: 5, only: None };
        for argument in arguments {
            match argument.split_once('=') {
                Some(("workers", number)) => settings.workers = number.parse()?,
                Some(("passes", number)) => settings.passes = number.parse()?,
                Some(("only", text)) => settings.only = Some(text.to_owned()),
                _ => return Err(format!("{argument}: workers=N, passes=N or only=TEXT").into()),
            }
        }
        Ok(settings)
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only))
    }
}

/// What one server did in one pass.
struct Pass {
    per_second: f64,
    /// Seconds of processor time for a request.
    cost: f64,
}

fn measured(served: &Served, load: Load<'_>) -> Result<Pass> {
    let before = processor_seconds(served.id())?;
    let answers = run(served.addr, load, 1)?;
    let cost = (processor_seconds(served.id())? - before) / answers.count;
    Ok(Pass { per_second: answers.per_second, cost })
}

/// Every file with every number of connections, kept and fresh, in turns with nginx and hyper alone.
fn reads(settings: &Settings) -> Result<String> {
    let site = Site::new(ENTRIES)?;
    let noren = site.noren(&settings.program, settings.workers)?;
    let nginx = site.nginx(&noren, &FILES.map(|(_, path)| path), settings.workers)?;
    let bare = site.bare(settings.workers)?;
    for (name, path) in FILES {
        let body = noren.get(path)?;
        if body != nginx.get(path)? || body != bare.get(path)? {
            return Err(format!("the servers have different files: {name}").into());
        }
    }
    let mut rows = vec![];
    for (file, path) in FILES {
        for fresh in [false, true] {
            for connections in CONNECTIONS {
                let way = if fresh { "fresh" } else { "kept" };
                if settings.wants(&format!("{file} {way} {connections}")) {
                    let load = Load { path, connections, fresh, script: None };
                    let passes = turns([&noren, &nginx, &bare], load, settings.passes)?;
                    rows.push(row([file.into(), way.into(), connections.to_string()], &passes));
                    eprintln!("{:?}", rows.last());
                }
            }
        }
    }
    let head = [
        "file",
        "connections",
        "number",
        "requests/s",
        "nginx",
        "of nginx",
        "hyper alone",
        "processor, µs",
        "nginx",
        "of nginx",
        "hyper alone",
    ];
    let (now, most) = memory(noren.id())?;
    let [now, most] = [now, most].map(megabytes);
    Ok(format!(
        "{}\n{} workers each, {} passes of a second each in turns. Memory of the server afterwards \
         {now} MB, at most {most} MB.\n",
        table(head, rows),
        settings.workers,
        settings.passes
    ))
}

/// The servers in turns; a first pass of each is not counted.
fn turns<const N: usize>(
    servers: [&Served; N],
    load: Load<'_>,
    passes: usize,
) -> Result<[Vec<Pass>; N]> {
    let mut all = [const { vec![] }; N];
    for pass in 0..=passes {
        for (served, passes) in servers.into_iter().zip(&mut all) {
            let measured = measured(served, load)?;
            if pass > 0 {
                passes.push(measured);
            }
        }
    }
    Ok(all)
}

fn row(cell: [String; 3], [noren, nginx, bare]: &[Vec<Pass>; 3]) -> [String; 11] {
    let of =
        |passes: &[Pass], figure: fn(&Pass) -> f64| median(passes.iter().map(figure).collect());
    // In each pass all met the same machine.
    let ratio = |passes: &[Pass], figure: fn(&Pass) -> f64| {
        median(passes.iter().zip(nginx).map(|(one, nginx)| figure(one) / figure(nginx)).collect())
    };
    let (rate, cost) = (|pass: &Pass| pass.per_second, |pass: &Pass| pass.cost);
    let [file, way, number] = cell;
    [
        file,
        way,
        number,
        format!("{:.0}", of(noren, rate)),
        format!("{:.0}", of(nginx, rate)),
        format!("{:.2}", ratio(noren, rate)),
        format!("{:.2}", ratio(bare, rate)),
        format!("{:.1}", 1e6 * of(noren, cost)),
        format!("{:.1}", 1e6 * of(nginx, cost)),
        format!("{:.2}", ratio(noren, cost)),
        format!("{:.2}", ratio(bare, cost)),
    ]
}

/// Every bundle of a log that is longer than what is kept in memory.
fn memories(settings: &Settings) -> Result<String> {
    let site = Site::new(MANY)?;
    let noren = site.noren(&settings.program, settings.workers)?;
    let script = format!(
        "local n = 0
request = function()
  n = (n + 1) % {BUNDLES}
  return wrk.format('GET', string.format('/tile/entries/%03d', n))
end"
    );
    let script = site.file("bundles.lua", &script)?;
    let load = Load { path: "/", connections: 100, fresh: false, script: Some(&script) };
    let mut rows = vec![];
    for seconds in [0, 1, 10, 20] {
        let answers = if seconds > 0 { run(noren.addr, load, seconds)?.count } else { 0.0 };
        let (now, most) = memory(noren.id())?;
        rows.push([format!("{seconds}"), format!("{answers:.0}"), megabytes(now), megabytes(most)]);
    }
    let head = ["seconds", "bundles", "memory, MB", "at most, MB"];
    Ok(format!(
        "{}\n100 readers of all {BUNDLES} full bundles of a log of {MANY} entries, one after the other.\n",
        table(head, rows)
    ))
}

fn megabytes(bytes: u64) -> String {
    format!("{:.0}", bytes as f64 / 1e6)
}

/// Uploads beside the rate at which the disk makes as many bytes durable.
fn uploads(settings: &Settings) -> Result<String> {
    let site = Site::new(ENTRIES)?;
    let noren = site.noren(&settings.program, settings.workers)?;
    // A dummy: the server does the same for it as for an upload [API-5], and it needs no code.
    let script = format!(
        "wrk.method = 'POST'
wrk.body = string.rep('x', {UPLOAD})
wrk.headers['Content-Type'] = 'application/octet-stream'
wrk.headers['Upload-Ticket'] = string.rep('A', 20)
wrk.headers['X-Chaff'] = '1'"
    );
    let script = site.file("uploads.lua", &script)?;
    let mut rows = vec![];
    for connections in [1, 10, 100] {
        let load = Load { path: "/v1/uploads", connections, fresh: false, script: Some(&script) };
        let (mut uploads, mut syncs, mut costs) = (vec![], vec![], vec![]);
        for _ in 0..settings.passes {
            let pass = measured(&noren, load)?;
            uploads.push(pass.per_second);
            costs.push(pass.cost);
            syncs.push(syncs_per_second(&site.file("sync", "")?)?);
        }
        let ratio = median(uploads.iter().zip(&syncs).map(|(one, other)| one / other).collect());
        rows.push([
            connections.to_string(),
            format!("{:.0}", median(uploads)),
            format!("{:.0}", median(syncs)),
            format!("{ratio:.2}"),
            format!("{:.0}", 1e6 * median(costs)),
        ]);
    }
    let head = ["senders", "uploads/s", "syncs/s", "ratio", "processor, µs"];
    Ok(table(head, rows))
}

/// How often in a second 64 KiB of a file can be written and synced.
fn syncs_per_second(path: &Path) -> Result<f64> {
    let (mut file, bytes) = (File::create(path)?, vec![7; UPLOAD]);
    let begun = Instant::now();
    for _ in 0..SYNCS {
        file.write_all(&bytes)?;
        file.sync_data()?;
    }
    Ok(SYNCS as f64 / begun.elapsed().as_secs_f64())
}
