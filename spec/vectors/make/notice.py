"""Computes ../notice.json: the plaintext of notices in both layouts, sealed and opened.

Run:  pip install cbor2 pynacl && python3 notice.py

`written` tells the notices that Noren writes byte for byte; the others it only reads. A case without
`plaintext` is one that cannot be written. `fails` names the check that must refuse.
"""

from common import *

TAG = b"\xd9\xd9\xf7"
WINDOW = (TEN_PM + 300, TEN_PM + 3_000)
notices = []


def plaintext(text, window, country_data, version=3, layout="with_times"):
    if layout == "with_times":
        return message(version, text, *(window or (0, 0)), country_data)
    return message(version, text, country_data)


def details(level, names_venue, names_date, padding, version=1):
    return TAG + cbor([version, level, names_venue, names_date, padding])


def padded(text, window, level, names_venue, layout, names_date=True):
    """The padding that makes 512 bytes, found by trying."""
    for length in range(512):
        data = plaintext(text, window, details(level, names_venue, names_date, bytes(length)), layout=layout)
        if len(data) == 512:
            return data


def sealed(data, label):
    key, nonce = det("notification key"), det(f"nonce {label}", 24)
    return {"key": key, "nonce": nonce, "sealed": secretbox(data, nonce, key)}


def read(why, data, text, layout, window=WINDOW, level=None, names_venue=None, written=False, names_date=True):
    case = {"why": why, "layout": layout, "plaintext": data, **sealed(data, len(notices))}
    case["window"] = window if layout == "with_times" else None
    case["message"] = text
    if level is not None:
        case.update(level=level, names_venue=names_venue, names_date=names_date)
    notices.append({**case, "written": written})


def refused(why, data, fails, **other):
    notices.append({"why": why, "plaintext": data, **sealed(data, len(notices)), **other, "fails": fails})


LAYOUTS = ("with_times", "without_times")
for layout in LAYOUTS:
    for why, text, level, names_venue in [
        ("attention, without a word", "", 0, False),
        ("a cluster, and the venue is named", "You were near a cluster of infections.", 1, True),
        ("a withdrawal", "This warning no longer stands.", 2, False),
        ("200 bytes", "x" * 200, 0, True),
        ("200 bytes of Japanese and a space", "換" * 66 + "  ", 1, True),
    ]:
        data = padded(text, WINDOW, level, names_venue, layout)
        read(f"{why}, {layout}", data, text, layout, level=level, names_venue=names_venue, written=True)
    data = padded("", WINDOW, 0, False, layout, False)
    read(f"neither venue nor date is named, {layout}", data, "", layout, level=0, names_venue=False, written=True, names_date=False)
    text = "from a program with other padding"
    data = plaintext(text, WINDOW, details(1, False, True, b""), layout=layout)
    read(f"without padding, {layout}", data, text, layout, level=1, names_venue=False)
    data = plaintext(text, WINDOW, details(1, False, True, bytes(900)), layout=layout)
    read(f"with more padding, {layout}", data, text, layout, level=1, names_venue=False)
    for foreign in (b"", b"\x08\x01", TAG[:2], b"\xd9\xd9\xf8\x84"):
        data = plaintext("other", WINDOW, foreign, layout=layout)
        read(f"countryData of others, {foreign.hex() or 'none'}, {layout}", data, "other", layout, written=not foreign)
    data = plaintext("x" * 201, WINDOW, b"", layout=layout)
    read(f"a longer message of others, {layout}", data, "x" * 201, layout)
    data = plaintext("more", WINDOW, b"", layout=layout) + field(9, b"new") + field(10, 1)
    read(f"unknown fields, {layout}", data, "more", layout)
window = (0, 1)
read("the first second of 1970", padded("", window, 0, False, LAYOUTS[0]), "", LAYOUTS[0], window, 0, False, True)
window = (MAX_TIME - 1, MAX_TIME)
read("the last second of 9999", padded("", window, 0, False, LAYOUTS[0]), "", LAYOUTS[0], window, 0, False, True)
read("no window in the layout that has one", plaintext("x", None, b""), "x", LAYOUTS[0], None)
zeros = message(3, "x") + field(3, 0, True) + field(4, 0, True)
read("zeros for a window", zeros, "x", LAYOUTS[0], None)
read("as the reference writes an empty one", bytes.fromhex("080312001a00"), "", LAYOUTS[1])

form, own = "Malformed notice", "Malformed notice details"
for layout in LAYOUTS:
    make = lambda text="x", window=WINDOW, country_data=b"", version=3: plaintext(
        text, window, country_data, version, layout
    )
    refused(f"cut short, {layout}", make("cut", country_data=b"\0" * 9)[:-1], form)
    refused(f"an end-group tag behind it, {layout}", make() + b"\x04", "TrailingBytes notice")
    refused(f"zeros behind it, {layout}", make() + bytes(9), "TrailingBytes notice")
    refused(f"version 2, {layout}", make(version=2), "UnknownVersion notice")
    refused(f"no version, {layout}", make(version=0), "UnknownVersion notice")
    refused(f"version -1, {layout}", make(version=-1), "UnknownVersion notice")
    refused(f"a message that is not UTF-8, {layout}", make().replace(b"\x12\x01x", b"\x12\x01\xff"), form)
    for why, body, fails in [
        ("nothing behind the tag", b"", own),
        ("version 0", cbor([0, 0, False, True, b""]), "UnknownVersion notice details"),
        ("version 2", cbor([2, 0, False, True, b""]), "UnknownVersion notice details"),
        ("level 3", cbor([1, 3, False, True, b""]), own),
        ("level -1", cbor([1, -1, False, True, b""]), own),
        ("a number for the boolean", cbor([1, 0, 0, True, b""]), own),
        ("a number for the other boolean", cbor([1, 0, False, 1, b""]), own),
        ("a text for the padding", cbor([1, 0, False, True, ""]), own),
        ("padding that is not zero", cbor([1, 0, False, True, bytes(9) + b"\1"]), own),
        ("one member less", cbor([1, 0, False, True]), own),
        ("one member more", cbor([1, 0, False, True, b"", 0]), own),
        ("a map", cbor({0: 1}), own),
        ("a trailing byte", cbor([1, 0, False, True, b""]) + b"\0", own),
        ("the level in two bytes", bytes.fromhex("85011800f4f540"), own),
        ("an array of indefinite length", bytes.fromhex("9f0100f4f540ff"), own),
        ("padding of indefinite length", bytes.fromhex("850100f4f55fff"), own),
        ("cut short", cbor([1, 0, False, True, bytes(9)])[:-1], own),
    ]:
        refused(f"details: {why}, {layout}", make(country_data=TAG + body), fails)
for why, window in [
    ("ends where it starts", (TEN_PM, TEN_PM)),
    ("ends before it starts", (TEN_PM, TEN_PM - 1)),
    ("starts before 1970", (-1, TEN_PM)),
    ("ends after 9999", (TEN_PM, MAX_TIME + 1)),
    ("has no end", (TEN_PM, 0)),
]:
    refused(f"a window that {why}", plaintext("x", window, b""), "Time window")
refused("field 3 as neither of the two", b"\x08\x03" + b"\x1d\0\0\0\0", form)

data = padded("", WINDOW, 0, False, LAYOUTS[0])
for why, other in [
    ("another key", {"key": det("another key")}),
    ("another nonce", {"nonce": det("another nonce", 24)}),
    ("a bit of the tag", {"sealed": b"\1" + bytes(527)}),
    ("shorter than a tag", {"sealed": bytes(15)}),
    ("nothing", {"sealed": b""}),
]:
    box = {**sealed(data, "opens not"), **other}
    notices.append({"why": why, **box, "plaintext": data, "fails": "DoesNotOpen notice"})
for layout in LAYOUTS:
    case = {"layout": layout, "window": WINDOW, "level": 0, "names_venue": False, "names_date": True}
    for text in ("x" * 201, "é" * 101):
        why = f"a message of {len(text.encode())} bytes, {layout}"
        notices.append({"why": why, **case, "message": text, "fails": "TooLong message"})
notices.append(
    {"why": "nothing to write for a window", "layout": LAYOUTS[0], "window": None, "level": 0}
    | {"names_venue": False, "names_date": True, "message": "", "fails": "Missing window"}
)

write("notice", "notice.py", "libsodium (PyNaCl), cbor2, hashlib", noren_notice=notices)
