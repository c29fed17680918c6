//! What was found, for people and as JSON.

use noren::time::{UnixSeconds, Window};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::text::clean;
use crate::times;

/// Something that Noren knows, with what may be shown of it.
pub(crate) struct Found {
    what: &'static str,
    note: &'static str,
    secret: bool,
    sound: bool,
    fields: Vec<(&'static str, Value)>,
}

/// What a field says. Text is foreign, whatever it is.
pub(super) enum Value {
    Text(String),
    Time(UnixSeconds),
    Number(u64),
    Is(bool),
    Lines(Vec<String>),
}

impl Found {
    /// Something that anyone may see.
    pub(super) const fn public(what: &'static str, note: &'static str) -> Self {
        Self { what, note, secret: false, sound: true, fields: Vec::new() }
    }

    /// Something that its owner keeps private; its fields hold no secret.
    pub(super) fn secret(what: &'static str, note: &'static str) -> Self {
        Self { secret: true, ..Self::public(what, note) }
    }

    /// Something that looks like what Noren knows, and is refused.
    pub(super) fn damaged(what: &'static str, why: impl ToString) -> Self {
        let found = Self { sound: false, ..Self::public(what, "It is refused.") };
        found.text("reason", why)
    }

    /// The same, for its owner's eyes only.
    pub(super) fn kept_secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// What it is, for somebody who gave it in place of something else.
    pub(crate) fn named(&self) -> String {
        let named = match self.what {
            "entry code" | "check-in link" => "a venue's entry code, from its poster",
            "trace code" => "a venue's private trace code, from its trace sheet",
            "organisation record" => "an organisation's record",
            "authority profile" => "an authority's profile",
            "upload code" => "an upload code",
            "operator's key" => "the key of an operator",
            "clock's file" => "the file of an authority's clock",
            "vault" => "a visitor's vault",
            "diary" => "a visitor's diary",
            "checkpoint" => "a log's checkpoint",
            "sealed upload" => "a sealed upload",
            "case document" => "the document of a case",
            other => return format!("a file of Noren's ({other})"),
        };
        if self.sound { named.to_owned() } else { format!("{named}, and it is damaged") }
    }

    pub(crate) const fn what(&self) -> &'static str {
        self.what
    }

    pub(super) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.fields.push((name, value));
        self
    }

    pub(super) fn text(self, name: &'static str, text: impl ToString) -> Self {
        self.with(name, Value::Text(text.to_string()))
    }

    pub(super) fn number(self, name: &'static str, number: impl TryInto<u64>) -> Self {
        self.with(name, Value::Number(number.try_into().unwrap_or(u64::MAX)))
    }

    pub(super) fn time(self, name: &'static str, time: UnixSeconds) -> Self {
        self.with(name, Value::Time(time))
    }

    /// A window, as two fields.
    pub(super) fn window(self, names: [&'static str; 2], window: Window) -> Self {
        self.time(names[0], window.start()).time(names[1], window.end())
    }

    pub(crate) const fn is_secret(&self) -> bool {
        self.secret
    }

    pub(crate) const fn is_sound(&self) -> bool {
        self.sound
    }

    pub(crate) fn shown(&self) -> String {
        let mut lines = vec![self.what.to_owned()];
        for (name, value) in &self.fields {
            let name = format!("{}:", name.replace('_', " "));
            lines.push(format!("  {name:<20} {}", value.shown()));
        }
        lines.push(self.note.to_owned());
        lines.join("\n")
    }
}

impl Value {
    fn shown(&self) -> String {
        // [CLI-5]
        match self {
            Self::Text(text) => clean(text),
            Self::Time(time) => times::show(*time),
            Self::Number(number) => number.to_string(),
            Self::Is(true) => "yes".to_owned(),
            Self::Is(false) => "no".to_owned(),
            Self::Lines(lines) => {
                let lines: Vec<_> = lines.iter().map(|line| clean(line)).collect();
                lines.join(&format!("\n{:23}", ""))
            }
        }
    }
}

impl Serialize for Found {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // [CLI-6]
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("what", self.what)?;
        map.serialize_entry("sound", &self.sound)?;
        map.serialize_entry("secret", &self.secret)?;
        for (name, value) in &self.fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Time(time) => times::rfc3339(*time).serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
            Self::Is(answer) => answer.serialize(serializer),
            Self::Lines(lines) => lines.serialize(serializer),
        }
    }
}
