//! Where measurements are written: a folder of results, and the generated parts of a README.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

use crate::Result;

/// A folder that results go into.
pub struct Report {
    folder: PathBuf,
    readme: Option<PathBuf>,
}

impl Report {
    /// The folder that the program was called with; without one, this crate's.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn from_arguments() -> Result<Self> {
        match env::args_os().nth(1) {
            Some(folder) => Self::made(Self { folder: folder.into(), readme: None }),
            None => Self::of_this_crate(),
        }
    }

    /// The folder `results` beside this crate's README, whose generated parts are renewed as well.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn of_this_crate() -> Result<Self> {
        let this = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (folder, readme) = (this.join("results"), Some(this.join("README.md")));
        Self::made(Self { folder, readme })
    }

    fn made(self) -> Result<Self> {
        fs::create_dir_all(&self.folder)?;
        Ok(self)
    }

    /// A file in the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes `NAME.md`, and the README's part of that name.
    ///
    /// # Errors
    /// When a file cannot be written, or the README has no such part.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let text = format!("{text}\nMeasured on {}.\n", machine());
        fs::write(self.file(&format!("{name}.md")), &text)?;
        if let Some(readme) = &self.readme {
            let renewed = replace_part(&fs::read_to_string(readme)?, name, &text)
                .ok_or_else(|| format!("the README has no part {name}"))?;
            fs::write(readme, renewed)?;
        }
        eprintln!("{text}\nwritten to {}", self.folder.display());
        Ok(())
    }
}

/// A table in Markdown.
#[must_use]
pub fn table<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&head.map(str::to_owned));
    text += &line(&[(); COLUMNS].map(|()| "---".to_owned()));
    rows.into_iter().for_each(|row| text += &line(&row));
    text
}

/// The text with what stands between the two marks of `name` replaced.
fn replace_part(text: &str, name: &str, part: &str) -> Option<String> {
    let (opening, closing) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"));
    let (before, rest) = text.split_once(&opening)?;
    let (_, after) = rest.split_once(&closing)?;
    Some(format!("{before}{opening}\n{part}\n{closing}{after}"))
}

/// The processor, its threads and the compilers, as far as the machine tells.
#[must_use]
pub fn machine() -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let versions = ["rustc", "cc", "node"].into_iter().filter_map(version);
    [processor.unwrap_or_else(|| env::consts::ARCH.to_owned()), format!("{threads} threads")]
        .into_iter()
        .chain(versions)
        .collect::<Vec<_>>()
        .join("; ")
}

/// The first line of a program's version, with its name.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let line = String::from_utf8(output.stdout).ok()?.lines().next()?.to_owned();
    Some(if line.starts_with(program) { line } else { format!("{program} {line}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_replaced_and_the_rest_stays() {
        let text = "# A\n<!-- x -->\nold\n<!-- end of x -->\nafter\n";
        let renewed = replace_part(text, "x", "new\n");
        let expected = "# A\n<!-- x -->\n\nnew\n\n<!-- end of x -->\nafter\n";
        assert_eq!(renewed.as_deref(), Some(expected));
        assert_eq!(renewed.and_then(|text| replace_part(&text, "x", "new\n")).unwrap(), expected);
        assert_eq!(replace_part(text, "y", "new"), None);
    }

    #[test]
    fn the_readme_has_every_generated_part() {
        let readme = include_str!("../README.md");
        for name in ["side_by_side", "paper", "scaling", "instructions", "load"] {
            assert!(replace_part(readme, name, "").is_some(), "{name}");
        }
    }

    #[test]
    fn a_table_has_a_head_and_rows() {
        let rows = [["a".to_owned(), "1".to_owned()]];
        assert_eq!(table(["x", "y"], rows), "| x | y |\n| --- | --- |\n| a | 1 |\n");
    }
}
