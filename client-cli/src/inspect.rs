//! `noren inspect`: whatever Noren knows, decoded for people.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::bail;
use noren::time::UnixSeconds;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::files;
use crate::followed::Followed;
use crate::identify::{Found, Surroundings, identify};
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, clean_path};

// The desk asks for it here.
pub(crate) use crate::identify::misplaced;

#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  noren inspect poster.jpg\n  noren inspect 'https://health.example/?v=3#CAMS…'\n\n\
    Exit code 1: it is nothing that Noren knows, or it is damaged."
)]
pub(crate) struct InspectArguments {
    /// A file or picture, the text of a public code, or "-" for the standard input
    #[arg(value_name = "FILE|TEXT")]
    what: OsString,
}

pub(crate) fn run(context: &Context, arguments: &InspectArguments) -> Outcome {
    let path = PathBuf::from(&arguments.what);
    // What is not UTF-8 is no code.
    let text = arguments.what.to_str();
    let is_file = text.is_none_or(|text| text == "-" || path.exists());
    let bytes = match text {
        Some(text) if !is_file => Zeroizing::new(text.as_bytes().to_vec()),
        _ => files::read_named(&path)?,
    };
    let surroundings = surroundings(context, is_file.then_some(path.as_path()))?;
    match identify(&bytes, &surroundings)? {
        Some(found) if found.is_secret() && !is_file => bail!(
            "this is secret, and every program on this machine can read the arguments of a \
             command: give it in a file, or on the standard input"
        ),
        Some(found) => {
            context.output.data(&found, Found::shown)?;
            Ok(if found.is_sound() { Answer::Yes } else { Answer::No })
        }
        None if is_file && files::is_blank(&bytes) => empty(context, &path),
        None => nothing(context, text.filter(|_| !is_file)),
    }
}

fn surroundings<'a>(context: &Context, path: Option<&'a Path>) -> anyhow::Result<Surroundings<'a>> {
    let now: UnixSeconds = context.now()?;
    let followed = Followed::new(context).all();
    Ok(Surroundings { now, followed, path })
}

fn nothing(context: &Context, text: Option<&str>) -> Outcome {
    context.output.data(&serde_json::json!({ "what": null }), |_| {
        let file = text.map_or_else(String::new, |text| {
            format!("there is no file {}, and as a text it is ", clean(&shortened(text)))
        });
        format!("{file}nothing that Noren knows")
    })?;
    Ok(Answer::No)
}

fn empty(context: &Context, path: &Path) -> Outcome {
    // [CLI-48]
    let is_input = path == Path::new("-");
    let name = if is_input { "the standard input".to_owned() } else { clean_path(path) };
    let shown = |_: &_| format!("{name} is empty");
    context.output.data(&serde_json::json!({ "what": null }), shown)?;
    Ok(Answer::No)
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}
