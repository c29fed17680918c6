//! Asking the servers of the tests, past any proxy of the machine.

/// What asks; an answer of any status is an answer.
pub(crate) fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().proxy(None).http_status_as_error(false);
    config.build().into()
}

/// What a server serves there.
#[track_caller]
pub(crate) fn get(url: &str) -> Vec<u8> {
    let answer = agent().get(url).call().unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    answer.into_body().read_to_vec().unwrap()
}
