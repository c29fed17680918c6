//! The readable diary, by choice.

use noren::visitor::Diary;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device::Device;
use crate::failure::{Code, Failure};
use crate::visits::visit_id;

#[wasm_bindgen]
impl Device {
    /// Turns the diary on or off. What is in it stays until it is forgotten.
    pub fn record_diary(&mut self, on: bool) {
        // [DIA-1]
        match &mut self.diary {
            Some(diary) if !on && diary.entries().is_empty() => self.diary = None,
            Some(diary) => diary.set_recording(on),
            None if on => self.diary = Some(Diary::new()),
            None => {}
        }
    }

    /// Writes a note beside an entry.
    ///
    /// # Errors
    /// Codes `no-such-visit`, `bad-form`.
    pub fn note_diary(&mut self, entry: &str, note: &str) -> Result<(), Failure> {
        let id = visit_id(entry)?;
        Ok(self.opened_diary()?.set_note(id, note)?)
    }

    /// Forgets an entry; the visit's sealed records stay.
    ///
    /// # Errors
    /// Code `no-such-visit`.
    pub fn forget_diary(&mut self, entry: &str) -> Result<(), Failure> {
        // [DIA-4]
        let id = visit_id(entry)?;
        if self.opened_diary()?.forget(id) { Ok(()) } else { Err(missing()) }
    }
}

impl Device {
    fn opened_diary(&mut self) -> Result<&mut Diary, Failure> {
        self.diary.as_mut().ok_or_else(missing)
    }
}

fn missing() -> Failure {
    Failure::new(Code::NoSuchVisit, "the diary has no such entry")
}
