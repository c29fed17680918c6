//! The load generator: [wrk](https://github.com/wg/wrk), one thread, one path or a script.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::Result;

/// What is asked for, and how.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    /// The path, or where a script begins.
    pub path: &'a str,
    /// Connections at the same time.
    pub connections: usize,
    /// A connection for each request.
    pub fresh: bool,
    /// A script in Lua that makes the requests.
    pub script: Option<&'a Path>,
}

/// What came back.
#[derive(Debug, Clone, Copy)]
pub struct Answers {
    /// Requests that were answered.
    pub count: f64,
    /// How many of them in a second.
    pub per_second: f64,
}

/// Asks for so many seconds. Any answer but a success ends the measurement.
///
/// # Errors
/// When wrk is missing, or an answer was an error or failed.
pub fn run(addr: SocketAddr, load: Load<'_>, seconds: u64) -> Result<Answers> {
    let mut command = Command::new("wrk");
    command.args(["--threads", "1", "--timeout", "20s", "--duration", &format!("{seconds}s")]);
    command.args(["--connections", &load.connections.to_string()]);
    if load.fresh {
        command.args(["--header", "Connection: close"]);
    }
    if let Some(script) = load.script {
        command.arg("--script").arg(script);
    }
    let output = command.arg(format!("http://{addr}{}", load.path)).output();
    let output = output.map_err(|error| format!("wrk (a package of that name): {error}"))?;
    let text = String::from_utf8(output.stdout)?;
    if !output.status.success() || text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(format!("{load:?} at {addr}: {text}").into());
    }
    answers(&text).ok_or_else(|| format!("wrk said: {text}").into())
}

/// Reads `N requests in 2.00s, …` and `Requests/sec: …`.
fn answers(text: &str) -> Option<Answers> {
    let line = text.lines().find(|line| line.contains(" requests in "))?;
    let count = line.split_whitespace().next()?.parse().ok()?;
    let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"))?;
    Some(Answers { count, per_second: rate.trim().parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_are_read() {
        let text = "  105746 requests in 1.01s, 85.52MB read\nRequests/sec: 104713.40\n";
        let Answers { count, per_second } = answers(text).unwrap();
        assert_eq!((count, per_second), (105_746.0, 104_713.4));
        assert!(answers("unable to connect").is_none());
    }
}
