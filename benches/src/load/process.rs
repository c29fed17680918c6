//! What a served process has cost, as the kernel counts it.

use std::fs;

use crate::Result;

/// Seconds of processor time that a process and its children have taken, all threads together.
///
/// # Errors
/// When the process is gone.
pub fn processor_seconds(id: u32) -> Result<f64> {
    let mut seconds = 0.0;
    for id in family(id)? {
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The name before the bracket may hold blanks. Then utime and stime are fields 12 and 13.
        let (_, fields) = stat.rsplit_once(") ").ok_or("a line of /proc/PID/stat")?;
        let fields: Vec<_> = fields.split(' ').collect();
        for field in [11, 12] {
            seconds += fields.get(field).ok_or("a field of /proc/PID/stat")?.parse::<f64>()?;
        }
    }
    Ok(seconds / rustix::param::clock_ticks_per_second() as f64)
}

/// Bytes of memory that a process and its children hold now, files in memory included, and the most
/// that each has held without those.
///
/// # Errors
/// When the process is gone.
pub fn memory(id: u32) -> Result<(u64, u64)> {
    let (mut now, mut most) = (0, 0);
    for id in family(id)? {
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        now += kibibytes(&status, "VmRSS:").ok_or("no VmRSS")? << 10;
        now += files_in_memory(id)?;
        most += kibibytes(&status, "VmHWM:").ok_or("no VmHWM")? << 10;
    }
    Ok((now, most))
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn files_in_memory(id: u32) -> Result<u64> {
    let mut bytes = 0;
    for item in fs::read_dir(format!("/proc/{id}/fd"))? {
        let path = item?.path();
        if fs::read_link(&path).is_ok_and(|name| name.to_string_lossy().starts_with("/memfd:")) {
            bytes += fs::metadata(&path).map_or(0, |file| file.len());
        }
    }
    Ok(bytes)
}

/// The process and its children: nginx works in those.
fn family(id: u32) -> Result<Vec<u32>> {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
    let children = children.split_whitespace().map(|id| Ok(id.parse()?));
    std::iter::once(Ok(id)).chain(children).collect()
}
