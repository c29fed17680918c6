//! Whether a policy (Content Security Policy, level 3) allows a page no more than Noren's own does.

use std::collections::BTreeMap;

use noren_server::PAGE_POLICY;

/// Directives that only take something away.
const STRICTER: [&str; 3] = ["upgrade-insecure-requests", "block-all-mixed-content", "sandbox"];
/// Directives whose absence `default-src` makes up for. A worker's goes another way.
const WITH_DEFAULT: [&str; 7] =
    ["script-src", "style-src", "img-src", "font-src", "connect-src", "manifest-src", "media-src"];

type Policy<'a> = BTreeMap<String, Vec<&'a str>>;

/// What the policies of an answer, all of which hold together, allow beyond Noren's own.
pub(super) fn weaknesses(policies: &[String]) -> Vec<String> {
    // [CLI-49]
    let policies = parsed(policies);
    if policies.is_empty() {
        return vec!["it comes without a policy (Content-Security-Policy)".to_owned()];
    }
    let own = [PAGE_POLICY.to_owned()];
    let own = parsed(&own).pop().unwrap_or_default();
    let weaker = own
        .iter()
        .filter(|(name, sources)| !policies.iter().any(|policy| holds(policy, name, sources)))
        .map(|(name, _)| format!("its policy is weaker in {name}"));
    let further = policies.iter().flatten().filter(|(name, sources)| {
        let is_known = own.contains_key(*name) || STRICTER.contains(&name.as_str());
        !is_known && sources.as_slice() != ["'none'"]
    });
    let further =
        further.map(|(name, _)| format!("its policy has {name}, which is for nothing here"));
    weaker.chain(further).collect()
}

/// The origins that a page may connect to besides its own.
pub(super) fn connections(policies: &[String]) -> Vec<String> {
    let policies = parsed(policies);
    let sources = policies.iter().filter_map(|policy| policy.get("connect-src")).flatten();
    sources.filter(|source| !source.starts_with('\'')).map(|source| (*source).to_owned()).collect()
}

fn parsed(policies: &[String]) -> Vec<Policy<'_>> {
    let policies = policies.iter().flat_map(|field| field.split(','));
    let policies = policies.map(|policy| {
        let mut directives = Policy::new();
        for directive in policy.split(';') {
            let mut words = directive.split_ascii_whitespace();
            let Some(name) = words.next() else { continue };
            // Of two the first counts.
            directives.entry(name.to_ascii_lowercase()).or_insert_with(|| words.collect());
        }
        directives
    });
    policies.filter(|policy| !policy.is_empty()).collect()
}

/// Whether one policy allows no more in a directive than these sources.
fn holds(policy: &Policy<'_>, name: &str, own: &[&str]) -> bool {
    let default = || policy.get("default-src").filter(|_| WITH_DEFAULT.contains(&name));
    let Some(found) = policy.get(name).or_else(default) else { return false };
    let is_allowed = |source: &&str| match name {
        // Which further servers are named is told, and no fault: others' logs are among them.
        "connect-src" => own.contains(source) || is_origin(source),
        _ => own.contains(source),
    };
    if name == "require-trusted-types-for" {
        return found.contains(&"'script'");
    }
    found.iter().all(|source| *source == "'none'" || is_allowed(source))
}

/// Whether a source is one server, and not a scheme or many.
fn is_origin(source: &str) -> bool {
    source.split_once("://").is_some_and(|(scheme, host)| {
        matches!(scheme, "http" | "https") && !host.is_empty() && !host.contains('*')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weak(policies: &[&str]) -> Vec<String> {
        weaknesses(&policies.iter().map(|policy| (*policy).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_as_strict_or_stricter_is_no_weakness() {
        // [CLI-49]
        let upgraded = format!("{PAGE_POLICY}; upgrade-insecure-requests; object-src 'none'");
        let without_pictures = PAGE_POLICY.replace("img-src 'self' blob: data:", "img-src 'none'");
        let by_default = PAGE_POLICY.replace("font-src 'self'; ", "");
        let connected =
            PAGE_POLICY.replace("connect-src 'self'", "connect-src 'self' https://a.example");
        for policy in [PAGE_POLICY, &upgraded, &without_pictures, &by_default, &connected] {
            assert_eq!(weak(&[policy]), Vec::<String>::new(), "{policy}");
            // A second one can only take away.
            assert_eq!(weak(&["img-src https://a.example", policy]), Vec::<String>::new());
            assert_eq!(weak(&[&format!("script-src 'none', {policy}")]), Vec::<String>::new());
        }
        assert_eq!(connections(&[connected]), ["https://a.example"]);
        assert_eq!(connections(&[PAGE_POLICY.to_owned()]), Vec::<String>::new());
    }

    #[test]
    fn every_directive_that_is_missing_or_wider_is_told() {
        // [CLI-49]
        for directive in PAGE_POLICY.split("; ") {
            let name = directive.split(' ').next().unwrap();
            let wider = match name {
                "require-trusted-types-for" => String::new(),
                _ => format!("{directive} https://evil.example/* *"),
            };
            let policy = PAGE_POLICY.replace(directive, &wider);
            assert!(weak(&[&policy]).iter().any(|told| told.contains(name)), "{policy}");
            if !WITH_DEFAULT.contains(&name) {
                let policy = PAGE_POLICY.replace(directive, "");
                assert!(weak(&[&policy]).iter().any(|told| told.contains(name)), "{policy}");
            }
        }
        for (policy, told) in [
            ("", "without a policy"),
            ("script-src-elem https://evil.example", "script-src-elem"),
            ("report-uri /seen", "report-uri"),
            ("child-src *", "child-src"),
            ("connect-src https:", "connect-src"),
        ] {
            let policies =
                if policy.is_empty() { String::new() } else { format!("{policy}; {PAGE_POLICY}") };
            let weak = weak(&[&policies]);
            assert!(weak.iter().any(|weakness| weakness.contains(told)), "{policy}: {weak:?}");
        }
    }
}
