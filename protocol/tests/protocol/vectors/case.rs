//! One case of a vector file: its fields, and the knowledge of which of them were looked at.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Debug;

use serde_json::{Map, Value};

/// What a check answers: nothing, or where and why it failed.
pub(crate) type Checked<T = ()> = Result<T, String>;

/// A JSON object. A field that no check has looked at makes the case fail: a vector that says more
/// than is tested would pass for tested.
pub(crate) struct Case<'a> {
    path: String,
    fields: &'a Map<String, Value>,
    read: RefCell<BTreeSet<&'a str>>,
}

impl<'a> Case<'a> {
    /// The case at `path`.
    pub(crate) fn new(path: String, value: &'a Value) -> Checked<Self> {
        let fields = value.as_object().ok_or_else(|| format!("{path}: not an object"))?;
        Ok(Self { path, fields, read: RefCell::default() })
    }

    /// A failure of this case.
    pub(crate) fn failure(&self, what: impl std::fmt::Display) -> String {
        let note = ["note", "why"].iter().find_map(|name| self.fields.get(*name)?.as_str());
        let note = note.unwrap_or_default();
        format!("{} {note:?}: {what}", self.path)
    }

    /// The field if the case has it.
    pub(crate) fn find(&self, name: &str) -> Option<&'a Value> {
        let (name, value) = self.fields.get_key_value(name)?;
        self.read.borrow_mut().insert(name);
        Some(value)
    }

    fn get<T>(&self, name: &str, read: impl Fn(&'a Value) -> Option<T>) -> Checked<T> {
        let value = self.find(name).ok_or_else(|| self.failure(format!("no field {name}")))?;
        read(value).ok_or_else(|| self.failure(format!("{name} has another type: {value}")))
    }

    pub(crate) fn text(&self, name: &str) -> Checked<&'a str> {
        self.get(name, Value::as_str)
    }

    pub(crate) fn flag(&self, name: &str) -> Checked<bool> {
        self.get(name, Value::as_bool)
    }

    pub(crate) fn number(&self, name: &str) -> Checked<i64> {
        self.get(name, Value::as_i64)
    }

    pub(crate) fn unsigned(&self, name: &str) -> Checked<u64> {
        self.get(name, Value::as_u64)
    }

    pub(crate) fn numbers(&self, name: &str) -> Checked<Vec<u64>> {
        self.get(name, |value| value.as_array()?.iter().map(Value::as_u64).collect())
    }

    /// Bytes that stand as hexadecimal text.
    pub(crate) fn bytes(&self, name: &str) -> Checked<Vec<u8>> {
        self.get(name, |value| hex::decode(value.as_str()?).ok())
    }

    pub(crate) fn array<const N: usize>(&self, name: &str) -> Checked<[u8; N]> {
        let bytes = self.bytes(name)?;
        let length = bytes.len();
        bytes.try_into().map_err(|_| self.failure(format!("{name} has {length} bytes, not {N}")))
    }

    /// An object inside the case.
    pub(crate) fn inner(&self, name: &str) -> Checked<Case<'a>> {
        Case::new(format!("{}.{name}", self.path), self.get(name, Some)?)
    }

    /// A list of objects inside the case.
    pub(crate) fn list(&self, name: &str) -> Checked<Vec<Case<'a>>> {
        let values = self.get(name, Value::as_array)?;
        let path = format!("{}.{name}", self.path);
        values
            .iter()
            .enumerate()
            .map(|(i, value)| Case::new(format!("{path}[{i}]"), value))
            .collect()
    }

    /// The recorded bytes of `name` are `computed`.
    pub(crate) fn same_bytes(&self, name: &str, computed: impl AsRef<[u8]>) -> Checked {
        let (recorded, computed) = (self.bytes(name)?, computed.as_ref());
        self.same(name, hex::encode(computed), hex::encode(recorded))
    }

    /// Two values that have to be the same.
    pub(crate) fn same<T: PartialEq + Debug>(
        &self,
        what: &str,
        computed: T,
        expected: T,
    ) -> Checked {
        self.check(computed == expected, || {
            format!("{what} is {computed:?}, the vector says {expected:?}")
        })
    }

    /// Something that has to be true.
    pub(crate) fn check(&self, holds: bool, otherwise: impl Fn() -> String) -> Checked {
        if holds { Ok(()) } else { Err(self.failure(otherwise())) }
    }

    /// The value of a computation that has to succeed.
    pub(crate) fn must<T, E: Debug>(&self, what: &str, result: Result<T, E>) -> Checked<T> {
        result.map_err(|error| self.failure(format!("{what}: {error:?}")))
    }

    /// What the case says of a result: the value, or nothing where it says that a step fails, and
    /// just that step did.
    pub(crate) fn judge<T, E: Debug>(&self, result: Result<T, E>) -> Checked<Option<T>> {
        let fails = self.find("fails").map(|_| self.text("fails")).transpose()?;
        match (result, fails) {
            (Ok(value), None) => Ok(Some(value)),
            (Err(error), Some(step)) => {
                self.same("failing step", self::step(&error).as_str(), step).map(|()| None)
            }
            (Ok(_), Some(step)) => Err(self.failure(format!("{step} should fail, nothing does"))),
            (Err(error), None) => Err(self.failure(format!("nothing should fail: {error:?}"))),
        }
    }

    /// Ends the case: every field but the note was looked at.
    pub(crate) fn finish(self) -> Checked {
        let read = self.read.borrow();
        let missed: Vec<&str> = (self.fields.keys().map(String::as_str))
            .filter(|name| !read.contains(name) && !["note", "why"].contains(name))
            .collect();
        self.check(missed.is_empty(), || format!("fields that nothing checks: {missed:?}"))
    }
}

/// The name of a step: the error's variant, which range it speaks of, and the texts that it names.
fn step(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    // What is refused in every message is called alike in each.
    let text = text.strip_prefix("Message(").unwrap_or(&text);
    let word =
        |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric()).collect() };
    let mut names = vec![word(text)];
    if let Some(range) = text.strip_prefix("OutOfRange(") {
        names.push(word(range));
    }
    names.extend(text.split('"').skip(1).step_by(2).map(str::to_owned));
    names.join(" ")
}
