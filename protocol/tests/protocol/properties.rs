//! Properties that hold for all inputs: what is written can be read, what is read can be written,
//! nothing panics, and a changed byte is noticed.

mod any_bytes;
mod codecs;
mod exposures;
mod fields;
mod mutations;
mod scheme;
mod secrets;
mod typed;
mod worlds;
