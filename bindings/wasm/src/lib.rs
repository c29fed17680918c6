//! The crate `noren` in WebAssembly, as the page's worker calls it.
//!
//! Nothing here decides anything of the protocol: bytes, texts and numbers come in, a function of
//! `noren` is called, and bytes, numbers or a JSON document of `web/src/ask.ts` go out. The browser
//! brings the time (Unix seconds, an `f64`) and the randomness; the worker stores and downloads.
//!
//! | what the worker does | here |
//! |---|---|
//! | opens and seals what is kept | [`Key`], [`Device`] |
//! | reads a code, checks in and out | [`Device::read_poster`], [`Device::check_in`], … |
//! | reads a log | [`Round`]: says which files it wants, takes their bytes |
//! | holds a slip against the log | [`Device::for_slip`], then the same [`Round`] |
//! | shows | [`Device::state`], [`Shown`] |
//! | sets a venue up, answers an authority | [`set_up_venue`], [`read_sheet`], [`Parcel`] |

mod authority;
mod device;
mod diary;
mod failure;
mod key;
mod owner;
mod parcel;
mod poster;
mod round;
mod shown;
mod state;
mod times;
mod venue;
mod visits;

pub use authority::{see_authority, see_kept};
pub use device::Device;
pub use failure::Failure;
pub use key::Key;
pub use owner::set_up_venue;
pub use parcel::{Parcel, read_sheet};
pub use round::Round;
pub use shown::Shown;

#[cfg(test)]
mod tests;
