//! Reads the one QR code in a picture that is meant, whatever the picture is: its size, the work that
//! its contents make and the time are bounded.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::panic;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, ImageFormat, ImageReader, Limits, Luma};
use noren_scanner::{Picture, Work, in_picture};

/// The longest side of a picture that is read, in pixels.
pub(super) const LONGEST_SIDE: u32 = 12_000;
/// The most pixels of one: a page of A3 at 600 dots an inch has 70 million.
const MOST_PIXELS: u64 = 100_000_000;
/// The most memory that a picture may take while it is decoded.
const MOST_MEMORY: u64 = 512 << 20;
/// The longest side at which codes are looked for.
const LARGEST_LOOK: u32 = 4_800;
/// When nobody waits any longer, whatever the reason may be.
const LONGEST_TIME: Duration = Duration::from_secs(60);

/// Whether the bytes are a picture of a kind that can be read.
pub(crate) fn is_picture(bytes: &[u8]) -> bool {
    let read = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];
    image::guess_format(bytes).is_ok_and(|format| read.contains(&format))
}

/// How well the text of a code fits what is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// Something else: a network's password, a menu.
    Foreign,
    /// One of Noren's, and damaged.
    Damaged,
    /// One of Noren's.
    Ours,
}

/// Says how well a text fits.
pub(crate) type Judge = fn(&str) -> Fit;

/// The text of a QR code in a PNG, JPEG or WebP picture: the only one, or the only one that fits.
pub(crate) fn read_image(bytes: &[u8], judge: Judge) -> anyhow::Result<String> {
    // [CLI-27] A thread of its own: decoders of pictures meet what nobody foresaw, and none of them
    // can be told to stop. When the time is over, the command ends, and the thread with it.
    let (sender, receiver) = mpsc::channel();
    let bytes = bytes.to_vec();
    let said_before = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    thread::spawn(move || sender.send(read(&bytes, judge)));
    let result = receiver.recv_timeout(LONGEST_TIME);
    panic::set_hook(said_before);
    match result {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => {
            bail!("this picture takes too long to read; crop it to the code")
        }
        Err(RecvTimeoutError::Disconnected) => {
            bail!("this picture cannot be read; crop it to the code, or take it again")
        }
    }
}

fn read(bytes: &[u8], judge: Judge) -> anyhow::Result<String> {
    let mut found = BTreeSet::new();
    let picture = load(bytes)?;
    for ground in grounds(&picture) {
        found.extend(look(&on(&picture, *ground), judge));
        if found.iter().any(|text| judge(text) == Fit::Ours) {
            break;
        }
    }
    choose(found, judge)
}

/// What shows through a picture: paper, and where nothing is to be seen on that, a dark screen.
fn grounds(picture: &DynamicImage) -> &'static [u8] {
    // [CLI-40]
    if picture.color().has_alpha() { &[u8::MAX, 0] } else { &[u8::MAX] }
}

/// The one that is meant.
fn choose(found: BTreeSet<String>, judge: Judge) -> anyhow::Result<String> {
    // [CLI-40]
    let Some(best) = found.iter().map(|text| judge(text)).max() else {
        bail!(
            "no QR code was found in the picture; crop it to the code, or take it again closer, \
             straight from the front and in better light"
        )
    };
    let count = found.len();
    let mut fitting = found.into_iter().filter(|text| judge(text) == best);
    match (fitting.next(), fitting.next(), best) {
        (Some(only), None, _) => Ok(only),
        (.., Fit::Foreign) => bail!(
            "there are {count} QR codes in the picture, and none is one of Noren's; take the \
             picture of the one on the poster"
        ),
        _ => bail!(
            "there are several QR codes of Noren's in the picture, and which one is meant cannot be \
             told; crop it to that"
        ),
    }
}

/// The texts of the codes in a picture; the search ends with the first size that shows a fitting one.
fn look(picture: &GrayImage, judge: Judge) -> BTreeSet<String> {
    let smaller;
    let mut longest = picture.width().max(picture.height());
    let picture = if longest > LARGEST_LOOK {
        let scale = |side: u32| {
            let scaled = u64::from(side) * u64::from(LARGEST_LOOK) / u64::from(longest);
            u32::try_from(scaled).unwrap_or(LARGEST_LOOK).max(1)
        };
        let (width, height) = (scale(picture.width()), scale(picture.height()));
        smaller = imageops::thumbnail(picture, width, height);
        longest = smaller.width().max(smaller.height());
        &smaller
    } else {
        picture
    };
    // Shrinking evens out noise and moiré, enlarging helps where a module is a pixel or two; large
    // pictures are read in full only when nothing else helped, because that takes seconds.
    let sides = [2_400.min(longest), 1_200, 600, longest.saturating_mul(2).min(2_400), longest];
    let (mut tried, mut work, mut found) = (BTreeSet::new(), Work::for_picture(), BTreeSet::new());
    for side in sides {
        if !tried.insert(side) || (side > longest && longest > 1_200) {
            continue;
        }
        found.extend(codes_in(&resized(picture, side), &mut work));
        if found.iter().any(|text| judge(text) == Fit::Ours) {
            break;
        }
    }
    found
}

pub(super) fn load(bytes: &[u8]) -> anyhow::Result<DynamicImage> {
    if !is_picture(bytes) {
        bail!("this is not a PNG, JPEG or WebP picture");
    }
    // [CLI-27] The sides are looked at before a pixel is decoded.
    let dimensions = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?.into_dimensions();
    let (width, height) = dimensions.context("the picture is damaged or too large")?;
    if width.max(height) > LONGEST_SIDE || u64::from(width) * u64::from(height) > MOST_PIXELS {
        bail!(
            "the picture is damaged or too large: it says {width} × {height} pixels; crop it to the \
             code"
        );
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits);
    reader.decode().context("the picture is damaged or too large")
}

/// The picture on a ground of one shade of grey, which shows where it is transparent.
pub(super) fn on(picture: &DynamicImage, ground: u8) -> GrayImage {
    // [CLI-40]
    if !picture.color().has_alpha() {
        return picture.to_luma8();
    }
    let picture = picture.to_luma_alpha8();
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [light, cover] = picture.get_pixel(x, y).0.map(u32::from);
        let shade = (light * cover + u32::from(ground) * (255 - cover) + 127) / 255;
        Luma([u8::try_from(shade).unwrap_or(u8::MAX)])
    })
}

pub(super) fn resized(picture: &GrayImage, side: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    let longest = u64::from(width.max(height).max(1));
    if longest == u64::from(side) {
        return picture.clone();
    }
    let scale = |length: u32| {
        u32::try_from(u64::from(length) * u64::from(side) / longest).unwrap_or(side).max(1)
    };
    imageops::resize(picture, scale(width), scale(height), FilterType::Triangle)
}

/// The texts of all codes that are found at one size.
fn codes_in(picture: &GrayImage, work: &mut Work) -> Vec<String> {
    let (width, height) = picture.dimensions();
    let picture = Picture::new(picture.as_raw().clone(), width, height);
    picture.map(|picture| in_picture(&picture, work)).unwrap_or_default()
}
