"""Computes ../patient_upload.json: uploads of visits under the authority's review.

Run:  pip install cbor2 pynacl && python3 patient_upload.py

A case gives the CBOR inside, from which the plaintext is padded and sealed with the given ephemeral
key; `sealed_sha256` is the hash of the box, which would be 65,536 bytes long. `fails` names the
check that must refuse, `visit` which visit it is about.
"""

import bls
from common import *

MARKER = "NOREN-PATIENT-UPLOAD"
MINUTE = 60
NOW = TEN_PM + 12 * HOUR
EARLIEST = TEN_PM - 2 * DAY
CODE = sha256(b"NOREN-UPLOAD-BINDING", det("upload code", 10))
MSK = bls.mask(det("patient master key"))
OTHER_MSK = bls.mask(det("another patient master key"))
uploads = []


def public_key(msk):
    return bls.encode(bls.mul(bls.G2, msk))


class Place(Venue):
    """A venue that carries a master key which the authority alone knows."""

    def __init__(self, label, msk=MSK, payload=None, **code):
        self.msk = msk
        self.payload = entry_code(public_key(msk), det(label + " seed"), **code) if payload is None else payload
        self.derive()

    def key(self, identity):
        return bls.encode(bls.mul(bls.hash_to_g1(identity), self.msk))


CAFE, BAR = Place("cafe", description="Kissa"), Place("bar", description="Bar")


def visit(start, minutes, place=CAFE):
    return [place.payload, start, start + minutes * MINUTE]


def body(visits, code=CODE, version=2, marker=MARKER):
    return cbor([version, marker, code, visits])


def case(why, data, fails=None, **more):
    index = more.pop("index", MSK)
    keys = {"patient_key": b"" if index is None else bls.le(index, 32)}
    expected = {"code_binding": CODE, "earliest": more.pop("earliest", EARLIEST), "latest": more.pop("latest", NOW)}
    uploads.append(sealed_case(len(uploads), why, data, fails, expected, keys, **more))


def good(why, visits, windows=None, **more):
    """`windows` are what the authority publishes for: the stays, unless it names others."""
    places = {place.payload: place for place in (CAFE, BAR, *more.pop("places", []))}
    published = []
    for (payload, arrival, departure), window in zip(visits, windows or [None] * len(visits)):
        window, place = window or (arrival, departure), places[payload]
        hours = range(window[0] // HOUR * HOUR, window[1], HOUR)
        identities = [place.identity(hour) for hour in hours]
        published.append(
            {
                "window": list(window),
                "payload": payload,
                "stay": [arrival, departure],
                "notification_key": place.notification_key,
                "keys": [
                    {"hour": hour, "identity": identity, "key": place.key(identity)}
                    for hour, identity in zip(hours, identities)
                ],
            }
        )
    case(why, body(visits), visits=published, **more)


def bad(why, fails, visits, number=1, **more):
    case(why, body(visits), fails, visit=number, **more)


one = [visit(TEN_PM, 60)]
good("one visit", one)
good("a visit over midnight", [visit(TEN_PM + 90 * MINUTE, 60)])
good("two places one after the other, without a second between", [visit(TEN_PM, 30), visit(TEN_PM + 30 * MINUTE, 45, BAR)])
good("the same place twice", [visit(TEN_PM, 30), visit(TEN_PM + 30 * MINUTE, 5)])
good("the shortest and the longest", [visit(TEN_PM - DAY, 5), visit(TEN_PM, 720, BAR)])
good("from the earliest to the latest second", one, earliest=TEN_PM, latest=TEN_PM + HOUR)
good("a margin of half an hour", one, [(TEN_PM - 30 * MINUTE, TEN_PM + 90 * MINUTE)])
good("the whole day in Tokyo", one, [(TEN_PM - 7 * HOUR, TEN_PM + 17 * HOUR)])
good("the widest window", [visit(TEN_PM, 5)], [(TEN_PM - 25 * HOUR, TEN_PM + 5 * MINUTE + 25 * HOUR)])
short = Place("short", start=TEN_PM, end=TEN_PM + HOUR)
good("as long as the code is valid", [visit(TEN_PM, 60, short)], places=[short])
explicit = Place("", payload=CAFE.payload + field(4, b"", explicit=True))
good("a payload with an explicit default, which another encoder would drop", [visit(TEN_PM, 60, explicit)], places=[explicit])
twenty = [visit(TEN_PM - DAY + i * 30 * MINUTE, 5) for i in range(20)]
good("20 visits, and one a day later", [*twenty, visit(TEN_PM, 5)])

data = body(one)

# [PAT-4]
opens, form = "DoesNotOpen upload of visits", "Malformed upload of visits"
case("an authority without patient cases", data, "NotEnabled", index=None)
case("another authority's key", data, opens, key=OTHER_AUTHORITY)
case("a bit of the ephemeral key", data, opens, flip=0)
case("a bit of the last byte", data, opens, flip=65_535)
case("a byte short", data, "Length sealed upload", total=UPLOAD_LENGTH - 1)
case("a byte long", data, "Length sealed upload", total=UPLOAD_LENGTH + 1)
case("nothing but zeros, as in a dummy", b"", form)
case("a length beyond the end", data, form, length=UPLOAD_LENGTH - 3)
case("a length one too short", data, form, length=len(data) - 1)
case("padding that is not zero", data, form, tail=b"\x01")
case("CBOR with a trailing byte", data + b"\x00", form)
case("CBOR cut short", data[:-1], form)
case("CBOR with a number in a longer form", data.replace(cbor(TEN_PM), b"\x1b\0\0\0\0" + cbor(TEN_PM)[1:], 1), form)
case("CBOR with one more member", b"\x85" + data[1:] + b"\x00", form)
case("CBOR with one member less", b"\x83" + data[1 : -len(cbor(one))], form)
case("a venue's upload", cbor([2, CODE, [TEN_PM, TEN_PM + HOUR], []]), form)
case("another marker", body(one, marker="NOREN-PATIENT-UPLOAD-2"), form)
case("no marker", body(one, marker=""), form)
case("version 0", body(one, version=0), "UnknownVersion upload of visits")
case("version 1, which carried the code's hash", body(one, version=1), "UnknownVersion upload of visits")
case("a code binding of 31 bytes", body(one, code=CODE[:31]), "Length code binding")
case("no visit", body([]), "OutOfRange Visits")
many = [visit(TEN_PM - (41 - i) * 75 * MINUTE, 5) for i in range(41)]
case("41 visits", body(many), "OutOfRange Visits")
good("40 visits", many[1:], earliest=EARLIEST - DAY)
case("a visit with one member more", body([[*one[0], 0]]), form)
case("a visit with one member less", body([one[0][:2]]), form)
case("an arrival before 1970", body([[CAFE.payload, -1, 600]]), form)
case("a departure beyond the year 9999", body([[CAFE.payload, TEN_PM, MAX_TIME + 1]]), form)

# [PAT-5]
case("another case's code", body(one, code=det("another code")), "ForeignCase")

# [PAT-6]
bad("an empty payload", "UnknownVersion entry code", [[b"", TEN_PM, TEN_PM + HOUR]])
bad("a payload cut short", "Malformed entry code", [[CAFE.payload[:-1], TEN_PM, TEN_PM + HOUR]])
bad("a payload with a tail", "TrailingBytes entry code", [[CAFE.payload + b"\x04", TEN_PM, TEN_PM + HOUR]])
bad("a second payload that is none", "UnknownVersion entry code", [*one, [b"", TEN_PM + HOUR, TEN_PM + 2 * HOUR]], 2)
bad("a payload of 1,401 bytes", "TooLong entry code", [[CAFE.payload + bytes(1_401 - len(CAFE.payload)), TEN_PM, TEN_PM + HOUR]])
foreign = "ForeignVenue"
bad("a venue of the basic scheme", foreign, [visit(TEN_PM, 60, Venue("venue"))])
bad("a venue of another authority's patient cases", foreign, [visit(TEN_PM, 60, Place("cafe", OTHER_MSK))])
bad("a venue with the key negated", foreign, [visit(TEN_PM, 60, Place("cafe", bls.R - MSK))])
bad("a second venue that does not take part", foreign, [*one, visit(TEN_PM + HOUR, 60, Venue("venue"))], 2)
bad("the authority has another patient key by now", foreign, one, index=OTHER_MSK)

# [PAT-7]
bad("no time at all", "Backwards", [visit(TEN_PM, 0)])
bad("a departure before the arrival", "Backwards", [visit(TEN_PM, -1)])
bad("a second short of five minutes", "TooShort", [[CAFE.payload, TEN_PM, TEN_PM + 299]])
bad("a second longer than 12 hours", "TooLong", [[CAFE.payload, TEN_PM - HOUR, TEN_PM + 11 * HOUR + 1]])
shrunk = [[CAFE.payload, TEN_PM + i, TEN_PM + i + 1] for i in range(40)]
bad("forty places shortened to a second each", "TooShort", shrunk)

# [PAT-8]
bad("a second before the earliest", "TooEarly", one, earliest=TEN_PM + 1)
bad("a second after the latest", "InTheFuture", one, latest=TEN_PM + HOUR - 1)
bad("tomorrow", "InTheFuture", [*one, visit(NOW + DAY, 60)], 2)

# [PAT-9]
then = "NotValidThen"
bad("the code begins a second late", then, [visit(TEN_PM, 60, Place("late", start=TEN_PM + 1))])
bad("the code ends a second early", then, [visit(TEN_PM, 60, Place("early", end=TEN_PM + HOUR - 1))])

# [PAT-10]
bad("shuffled", "OutOfOrder", [visit(TEN_PM + HOUR, 30), visit(TEN_PM, 30, BAR)], 2)
bad("the third before the second", "OutOfOrder", [*one, visit(TEN_PM + 3 * HOUR, 5), visit(TEN_PM + 2 * HOUR, 5)], 3)
bad("the same visit twice", "Overlap", one * 2, 2)
bad("two places at once", "Overlap", [*one, visit(TEN_PM, 60, BAR)], 2)
bad("a second in two places", "Overlap", [*one, [BAR.payload, TEN_PM + HOUR - 1, TEN_PM + 2 * HOUR]], 2)
bad("one inside of the other", "Overlap", [*one, visit(TEN_PM + 10 * MINUTE, 10, BAR)], 2)
bad("fifty at once, as far as they fit", "Overlap", [visit(TEN_PM, 30, Place(f"place {i}")) for i in range(40)], 2)

# [PAT-11]
bad("21 visits in a day", "TooMany", [*twenty, visit(TEN_PM - 12 * HOUR, 5)], 21)
bad("21 visits over two days of any calendar", "TooMany", [*twenty, [CAFE.payload, TEN_PM - 1, TEN_PM + HOUR]], 21)
run = [visit(TEN_PM - 30 * HOUR + i * 71 * MINUTE, 5) for i in range(30)]
bad("the 23rd is too many", "TooMany", run[:2] + [visit(TEN_PM - 27 * HOUR + i * 71 * MINUTE, 5) for i in range(21)], 23)

write("patient_upload", "patient_upload.py", "libsodium (PyNaCl), cbor2, bls.py", noren_patient_upload=uploads)
