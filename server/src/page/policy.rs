//! Under which policy browsers run the page.

use axum::http::HeaderValue;

/// The policy of a page that connects to its own server alone. Nothing inline, nothing from elsewhere,
/// no evaluation but WebAssembly's, and scripts' addresses through the page's one policy of Trusted
/// Types only. [WEB-10]
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; \
     worker-src 'self'; manifest-src 'self'; media-src 'self' blob:; form-action 'none'; \
     frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types noren";

/// The other header fields that every file of the page has, by their names in lower case. A page may use a
/// device's camera, to read codes. [API-33]
pub const FIELDS: [(&str, &str); 5] = [
    (
        "permissions-policy",
        "camera=(self), microphone=(), geolocation=(), accelerometer=(), gyroscope=(), \
         magnetometer=(), usb=(), serial=(), hid=(), midi=(), payment=(), display-capture=(), \
         browsing-topics=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// The same for a page that connects to further origins, which were checked.
pub(super) fn policy(further: &[String]) -> HeaderValue {
    let own = "connect-src 'self'";
    let connect = further.iter().fold(own.to_owned(), |list, origin| format!("{list} {origin}"));
    // [API-33]
    HeaderValue::from_str(&POLICY.replace(own, &connect))
        .unwrap_or_else(|_| HeaderValue::from_static(POLICY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_origins_are_for_connections_alone() {
        // [API-33]
        assert_eq!(policy(&[]), POLICY);
        assert!(include_str!("../../../spec/http-api.md").contains(&format!(": {POLICY}\n")));
        let further = ["https://a.example".to_owned(), "https://b.example:8443".to_owned()];
        let policy = policy(&further);
        let changed: Vec<_> = policy
            .to_str()
            .unwrap()
            .split("; ")
            .filter(|directive| !POLICY.split("; ").any(|own| own == *directive))
            .collect();
        assert_eq!(changed, ["connect-src 'self' https://a.example https://b.example:8443"]);
    }
}
