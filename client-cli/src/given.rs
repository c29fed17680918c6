//! What somebody gave a value by, for errors that name it.

/// What gave a value that an option or a variable of the environment gives.
pub(crate) fn given_by(option: &'static str, variable: &'static str) -> &'static str {
    // [CLI-48]
    let is_option = |word: &str| word.split('=').next() == Some(option);
    let mut words = std::env::args_os().skip(1);
    let named = words.any(|word| word.to_str().is_some_and(is_option));
    if named { option } else { variable }
}
