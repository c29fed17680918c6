//! Inputs and what they have to mean. The grammar is in `spec/times.md`.

use super::*;

fn at(text: &str) -> UnixSeconds {
    let time = text.parse::<Timestamp>().expect(text);
    UnixSeconds::from_i64(time.as_second()).expect(text)
}

fn tz(name: &str) -> TimeZone {
    TimeZone::get(name).expect(name)
}

/// Noon of a day in Japan.
const NOON: &str = "2026-04-10T12:00:00+09:00";

fn means(text: &str, asked: Asked, zone: &str, expected: &str) {
    let found = read_in(text, asked, at(NOON), &tz(zone));
    let found = found.unwrap_or_else(|error| panic!("{text}: {error:#}"));
    assert_eq!(rfc3339(found), rfc3339(at(expected)), "{text}");
}

fn refused(text: &str, asked: Asked, zone: &str, words: &[&str]) {
    let error = read_in(text, asked, at(NOON), &tz(zone)).expect_err(text);
    let error = format!("{error:#}");
    for word in words {
        assert!(error.contains(word), "{text}: {word:?} is not in {error:?}");
    }
}

#[test]
fn what_is_accepted() {
    // [TIME-6]
    for (text, expected) in [
        ("2026-04-01 18:30", "2026-04-01T18:30:00+09:00"),
        ("2026-04-01T18:30", "2026-04-01T18:30:00+09:00"),
        ("2026-04-01t18:30", "2026-04-01T18:30:00+09:00"),
        ("  2026-04-01   18:30 ", "2026-04-01T18:30:00+09:00"),
        ("2026-04-01 18:30:15", "2026-04-01T18:30:15+09:00"),
        ("2026-04-01 18:30:15.999", "2026-04-01T18:30:15+09:00"),
        ("2026-04-01T18:30:15,5Z", "2026-04-01T18:30:15Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2026-04-01 24:00", "2026-04-02T00:00:00+09:00"),
        ("2026-04-01 7:05", "2026-04-01T07:05:00+09:00"),
        ("2026-04-01 00:00", "2026-04-01T00:00:00+09:00"),
        ("2026-04-01T18:30Z", "2026-04-01T18:30:00Z"),
        ("2026-04-01T18:30z", "2026-04-01T18:30:00Z"),
        ("2026-04-01 18:30+01:00", "2026-04-01T18:30:00+01:00"),
        ("2026-04-01 18:30 +01:00", "2026-04-01T18:30:00+01:00"),
        ("2026-04-01 18:30-0230", "2026-04-01T18:30:00-02:30"),
        ("2026-04-01 18:30−02", "2026-04-01T18:30:00-02:00"),
        ("2026-04-01T18:30:00+02:00[Europe/Zurich]", "2026-04-01T18:30:00+02:00"),
        ("2026-04-01 18:30[Europe/Zurich]", "2026-04-01T18:30:00+02:00"),
        ("2026-04-01 18:30 [!Europe/Zurich][u-ca=iso8601]", "2026-04-01T18:30:00+02:00"),
        ("2026-04-01 18:30[+05:30]", "2026-04-01T18:30:00+05:30"),
        ("2026-04-01T16:30Z[Europe/Zurich]", "2026-04-01T16:30:00Z"),
        ("2026/04/01 18:30", "2026-04-01T18:30:00+09:00"),
        ("2026/4/1 9:00:00", "2026-04-01T09:00:00+09:00"),
        ("2026-4-1 9:00", "2026-04-01T09:00:00+09:00"),
        ("2026年4月1日18時30分", "2026-04-01T18:30:00+09:00"),
        ("2026年04月01日 18時", "2026-04-01T18:00:00+09:00"),
        ("２０２６年４月１日　１８時半", "2026-04-01T18:30:00+09:00"),
        ("２０２６－０４－０１　１８：３０", "2026-04-01T18:30:00+09:00"),
        ("2028-02-29 12:00", "2028-02-29T12:00:00+09:00"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("9999-12-30T21:59:59Z", "9999-12-30T21:59:59Z"),
        ("10:30", "2026-04-10T10:30:00+09:00"),
        ("7:05", "2026-04-10T07:05:00+09:00"),
        ("１０：３０", "2026-04-10T10:30:00+09:00"),
        ("10時30分5秒", "2026-04-10T10:30:05+09:00"),
        ("10:30+09:00", "2026-04-10T10:30:00+09:00"),
        ("02:30Z", "2026-04-10T02:30:00Z"),
        // In Honolulu it is still the day before.
        ("10:30-10:00", "2026-04-09T10:30:00-10:00"),
        ("10:30[Pacific/Honolulu]", "2026-04-09T10:30:00-10:00"),
        ("now", NOON),
        ("NOW", NOON),
        ("today 13:00", "2026-04-10T13:00:00+09:00"),
        ("Yesterday 18:30", "2026-04-09T18:30:00+09:00"),
        ("tomorrow 0:30", "2026-04-11T00:30:00+09:00"),
        ("yesterday 24:00", "2026-04-10T00:00:00+09:00"),
    ] {
        for asked in [Asked::From, Asked::To, Asked::Arrival(Edge::None)] {
            means(text, asked, "Asia/Tokyo", expected);
        }
    }
}

#[test]
fn what_a_spreadsheet_has_rewritten_is_read_or_refused_with_the_form_to_use() {
    // [TIME-11]
    for text in [
        "2026/12/01 10:00",
        "2026/12/1 10:00",
        "2026/12/01  10:00:00",
        "2026-12-01T10:00:00",
        "2026-12-01T10:00:00.000",
        "2026-12-01 10:00:00",
        "2026.12.01 10:00",
        "2026. 12. 1. 10:00",
        "2026年12月1日 10:00",
        "2026年12月1日10時00分",
        "２０２６／１２／０１　１０：００",
        "２０２６年１２月１日　１０：００",
        "\u{feff}2026/12/01 10:00",
        "\u{200e}2026/\u{200e}12/\u{200e}01\u{a0}10:00",
        "2026/12/01\u{202f}10:00",
        "2026/12/1 10:00+09:00",
    ] {
        for asked in [Asked::From, Asked::InFile(Edge::Start), Asked::InFile(Edge::End)] {
            means(text, asked, "Asia/Tokyo", "2026-12-01T10:00:00+09:00");
        }
    }
    for (text, words) in [
        ("12/01/2026", &["2026-12-01", "2026-01-12"][..]),
        ("12/01/2026 10:00", &["2026-12-01", "2026-01-12"]),
        ("1.12.2026", &["2026-12-01", "2026-01-12"]),
        ("1-12-2026 10:00", &["2026-12-01", "2026-01-12"]),
        ("31/12/2026", &["2026-12-31"]),
        ("12/31/2026 9:05 AM", &["2026-12-31"]),
        ("31.12.2026 10:00", &["2026-12-31"]),
        ("１２／０１／２０２６", &["2026-12-01"]),
        ("12/1/26 10:00", &["four digits"]),
        ("1.12.26", &["four digits"]),
        ("99/99/2026", &["four digits"]),
        ("46357.4167", &["four digits"]),
        ("46357", &["a number alone"]),
        ("2026/12/01 10:00 AM", &["am and pm"]),
        ("2026/12/1(火) 10:00", &["day of the week"]),
        ("2026年12月1日(火) 10:00", &["day of the week"]),
        ("2026年12月1日火曜日", &["day of the week"]),
        ("2026.13.01 10:00", &["no such day"]),
        ("2026.12", &["18:30"]),
        ("R8/12/1 10:00", &["Gregorian"]),
    ] {
        for asked in [Asked::From, Asked::InFile(Edge::Start)] {
            refused(text, asked, "Asia/Tokyo", words);
        }
    }
}

#[test]
fn what_is_refused_and_why() {
    // [TIME-6]
    for (text, word) in [
        ("", "18:30"),
        (" ", "18:30"),
        ("12", "a number alone"),
        ("2026", "a number alone"),
        ("1830", "a number alone"),
        ("20260401T1830", "a number alone"),
        ("1775000000", "a number alone"),
        ("6:30 pm", "18:30"),
        ("6:30PM", "am and pm"),
        ("6pm", "18:30"),
        ("6:30 a.m.", "am and pm"),
        ("午後6時30分", "from 0 to 24"),
        ("2026-04-01 午後6時", "from 0 to 24"),
        ("26-04-01 18:30", "four digits"),
        ("01/04/2026 18:30", "four digits"),
        ("01.04.2026 18:30", "four digits"),
        ("4/1 18:30", "four digits"),
        ("4月1日18時", "four digits"),
        ("18.30", "colon"),
        ("18h30", "length"),
        ("-1h", "length of time"),
        ("1h ago", "length of time"),
        ("90m", "length of time"),
        ("-18:30", "length of time"),
        ("-2026-04-01 18:30", "length of time"),
        ("+002026-04-01 18:30", "length of time"),
        ("0000-01-01 10:00", "1970"),
        ("1969-12-31 10:00", "1970"),
        ("12026-01-01 10:00", "four digits"),
        ("9999-12-31T23:59:59Z", "to 9999"),
        ("2026-02-29 12:00", "no such day"),
        ("2026-13-01 12:00", "no such day"),
        ("2026-00-01 12:00", "no such day"),
        ("2026-04 12:00", "18:30"),
        ("2026/04-01 12:00", "18:30"),
        ("2026-04-01T", "18:30"),
        ("2026-04-01 18", "18:30"),
        ("2026-04-01 1830", "18:30"),
        ("18:3", "18:30"),
        ("18:60", "23:59"),
        ("18:30:61", "23:59"),
        ("24:01", "24:00"),
        ("25:00", "24:00"),
        ("99:00", "24:00"),
        ("18:30:", "18:30"),
        ("18:30:15.", "18:30"),
        ("18:30 19:30", "left over"),
        ("18:30 - 19:30", "UTC"),
        ("18:30+9", "+09:00"),
        ("18:30+15:00", "14 hours"),
        ("18:30+09:60", "UTC"),
        ("18:30+09:00:00", "left over"),
        ("18:30 JST", "+09:00"),
        ("18:30 Asia/Tokyo", "[Asia/Tokyo]"),
        ("18:30 UTC", "Z"),
        ("18:30[Asia/Osaka]", "no time zone"),
        ("18:30[]", "no time zone"),
        ("18:30[Asia/Tokyo", "left over"),
        ("18:30[Asia/Tokyo][Europe/Zurich]", "two time zones"),
        ("2026-04-01 18:30+01:00[Asia/Tokyo]", "+09:00"),
        ("2026-04-01 18:30[u-ca=japanese]", "Gregorian"),
        ("2026-04-01 18:30[!u-ca=hebrew]", "Gregorian"),
        ("令和8年4月1日 18:30", "Gregorian"),
        ("R8.4.1 18:30", "Gregorian"),
        ("now[Asia/Tokyo]", "everywhere"),
        ("soon", "18:30"),
        ("昨日 18:30", "18:30"),
        ("2026-04-01 18:30 or so", "+09:00"),
        ("\u{1b}[2J", "18:30"),
    ] {
        refused(text, Asked::From, "Asia/Tokyo", &[word]);
    }
}

#[test]
fn what_came_twice_or_never_is_refused_with_both_readings() {
    // [TIME-7]
    for (zone, text, readings) in [
        ("Europe/Zurich", "2026-10-25 02:20", ["02:20+02:00", "02:20+01:00"]),
        ("Europe/Zurich", "2026-10-25 02:00", ["02:00+02:00", "02:00+01:00"]),
        ("Europe/Zurich", "2026-10-25T02:59:59", ["02:59:59+02:00", "02:59:59+01:00"]),
        ("Europe/Zurich", "2026-03-29 02:30", ["01:30+01:00", "03:30+02:00"]),
        ("Australia/Lord_Howe", "2026-04-05 01:45", ["01:45+11:00", "01:45+10:30"]),
        ("Australia/Lord_Howe", "2026-10-04 02:15", ["01:45+10:30", "02:45+11:00"]),
        ("Pacific/Apia", "2011-12-30 10:00", ["12-29 10:00-10:00", "12-31 10:00+14:00"]),
        ("America/Santiago", "2026-09-06 00:30", ["09-05 23:30-04:00", "09-06 01:30-03:00"]),
    ] {
        for asked in [Asked::From, Asked::To, Asked::Arrival(Edge::None)] {
            refused(text, asked, zone, &readings);
            refused(&format!("{text}[{zone}]"), asked, "Asia/Tokyo", &readings);
        }
    }
    for (text, expected) in [
        ("2026-10-25 02:20+02:00", "2026-10-25T00:20:00Z"),
        ("2026-10-25 02:20+01:00", "2026-10-25T01:20:00Z"),
        ("2026-10-25 02:20+01:00[Europe/Zurich]", "2026-10-25T01:20:00Z"),
        ("2026-10-25 01:59:59", "2026-10-24T23:59:59Z"),
        ("2026-10-25 03:00", "2026-10-25T02:00:00Z"),
        ("2026-03-29 01:59:59", "2026-03-29T00:59:59Z"),
        ("2026-03-29 03:00", "2026-03-29T01:00:00Z"),
        ("2026-03-29 02:30+01:00", "2026-03-29T01:30:00Z"),
    ] {
        means(text, Asked::From, "Europe/Zurich", expected);
    }
    let during = read_in("02:20", Asked::From, at("2026-10-25T05:00:00Z"), &tz("Europe/Zurich"));
    let error = format!("{:#}", during.expect_err("twofold"));
    assert!(error.contains("02:20+02:00") && error.contains("02:20+01:00"), "{error}");
}

#[test]
fn a_day_alone_is_its_beginning_or_its_end() {
    // [TIME-9]
    for (zone, day, start, end) in [
        ("Asia/Tokyo", "2026-04-01", "2026-03-31T15:00:00Z", "2026-04-01T15:00:00Z"),
        ("Asia/Tokyo", "2026年4月1日", "2026-03-31T15:00:00Z", "2026-04-01T15:00:00Z"),
        ("Asia/Tokyo", "2026-04-01Z", "2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z"),
        ("Asia/Tokyo", "2026-04-01+02:00", "2026-03-31T22:00:00Z", "2026-04-01T22:00:00Z"),
        ("Asia/Tokyo", "2026-04-01[Europe/Zurich]", "2026-03-31T22:00:00Z", "2026-04-01T22:00:00Z"),
        ("Asia/Tokyo", "yesterday", "2026-04-08T15:00:00Z", "2026-04-09T15:00:00Z"),
        ("Europe/Zurich", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("Europe/Zurich", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        // The day begins at one o'clock, or its midnight comes twice.
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"),
        ("America/Santiago", "2026-09-05", "2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"),
    ] {
        means(day, Asked::From, zone, start);
        means(day, Asked::To, zone, end);
        refused(day, Asked::Arrival(Edge::None), zone, &["add the time"]);
    }
    means("2026-09-05 24:00", Asked::From, "America/Santiago", "2026-09-06T04:00:00Z");
    for edge in [Asked::From, Asked::To] {
        refused("2011-12-30", edge, "Pacific/Apia", &["never was"]);
    }
    refused("9999-12-31", Asked::To, "UTC", &["9999"]);
}

#[test]
fn a_time_alone_is_the_one_that_can_be_meant() {
    // [TIME-8]
    let zone = tz("Europe/Zurich");
    let read = |text: &str, asked, now: &str| {
        read_in(text, asked, at(now), &zone).map(rfc3339).map_err(|error| format!("{error:#}"))
    };
    let (arrival, night) = (Asked::Arrival(Edge::None), "2026-04-02T00:10:00+02:00");
    assert_eq!(read("23:55", arrival, night).as_deref(), Ok("2026-04-01T21:55:00Z"));
    assert_eq!(read("0:05", arrival, night).as_deref(), Ok("2026-04-01T22:05:00Z"));
    for asked in [arrival, Asked::From, Asked::To] {
        let error = read("18:30", asked, "2026-04-02T05:00:00+02:00");
        if asked == arrival {
            assert_eq!(error.as_deref(), Ok("2026-04-01T16:30:00Z"));
            continue;
        }
        let error = error.expect_err("in the future");
        assert!(error.contains("2026-04-01 18:30+02:00"), "{error}");
        assert!(error.contains("2026-04-02 18:30+02:00"), "{error}");
    }
    assert!(read("18:30", arrival, "2026-04-02T10:00:00+02:00").is_err(), "too long ago");
    let left = |came: &str| Asked::Departure(at(came), Edge::None);
    for (came, text, now, expected) in [
        ("2026-04-01T23:00:00+02:00", "23:55", night, Some("2026-04-01T21:55:00Z")),
        ("2026-04-01T23:00:00+02:00", "0:05", night, Some("2026-04-01T22:05:00Z")),
        (
            "2026-04-01T23:00:00+02:00",
            "1:00",
            "2026-04-01T23:30:00+02:00",
            Some("2026-04-01T23:00:00Z"),
        ),
        (
            "2026-04-01T18:00:00+02:00",
            "20:00",
            "2026-04-01T19:00:00+02:00",
            Some("2026-04-01T18:00:00Z"),
        ),
        (
            "2026-04-01T18:00:00+02:00",
            "24:00",
            "2026-04-01T19:00:00+02:00",
            Some("2026-04-01T22:00:00Z"),
        ),
        (
            "2026-04-01T18:00:20+02:00",
            "18:00",
            "2026-04-01T18:00:40+02:00",
            Some("2026-04-01T16:00:20Z"),
        ),
        ("2026-04-02T00:05:00+02:00", "23:55", night, None),
        ("2026-04-01T18:00:00+02:00", "17:00", "2026-04-01T19:00:00+02:00", None),
    ] {
        let found = read(text, left(came), now);
        assert_eq!(found.as_deref().ok(), expected, "{text}: {found:?}");
    }
    // Somebody who came before the clocks were changed may have left at either.
    let error = read("2:20", left("2026-10-25T00:00:00+02:00"), "2026-10-25T04:00:00+01:00");
    assert!(error.expect_err("twofold").contains("02:20+01:00"));
}

/// Every form of a place, where somebody left, on the days on which the clocks of Zurich are changed
/// and the days after: what each means, or a word of why it is refused.
#[test]
fn an_offset_is_held_against_its_zone_on_the_day_that_is_meant() {
    // [TIME-6] [TIME-7] [TIME-8]
    let zone = tz("Europe/Zurich");
    let autumn = ("2026-10-25T00:30:00+02:00", "2026-10-25T12:00:00+01:00");
    let autumn_next = ("2026-10-25T22:00:00+01:00", "2026-10-26T06:00:00+01:00");
    let spring = ("2026-03-29T00:30:00+01:00", "2026-03-29T12:00:00+02:00");
    let spring_next = ("2026-03-29T22:00:00+02:00", "2026-03-30T06:00:00+02:00");
    for ((came, now), text, expected) in [
        (autumn, "02:50+01:00[Europe/Zurich]", "2026-10-25T01:50:00Z"),
        (autumn, "02:50+02:00[Europe/Zurich]", "2026-10-25T00:50:00Z"),
        (autumn, "02:50 +01:00 [!Europe/Zurich][u-ca=iso8601]", "2026-10-25T01:50:00Z"),
        (autumn, "02:50+01:00", "2026-10-25T01:50:00Z"),
        (autumn, "02:50+02", "2026-10-25T00:50:00Z"),
        (autumn, "01:50Z", "2026-10-25T01:50:00Z"),
        (autumn, "01:50Z[Europe/Zurich]", "2026-10-25T01:50:00Z"),
        (autumn, "02:50[+01:00]", "2026-10-25T01:50:00Z"),
        (autumn, "02:50+01:00[+01:00]", "2026-10-25T01:50:00Z"),
        (autumn, "02:50+02:00[+01:00]", "+01:00"),
        (autumn, "02:50", "02:50+02:00"),
        (autumn, "02:50[Europe/Zurich]", "02:50+01:00"),
        (autumn, "2:50:30+01:00[Europe/Zurich]", "2026-10-25T01:50:30Z"),
        (autumn, "2時50分+01:00[Europe/Zurich]", "2026-10-25T01:50:00Z"),
        (autumn, "2026-10-25 02:50+01:00[Europe/Zurich]", "2026-10-25T01:50:00Z"),
        (autumn, "today 02:50+01:00[Europe/Zurich]", "2026-10-25T01:50:00Z"),
        (autumn, "03:10", "2026-10-25T02:10:00Z"),
        (autumn, "03:10+01:00[Europe/Zurich]", "2026-10-25T02:10:00Z"),
        (autumn, "03:10+02:00[Europe/Zurich]", "at +01:00"),
        (autumn, "01:10+01:00[Europe/Zurich]", "at +02:00"),
        (autumn, "10:50+09:00[Asia/Tokyo]", "2026-10-25T01:50:00Z"),
        (autumn, "10:50[Asia/Tokyo]", "2026-10-25T01:50:00Z"),
        (autumn, "02:50+09:00[Asia/Tokyo]", "12 hours"),
        (autumn, "24:00", "12 hours"),
        (autumn_next, "02:50+01:00[Europe/Zurich]", "2026-10-26T01:50:00Z"),
        (autumn_next, "02:50+02:00[Europe/Zurich]", "at +01:00"),
        (autumn_next, "02:50", "2026-10-26T01:50:00Z"),
        (autumn_next, "23:30+01:00[Europe/Zurich]", "2026-10-25T22:30:00Z"),
        (autumn_next, "24:00+01:00[Europe/Zurich]", "2026-10-25T23:00:00Z"),
        (autumn_next, "24:00+02:00[Europe/Zurich]", "at +01:00"),
        (autumn_next, "24:00", "2026-10-25T23:00:00Z"),
        (spring, "02:50", "never was"),
        (spring, "02:50+01:00", "2026-03-29T01:50:00Z"),
        (spring, "02:50+01:00[Europe/Zurich]", "at +02:00"),
        (spring, "01:50+01:00[Europe/Zurich]", "2026-03-29T00:50:00Z"),
        (spring, "03:50+02:00[Europe/Zurich]", "2026-03-29T01:50:00Z"),
        (spring, "03:50", "2026-03-29T01:50:00Z"),
        (spring_next, "02:50+02:00[Europe/Zurich]", "2026-03-30T00:50:00Z"),
        (spring_next, "02:50+01:00[Europe/Zurich]", "at +02:00"),
        (spring_next, "02:50", "2026-03-30T00:50:00Z"),
    ] {
        let found = read_in(text, Asked::Departure(at(came), Edge::None), at(now), &zone);
        expect(text, now, found, expected);
    }
}

/// The same where somebody is there now, and for the beginning and the end of something.
#[test]
fn the_day_of_a_time_alone_is_that_of_its_offset() {
    // [TIME-8]
    let zone = tz("Europe/Zurich");
    for (now, text, arrival, other) in [
        // The night after the change: yesterday's is too long ago, and today's is to come.
        ("2026-10-26T00:30:00+01:00", "02:50+02:00[Europe/Zurich]", "at +01:00", "at +01:00"),
        (
            "2026-10-26T00:30:00+01:00",
            "02:50+01:00[Europe/Zurich]",
            "2026-10-26 02:50",
            "2026-10-25 02:50",
        ),
        ("2026-10-26T12:00:00+01:00", "02:50+02:00[Europe/Zurich]", "at +01:00", "at +01:00"),
        (
            "2026-10-25T12:00:00+01:00",
            "02:50+01:00[Europe/Zurich]",
            "2026-10-25T01:50:00Z",
            "2026-10-25T01:50:00Z",
        ),
        (
            "2026-10-25T12:00:00+01:00",
            "02:50+02:00[Europe/Zurich]",
            "2026-10-25T00:50:00Z",
            "2026-10-25T00:50:00Z",
        ),
        // Before the change: today's comes later, and yesterday had no such time.
        (
            "2026-10-25T01:00:00+02:00",
            "02:50+01:00[Europe/Zurich]",
            "write 2026-10-25 02:50+01:00",
            "there was none",
        ),
        // In the evening before, that is today's in UTC and tomorrow's here.
        (
            "2026-04-11T01:00:00+02:00",
            "22:30Z[Europe/Zurich]",
            "2026-04-10T22:30:00Z",
            "2026-04-10T22:30:00Z",
        ),
        ("2026-04-11T01:00:00+02:00", "22:30Z", "2026-04-10T22:30:00Z", "2026-04-10T22:30:00Z"),
        // At night, what was yesterday evening.
        (
            "2026-10-26T00:30:00+01:00",
            "23:50+01:00[Europe/Zurich]",
            "2026-10-25T22:50:00Z",
            "2026-10-25 23:50",
        ),
        ("2026-10-26T00:30:00+01:00", "23:50+02:00[Europe/Zurich]", "at +01:00", "at +01:00"),
    ] {
        expect(text, now, read_in(text, Asked::Arrival(Edge::None), at(now), &zone), arrival);
        for asked in [Asked::From, Asked::To] {
            expect(text, now, read_in(text, asked, at(now), &zone), other);
        }
    }
    for (day, edge) in [
        ("2026-04-01+01:00[Asia/Tokyo]", Asked::From),
        ("2026-04-01+01:00[Asia/Tokyo]", Asked::To),
        ("2026-04-01+01:00[Asia/Tokyo]", Asked::InFile(Edge::Start)),
        ("2026-10-25+02:00[Europe/Zurich]", Asked::To),
        ("2026-04-01 24:00+01:00[Asia/Tokyo]", Asked::From),
        ("2026-04-01 24:00+01:00[Asia/Tokyo]", Asked::InFile(Edge::End)),
    ] {
        refused(day, edge, "Asia/Tokyo", &[" was at +0"]);
    }
    means("2026-10-25+02:00[Europe/Zurich]", Asked::From, "Asia/Tokyo", "2026-10-24T22:00:00Z");
    means("2026-10-25+01:00[Europe/Zurich]", Asked::To, "Asia/Tokyo", "2026-10-25T23:00:00Z");
}

/// A moment, or a word of an error.
fn expect(text: &str, now: &str, found: anyhow::Result<UnixSeconds>, expected: &str) {
    match found {
        Ok(found) => assert_eq!(rfc3339(found), expected, "{text} at {now}"),
        Err(error) => {
            let error = format!("{error:#}");
            assert!(error.contains(expected), "{text} at {now}: {expected:?} is not in {error:?}");
        }
    }
}

#[test]
fn a_file_is_read_on_another_day() {
    // [TIME-8]
    for edge in [Edge::Start, Edge::End] {
        for text in ["18:30", "now", "yesterday", "tomorrow 18:30"] {
            refused(text, Asked::InFile(edge), "Asia/Tokyo", &["has its date"]);
        }
    }
}

#[test]
fn a_date_has_no_time() {
    // [TIME-9]
    let zone = tz("Asia/Tokyo");
    for (text, expected) in [
        ("2026-04-01", "2026-04-01"),
        ("2026/4/1", "2026-04-01"),
        ("２０２６年４月１日", "2026-04-01"),
        ("today", "2026-04-10"),
        ("yesterday", "2026-04-09"),
    ] {
        assert_eq!(parse_date(text, at(NOON), &zone).expect(text).to_string(), expected);
    }
    for text in ["2026-04-01 18:30", "18:30", "now", "2026-04-01Z", "2026-4", "26-04-01", "", "x"] {
        assert!(parse_date(text, at(NOON), &zone).is_err(), "{text}");
    }
    assert!(parse_date("2011-12-30", at(NOON), &tz("Pacific/Apia")).is_err());
}

#[test]
fn an_offset_is_shown_where_a_time_came_twice() {
    // [TIME-7]
    let shown = |time: &str, zone: &str| show_clock(at(time), &tz(zone));
    assert_eq!(shown("2026-10-25T00:20:00Z", "Europe/Zurich"), "02:20+02:00");
    assert_eq!(shown("2026-10-25T01:20:00Z", "Europe/Zurich"), "02:20+01:00");
    assert_eq!(shown("2026-10-25T02:00:00Z", "Europe/Zurich"), "03:00");
    assert_eq!(shown("2026-10-24T23:59:59Z", "Europe/Zurich"), "01:59");
    assert_eq!(shown("2026-03-29T01:30:00Z", "Europe/Zurich"), "03:30");
    assert_eq!(shown("2026-04-04T14:45:00Z", "Australia/Lord_Howe"), "01:45+11:00");
}

#[test]
fn a_local_day_is_as_long_as_the_clocks_make_it() {
    let length = |time: &str, zone| local_day(at(time), zone).expect(zone).seconds();
    assert_eq!(length("2026-03-29T12:00:00Z", "Asia/Tokyo"), 86_400);
    assert_eq!(length("2026-03-29T12:00:00Z", "Europe/Zurich"), 82_800);
    assert_eq!(length("2026-10-25T12:00:00Z", "Europe/Zurich"), 90_000);
    assert_eq!(length("2026-09-06T12:00:00Z", "America/Santiago"), 82_800);
    assert_eq!(length("2011-12-30T02:00:00Z", "Pacific/Apia"), 86_400);
    assert_eq!(local_date(at("2026-04-01T16:00:00Z"), "Asia/Tokyo").expect("a zone"), "2026-04-02");
    assert!(local_date(at(NOON), "Asia/Osaka").is_err());
}

#[test]
fn an_authoritys_day_is_that_of_its_time_zone() {
    let evening = UnixSeconds::new(1_775_053_800).expect("a time");
    let day = |name| show_in(evening, &zone_or_local(Some(name)), "%Y-%m-%d %H:%M");
    assert_eq!(day("Asia/Tokyo"), "2026-04-01 23:30");
    assert_eq!(day("Pacific/Auckland"), "2026-04-02 03:30");
    assert_eq!(zone_or_local(Some("Mars/Olympus")), TimeZone::system());
    assert_eq!(zone_name(evening, &zone_or_local(Some("Asia/Tokyo"))), "Asia/Tokyo");
    let nameless = TimeZone::fixed(jiff::tz::offset(9));
    assert_eq!(zone_name(evening, &nameless), "UTC+09:00");
}

#[test]
fn a_length_may_be_in_days() {
    // [TIME-10]
    for (text, seconds) in [
        ("90m", 5_400),
        ("1h 30m", 5_400),
        ("7d", 604_800),
        ("1s", 1),
        ("９０ｍ", 5_400),
        ("90M", 5_400),
        ("PT1H30M", 5_400),
        ("pt90m", 5_400),
        ("90 minutes", 5_400),
        ("1 hour, 30 minutes", 5_400),
        ("1 hour and 30 minutes", 5_400),
        ("1.5h", 5_400),
        ("90分", 5_400),
        ("９０分間", 5_400),
        ("1時間半", 5_400),
        ("１時間３０分", 5_400),
        ("1 時間 30 分", 5_400),
        ("1小时30分钟", 5_400),
        ("1小時30分鐘", 5_400),
        ("1시간 30분", 5_400),
        ("7日", 604_800),
        ("7日間", 604_800),
        ("1週間", 604_800),
        ("1日", 86_400),
        ("45秒", 45),
        ("\u{feff}2\u{200b}h\u{3000}", 7_200),
    ] {
        assert_eq!(parse_length(text).expect(text), seconds);
    }
    for text in [
        "",
        "0s",
        "-1h",
        "1",
        "1 month",
        "soon",
        "18:30",
        "ninety minutes",
        "一時間",
        "半日",
        "1か月",
        // A thousand and a half, or one and a half.
        "1,500s",
        "１，５００ｓ",
        "3.600s",
        "1h 1,440m",
    ] {
        assert!(parse_length(text).is_err(), "{text}");
    }
}
