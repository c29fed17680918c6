//! As whom a file of the page is asked for: a server could have one page for programs and another for
//! people, and tell them apart by everything that browsers send along.

/// One way to ask for a file.
pub(super) struct Guise {
    pub(super) name: String,
    /// What follows the page's address.
    pub(super) path: String,
    pub(super) fields: Vec<(&'static str, &'static str)>,
    /// Whether it asks once more, as browsers do that have the file.
    pub(super) asks_again: bool,
}

type Fields = &'static [(&'static str, &'static str)];

/// A browser, by what it sends with everything.
struct Browser {
    name: &'static str,
    always: Fields,
    /// What it takes when it opens a page.
    page: &'static str,
}

const BROWSERS: [Browser; 3] = [
    Browser {
        name: "Chrome",
        always: &[
            (
                "user-agent",
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/142.0.0.0 Mobile Safari/537.36",
            ),
            (
                "sec-ch-ua",
                "\"Chromium\";v=\"142\", \"Google Chrome\";v=\"142\", \"Not_A Brand\";v=\"99\"",
            ),
            ("sec-ch-ua-mobile", "?1"),
            ("sec-ch-ua-platform", "\"Android\""),
            ("accept-language", "ja,en-US;q=0.9,en;q=0.8"),
            ("accept-encoding", "gzip, deflate, br, zstd"),
        ],
        page: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,\
               */*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    },
    Browser {
        name: "Safari",
        always: &[
            (
                "user-agent",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, \
                 like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
            ),
            ("accept-language", "ja"),
            ("accept-encoding", "gzip, deflate, br"),
        ],
        page: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    },
    Browser {
        name: "Firefox",
        always: &[
            ("user-agent", "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0"),
            ("accept-language", "ja,en-US;q=0.7,en;q=0.3"),
            ("accept-encoding", "gzip, deflate, br, zstd"),
        ],
        page: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    },
];

/// What a browser wants a file for, and says so.
struct Purpose {
    name: &'static str,
    fields: Fields,
}

const OPENED: Purpose = Purpose {
    name: "opening the page",
    fields: &[
        ("upgrade-insecure-requests", "1"),
        ("sec-fetch-site", "none"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-user", "?1"),
        ("sec-fetch-dest", "document"),
    ],
};
const SCRIPT: Purpose = Purpose {
    name: "for a program",
    fields: &[
        ("accept", "*/*"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "script"),
    ],
};
const WORKER: Purpose = Purpose {
    name: "for a worker",
    fields: &[
        ("accept", "*/*"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "same-origin"),
        ("sec-fetch-dest", "worker"),
    ],
};
const SERVICE_WORKER: Purpose = Purpose {
    name: "for a service worker",
    fields: &[
        ("accept", "*/*"),
        ("cache-control", "max-age=0"),
        ("service-worker", "script"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "same-origin"),
        ("sec-fetch-dest", "serviceworker"),
    ],
};
const STYLE: Purpose = Purpose {
    name: "for a style",
    fields: &[
        ("accept", "text/css,*/*;q=0.1"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-dest", "style"),
    ],
};
const PICTURE: Purpose = Purpose {
    name: "for a picture",
    fields: &[
        ("accept", "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-dest", "image"),
    ],
};
const MANIFEST: Purpose = Purpose {
    name: "for a manifest",
    fields: &[
        ("accept", "*/*"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "manifest"),
    ],
};
/// Modules and fonts, and everything once more when the service worker keeps it.
const FETCHED: Purpose = Purpose {
    name: "to keep it",
    fields: &[
        ("accept", "*/*"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
    ],
};

/// All ways to ask for a file: as this program, and as each browser for each purpose.
pub(super) fn guises(path: &str) -> Vec<Guise> {
    // [CLI-49]
    let (plain, is_index) = if path == "index.html" { ("", true) } else { (path, false) };
    let mut guises = vec![Guise {
        name: "as a program".to_owned(),
        path: plain.to_owned(),
        fields: vec![],
        asks_again: false,
    }];
    for browser in &BROWSERS {
        let mut ask = |purpose: &Purpose, path: &str| guises.push(browser.guise(purpose, path));
        if is_index {
            // A link of a poster has a query; the file has a name of its own.
            ["", "?v=3", path].iter().for_each(|path| ask(&OPENED, path));
        } else {
            purposes(path).iter().for_each(|purpose| ask(purpose, plain));
        }
        ask(&FETCHED, plain);
    }
    guises
}

/// What browsers use a file for. A program can be a worker's as well.
fn purposes(path: &str) -> &'static [Purpose] {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "js" if path == "service-worker.js" => &[SERVICE_WORKER],
        "js" => &[SCRIPT, WORKER],
        "css" => &[STYLE],
        "png" | "svg" | "ico" => &[PICTURE],
        "webmanifest" => &[MANIFEST],
        _ => &[],
    }
}

impl Browser {
    fn guise(&self, purpose: &Purpose, path: &str) -> Guise {
        let is_opened = purpose.name == OPENED.name;
        let accept = is_opened.then_some(("accept", self.page));
        let fields = self.always.iter().chain(purpose.fields).copied().chain(accept).collect();
        let address = if is_opened { format!(" at /{path}") } else { String::new() };
        Guise {
            name: format!("as {} {}{address}", self.name, purpose.name),
            path: path.to_owned(),
            fields,
            asks_again: true,
        }
    }
}
