//! The list of a page's files with their digests, as `sha256sum` writes it.

/// Reads such a list: the path and the digest of each file, in 64 lower-case hexadecimal digits. Only
/// plain names below the list's own folder are paths.
///
/// # Errors
/// The number of the first line that is no entry, counted from one.
pub fn page_list(text: &str) -> Result<Vec<(&str, &str)>, usize> {
    let mut files = vec![];
    for (index, line) in text.lines().enumerate() {
        // [API-33]
        match line.split_once("  ") {
            Some((sha256, path)) if is_digest(sha256) && path.split('/').all(is_name) => {
                files.push((path, sha256));
            }
            _ => return Err(index + 1),
        }
    }
    Ok(files)
}

fn is_digest(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 64 && text.bytes().all(is_digit)
}

fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_plain)
}
