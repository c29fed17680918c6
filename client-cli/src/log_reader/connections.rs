//! Several connections to one server, so that a file does not wait for the one before it.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;

use noren::visitor::{File, Wanted};

use crate::http::CONNECTIONS;
use crate::log_files::LogFiles;

type Answer = anyhow::Result<Option<Vec<u8>>>;

/// What was asked of a server. When it is dropped, nothing more is asked.
pub(super) struct Connections<'scope> {
    begin: Box<dyn FnMut() + 'scope>,
    /// How many connections there are; a short log needs one.
    open: usize,
    questions: Option<Sender<Wanted>>,
    answers: Receiver<(Wanted, Answer)>,
    asked: HashSet<File>,
}

impl<'scope> Connections<'scope> {
    pub(super) fn new<'env>(scope: &'scope Scope<'scope, 'env>, files: &'env LogFiles) -> Self {
        let (questions, asked) = channel::<Wanted>();
        let (answered, answers) = channel();
        let asked = Arc::new(Mutex::new(asked));
        let begin = Box::new(move || {
            let (asked, answered) = (Arc::clone(&asked), answered.clone());
            scope.spawn(move || {
                loop {
                    let next = asked.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(wanted) = next else { break };
                    if answered.send((wanted, files.wanted(&wanted))).is_err() {
                        break;
                    }
                }
            });
        });
        let asked = HashSet::new();
        Self { begin, open: 0, questions: Some(questions), answers, asked }
    }

    /// Asks for a file.
    pub(super) fn ask(&mut self, wanted: Wanted) {
        self.asked.insert(wanted.file);
        if self.open < CONNECTIONS.min(self.asked.len()) {
            (self.begin)();
            self.open += 1;
        }
        if let Some(questions) = &self.questions {
            // Whoever does not listen any more has failed, and said so.
            let _ = questions.send(wanted);
        }
    }

    /// Whether a file was asked for and has not come.
    pub(super) fn has_asked_for(&self, file: &File) -> bool {
        self.asked.contains(file)
    }

    /// Waits for the next answer; `None` where nothing was asked.
    pub(super) fn answer(&mut self) -> Option<(Wanted, Answer)> {
        if self.asked.is_empty() {
            return None;
        }
        let (wanted, answer) = self.answers.recv().ok()?;
        self.asked.remove(&wanted.file);
        Some((wanted, answer))
    }
}
