//! A spreadsheet of venues, as CSV: read as a whole, and refused as a whole with every mistake named.

use anyhow::{Context as _, bail};
use csv::{ReaderBuilder, StringRecord};
use noren::messages::{Venue, VenueDetails, VenueKind};
use noren::text::{folded, is_blank, trimmed};
use noren::time::{UnixSeconds, Window};
use noren_posters::Fonts;
use sha2::{Digest as _, Sha256};

use crate::text::clean;
use crate::times;
use crate::venue::{in_words, stay_minutes, validity};

const COLUMNS: [&str; 7] = ["name", "address", "room", "kind", "stay", "from", "to"];
const REQUIRED: [&str; 2] = ["name", "address"];
/// What spreadsheets put between cells, depending on the country.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// More mistakes than this are counted, not shown.
const SHOWN: usize = 20;
/// Characters of a name in the name of its folder.
const FOLDER_CHARACTERS: usize = 40;

/// A row of the spreadsheet.
pub(super) struct Room {
    /// The line in the file, from 1.
    pub(super) line: u64,
    pub(super) venue: Venue,
    /// Its cells without what people type differently: the same for a row that reads the same.
    reads_as: Vec<String>,
    /// The name of the folder: the same for the same cells.
    pub(super) folder: String,
}

/// The cells of a row by their columns; an empty cell is none.
struct Cells<'a>(Vec<(&'static str, &'a str)>);

/// What is wrong, and in which column.
type Mistake = (&'static str, anyhow::Error);

/// Reads all rows, or says what is wrong with each that is wrong.
pub(super) fn read(bytes: &[u8], now: UnixSeconds, fonts: &Fonts<'_>) -> anyhow::Result<Vec<Room>> {
    // [PST-7]
    let text = std::str::from_utf8(bytes)
        .ok()
        .context("this is not text in UTF-8; save the spreadsheet as \"CSV UTF-8\"")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let delimiter = delimiter(text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let columns = columns(reader.headers().context("line 1 cannot be read")?)?;
    let mut rows = Rows::default();
    for record in reader.records() {
        let record = record.context("the file cannot be read")?;
        let line = line_at(text, record.position().map_or(0, csv::Position::byte));
        if !record.iter().all(is_blank) {
            rows.add(line, room(&record, line, &columns, now, fonts));
        }
    }
    refuse(&rows.mistakes)?;
    if rows.rooms.is_empty() {
        bail!("there is no row below the heading");
    }
    Ok(rows.rooms)
}

/// What was read so far.
#[derive(Default)]
struct Rows {
    rooms: Vec<Room>,
    mistakes: Vec<String>,
}

impl Rows {
    fn add(&mut self, line: u64, room: anyhow::Result<Room>) {
        let mistake = match room {
            Ok(room) => match self.rooms.iter().find(|other| other.folder == room.folder) {
                Some(other) => format!("line {line}: the same as line {}", other.line),
                None => match self.rooms.iter().find(|other| other.reads_as == room.reads_as) {
                    Some(other) => format!(
                        "line {line}: the same as line {} but for width, case, spaces or signs that \
                         cannot be seen",
                        other.line
                    ),
                    None => return self.rooms.push(room),
                },
            },
            Err(error) => format!("line {line}, {error}"),
        };
        self.mistakes.push(mistake);
    }
}

/// Refuses what the poster cannot show.
fn shown(fonts: &Fonts<'_>, text: &str) -> anyhow::Result<()> {
    // [PST-4]
    fonts.check(text).map_err(in_words)
}

/// The line on which a record begins, whose position may still be at the end of the one before.
fn line_at(text: &str, position: u64) -> u64 {
    let rest = usize::try_from(position).ok().and_then(|position| text.get(position..));
    let rest = rest.unwrap_or_default().trim_start_matches(['\r', '\n']);
    let before = text.len() - rest.len();
    1 + text.bytes().take(before).filter(|byte| *byte == b'\n').count() as u64
}

fn refuse(mistakes: &[String]) -> anyhow::Result<()> {
    if mistakes.is_empty() {
        return Ok(());
    }
    let shown: Vec<_> = mistakes.iter().take(SHOWN).map(|mistake| clean(mistake)).collect();
    let more = mistakes.len() - shown.len();
    let more = if more > 0 { format!("\nand {more} more") } else { String::new() };
    bail!("nothing was written; correct these first:\n{}{more}", shown.join("\n"))
}

/// The one with which most cells of the heading are known.
fn delimiter(text: &str) -> u8 {
    let known = |delimiter: &u8| {
        let mut reader = ReaderBuilder::new().delimiter(*delimiter).from_reader(text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        header.iter().filter(|name| column(name).is_some()).count()
    };
    // The last of equals is taken; a comma is the usual one.
    DELIMITERS.into_iter().rev().max_by_key(known).unwrap_or(b',')
}

fn column(name: &str) -> Option<&'static str> {
    let name = folded(name);
    COLUMNS.into_iter().find(|column| *column == name)
}

fn columns(header: &StringRecord) -> anyhow::Result<Vec<&'static str>> {
    let mut columns = Vec::new();
    for name in cells(header) {
        let Some(column) = column(name) else {
            bail!("line 1: {:?} is no column; the columns are {}", clean(name), COLUMNS.join(", "));
        };
        if columns.contains(&column) {
            bail!("line 1: the column {column} is there twice");
        }
        columns.push(column);
    }
    match REQUIRED.iter().find(|column| !columns.contains(column)) {
        Some(missing) => bail!("line 1: the column {missing} is missing"),
        None => Ok(columns),
    }
}

fn room(
    record: &StringRecord,
    line: u64,
    columns: &[&'static str],
    now: UnixSeconds,
    fonts: &Fonts<'_>,
) -> anyhow::Result<Room> {
    let cells = cells(record);
    if cells.len() > columns.len() {
        let (cells, columns) = (cells.len(), columns.len());
        bail!("{cells} cells for {columns} columns; text with a delimiter in it needs quotes");
    }
    let cells = Cells(columns.iter().copied().zip(cells).collect());
    let venue = cells.venue(now, fonts);
    let venue = venue.map_err(|(column, error)| anyhow::anyhow!("column {column}: {error:#}"))?;
    Ok(Room { line, folder: cells.folder(), reads_as: cells.reads_as(), venue })
}

/// The cells of a line up to the last that says something: spreadsheets add empty ones.
fn cells(record: &StringRecord) -> Vec<&str> {
    let mut cells: Vec<_> = record.iter().map(trimmed).collect();
    while cells.last().is_some_and(|cell| cell.is_empty()) {
        cells.pop();
    }
    cells
}

impl Cells<'_> {
    fn get(&self, column: &str) -> Option<&str> {
        let cell = self.0.iter().find(|(name, _)| *name == column)?;
        Some(cell.1).filter(|text| !text.is_empty())
    }

    fn reads_as(&self) -> Vec<String> {
        COLUMNS.iter().map(|column| folded(self.get(column).unwrap_or_default())).collect()
    }

    fn required(&self, column: &'static str) -> Result<&str, Mistake> {
        self.get(column).ok_or_else(|| (column, anyhow::anyhow!("it is empty")))
    }

    fn venue(&self, now: UnixSeconds, fonts: &Fonts<'_>) -> Result<Venue, Mistake> {
        let (name, address) = (self.required("name")?, self.required("address")?);
        let valid = self.valid(now)?;
        // One after the other, so that the mistake is known to be in this column.
        let plain = VenueDetails::default;
        Venue::new(name, "-", valid, plain()).map_err(|error| ("name", error.into()))?;
        shown(fonts, name).map_err(|error| ("name", error))?;
        Venue::new("-", address, valid, plain()).map_err(|error| ("address", error.into()))?;
        shown(fonts, address).map_err(|error| ("address", error))?;
        let details = self.details(fonts)?;
        Venue::new(name, address, valid, details).map_err(|error| ("name", error.into()))
    }

    fn valid(&self, now: UnixSeconds) -> Result<Window, Mistake> {
        let from = self.get("from").map(|text| times::parse_from_in_file(text, now));
        let from = from.transpose().map_err(|error| ("from", error))?;
        let to = self.get("to").map(|text| times::parse_to_in_file(text, now));
        let to = to.transpose().map_err(|error| ("to", error))?;
        validity(from, to, now).map_err(|error| ("to", error))
    }

    fn details(&self, fonts: &Fonts<'_>) -> Result<VenueDetails, Mistake> {
        let kind = self.get("kind").map(str::parse::<VenueKind>).transpose().map_err(|_| {
            let known: Vec<_> = VenueKind::ALL.iter().map(|kind| kind.name()).collect();
            ("kind", anyhow::anyhow!("it is none of {}", known.join(", ")))
        })?;
        let stay = self.get("stay").map(stay_minutes).transpose();
        let stay = stay.map_err(|error| ("stay", error))?;
        VenueDetails::new(None, None, stay).map_err(|error| ("stay", error.into()))?;
        let room = self.get("room");
        if let Some(room) = room {
            shown(fonts, room).map_err(|error| ("room", error))?;
        }
        VenueDetails::new(kind, room.map(str::to_owned), stay)
            .map_err(|error| ("room", error.into()))
    }

    /// Letters and digits of name and room, and a hash of all cells: another venue never has it, and
    /// the same one has it again after rows were added or moved.
    fn folder(&self) -> String {
        let mut hash = Sha256::new();
        for column in COLUMNS {
            let cell = self.get(column).unwrap_or_default();
            hash.update((cell.len() as u64).to_be_bytes());
            hash.update(cell);
        }
        let hash = hex::encode(hash.finalize());
        let words = [self.get("name"), self.get("room")].map(Option::unwrap_or_default).join(" ");
        let words: Vec<_> = words
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let words: String = words.join("-").chars().take(FOLDER_CHARACTERS).collect();
        format!("{}-{}", words.trim_end_matches('-'), hash.get(..8).unwrap_or_default())
            .trim_start_matches('-')
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms(text: &str) -> Result<Vec<Room>, String> {
        let now = UnixSeconds::new(1_775_000_000).expect("a time");
        let fonts = Fonts::built_in(None).expect("fonts");
        read(text.as_bytes(), now, &fonts).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn spreadsheets_of_every_country_are_read() {
        // [PST-7]
        for text in [
            "name,address,room\nA,Minato,2F\n",
            "\u{feff}Name;Address;Room\r\nA;Minato;2F\r\n;;\r\n",
            "room\taddress\tNAME\n2F\t Minato \tA\n\n",
            "\"name\",\"address\",\"room\",\"kind\"\n\"A\",\"Minato\",\"2F\",\"\"",
            "name,address,room,,,\nA,Minato,2F,,,,,,\n,,,,,\n",
            "name,address,room,kind\nA,Minato,2F\n",
            "ｎａｍｅ,ADDRESS, Room\u{a0}\n\u{200b}A\u{3000},\u{feff}Minato,2F\n",
        ] {
            let rooms = rooms(text).expect(text);
            assert_eq!(rooms.len(), 1, "{text}");
            let venue = &rooms[0].venue;
            assert_eq!((venue.description(), venue.address()), ("A", "Minato"), "{text}");
            assert_eq!(venue.details().room(), Some("2F"), "{text}");
            assert!(rooms[0].folder.starts_with("A-2F-"), "{}", rooms[0].folder);
            assert_eq!(rooms[0].line, 2);
        }
    }

    #[test]
    fn every_mistake_is_told_by_line_and_column() {
        // [PST-7]
        let head = "name,address,room,kind,stay,from,to\n";
        let long = "x".repeat(101);
        for (row, expected) in [
            (",b,,,,,", "line 2, column name: it is empty"),
            ("a,,,,,,", "line 2, column address: it is empty"),
            (&*format!("{long},b,,,,,"), "line 2, column name"),
            (&*format!("a,{long},,,,,"), "line 2, column address"),
            (&*format!("a,b,{},,,,", "x".repeat(33)), "line 2, column room"),
            ("a,b,,volcano,,,", "line 2, column kind"),
            ("a,b,,,13h,,", "line 2, column stay"),
            ("a,b,,,soon,,", "line 2, column stay"),
            ("a,b,,,,yesterday,", "line 2, column from"),
            ("a,b,,,,,tomorrow", "line 2, column to"),
            ("a,b,,,,2026-04-02 18:00,2026-04-02 17:00", "line 2, column to"),
            ("a,b,,,,2020-04-02 18:00,2020-04-02 19:00", "line 2, column to: it is over"),
            ("a🍜,b,,,,,", "U+1F35C"),
            ("a,b,🍜,,,,", "line 2, column room"),
            ("a,b,,,,,,c", "line 2, 8 cells for 7 columns"),
            ("ジム梅田,b,,,,,\nｼﾞﾑ梅田,b,,,,,", "line 3: the same as line 2 but for width"),
            ("ジム梅田,b,,,,,\nシ\u{3099}ム梅田,b,,,,,", "line 3: the same as line 2 but"),
            ("Bar A,b,,,,,\nBAR\u{3000}A,Ｂ,,,,,", "line 3: the same as line 2 but for width"),
            ("a,b,1–2,,,,\na,b,1-2,,,,", "line 3: the same as line 2 but for width"),
            ("\u{3164},b,,,,,", "line 2, column name: it is empty"),
            ("\u{2800}\u{3000},b,,,,,", "line 2, column name: it is empty"),
            ("a\u{202e}b,b,,,,,", "line 2, column name: the venue's name has a line break"),
            ("a,b,,,,,\n\na,b,,,,,", "line 4: the same as line 2"),
            ("\"a\nb\",b,,,,,\nc,,,,,,", "line 4, column address"),
        ] {
            let error = rooms(&format!("{head}{row}\n")).err().expect(row);
            assert!(error.contains(expected), "{row}: {error}");
            assert!(error.contains("nothing was written"), "{error}");
        }
        for (text, expected) in [
            ("", "the column name is missing"),
            ("name,adress\na,b\n", "\"adress\" is no column"),
            ("name,room\na,b\n", "the column address is missing"),
            ("name,address,name\na,b,c\n", "twice"),
            ("name,address\n", "no row"),
        ] {
            let error = rooms(text).err().expect(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
        let many = format!("name,address\n{}", "a,\n".repeat(25));
        assert!(rooms(&many).err().expect("mistakes").contains("and 5 more"));
        let fonts = Fonts::built_in(None).expect("fonts");
        let now = UnixSeconds::new(1_775_000_000).expect("a time");
        assert!(read(b"name,address\n\x83\x4a,b\n", now, &fonts).is_err(), "Shift JIS");
    }

    #[test]
    fn a_folder_is_named_by_its_cells_and_stays_in_its_place() {
        let folder = |text: &str| rooms(text).expect(text).remove(0).folder;
        let one = folder("name,address\n居酒屋 のれん,Minato\n");
        assert_eq!(one, folder("address,name,room\nMinato,居酒屋 のれん,\n"));
        assert_ne!(one, folder("name,address\n居酒屋 のれん,Shibuya\n"));
        assert!(one.starts_with("居酒屋-のれん-"), "{one}");
        for name in ["../../etc", "..", "/", "a\\b", "CON:", "-rf"] {
            let folder = folder(&format!("name,address\n{name},b\n"));
            let plain = |c: char| c.is_alphanumeric() || c == '-';
            assert!(folder.chars().all(plain) && !folder.starts_with('-'), "{folder}");
        }
    }
}
