"""Computes ../entry_code.json: venue details in payloads, and the links that carry payloads.

Run:  pip install cbor2 pynacl && python3 entry_code.py

`written` tells the payloads that Noren writes byte for byte; the others it only reads. `fails` names
the check that must refuse.
"""

import base64

from common import *

TAG = b"\xd9\xd9\xf7"
VENUE = Venue("venue")
KINDS = (
    "restaurant bar nightclub live-house sports-club gym bowling karaoke dance-hall theatre cinema "
    "shop event school office other"
).split()
codes = []


def read(why, country_data, kind=None, room=None, stay=None, written=False):
    payload = entry_code(VENUE.mpk, VENUE.seed, country_data=country_data)
    codes.append(
        {
            "why": why,
            "payload": payload,
            "seed": VENUE.seed,
            "master_public_key": VENUE.mpk,
            "description": "Kissa Noren",
            "address": "1-2-3 Naka, Kyoto",
            "valid": (TEN_PM - 30 * DAY, TEN_PM + 30 * DAY),
            "kind": kind,
            "room": room,
            "stay_minutes": stay,
            "written": written,
        }
    )


def wrote(why, kind=None, room=None, stay=None):
    read(why, TAG + cbor([1, kind, room, stay]), kind, room, stay, written=True)


def refused(why, body, fails):
    payload = entry_code(VENUE.mpk, VENUE.seed, country_data=TAG + body)
    codes.append({"why": why, "payload": payload, "fails": fails})


read("nothing to say", b"", written=True)
for name in KINDS:
    wrote(f"a {name}", name)
wrote("a room of one character", room="1")
wrote("a room of 32 characters", room="座敷席" * 10 + "12")
wrote("a stay of a minute", stay=1)
wrote("a stay of 720 minutes", stay=720)
wrote("everything", "karaoke", "Room 3", 90)
read("a form that says nothing", TAG + cbor([1, None, None, None]))
for foreign in (b"\x08\x01", TAG[:2], b"\xd9\xd9\xf8\x84", cbor([1, "bar", None, None])):
    read(f"countryData of others, {foreign.hex()}", foreign)

own = "Malformed venue details"
refused("nothing behind the tag", b"", own)
for version in (0, 2, 23):
    refused(f"version {version}", cbor([version, None, None, None]), "UnknownVersion venue details")
refused("a text for the version", cbor(["1", None, None, None]), own)
for name in ("", "Bar", "bar ", "pub", "livehouse", "dance_hall"):
    refused(f"the kind {name!r}", cbor([1, name, None, None]), own)
refused("a number for the kind", cbor([1, 1, None, None]), own)
refused("bytes for the kind", cbor([1, b"bar", None, None]), own)
refused("an empty room", cbor([1, None, "", None]), "Missing room")
refused("a room of 33 characters", cbor([1, None, "x" * 33, None]), "TextTooLong room")
for name, character in [("line break", "\n"), ("escape", "\x1b"), ("delete", "\x7f"), ("C1 control", "\x9b")]:
    refused(f"a room with a {name}", cbor([1, None, f"a{character}b", None]), "ControlCharacter room")
refused("a number for the room", cbor([1, None, 3, None]), own)
refused("a room that is not UTF-8", cbor([1, None, "é", None]).replace(b"\xc3\xa9", b"\xc3\xc3"), own)
refused("a stay of no time", cbor([1, None, None, 0]), "OutOfRange TypicalStay")
refused("a stay of 721 minutes", cbor([1, None, None, 721]), "OutOfRange TypicalStay")
refused("a stay of 65,535 minutes", cbor([1, None, None, 65_535]), "OutOfRange TypicalStay")
refused("a stay of 65,536 minutes", cbor([1, None, None, 65_536]), own)
refused("a stay before arrival", cbor([1, None, None, -1]), own)
refused("a stay and a half", cbor([1, None, None, 1.5]), own)
refused("a text for the stay", cbor([1, None, None, "90"]), own)
refused("one member less", cbor([1, None, None]), own)
refused("one member more", cbor([1, None, None, None, None]), own)
refused("a trailing byte", cbor([1, None, None, None]) + b"\0", own)
refused("a map", cbor({0: 1}), own)
refused("undefined for null", bytes.fromhex("8401f7f6f6"), own)
refused("the array's length in two bytes", bytes.fromhex("980401f6f6f6"), own)
refused("the version in two bytes", bytes.fromhex("841801f6f6f6"), own)
refused("the stay in four bytes", bytes.fromhex("8401f6f61a0000005a"), own)
refused("an array of indefinite length", bytes.fromhex("9f01f6f6f6ff"), own)
refused("a room of indefinite length", bytes.fromhex("8401f67f6161fff6"), own)
refused("the tag twice", TAG + cbor([1, None, None, None]), own)

links = []
PAYLOAD = VENUE.payload


def text(data, padding=False):
    encoded = base64.urlsafe_b64encode(data).decode()
    return encoded if padding else encoded.rstrip("=")


def link(why, spelling, payload=PAYLOAD, base=None):
    links.append({"why": why, "text": spelling, "payload": payload} | ({"base": base} if base else {}))


def no_link(why, spelling, fails):
    links.append({"why": why, "text": spelling, "fails": fails})


BASE = "https://noren.example"
for base in (BASE, BASE + "/in", "http://127.0.0.1:8080/a/b/"):
    link(f"at {base}", f"{base}?v=3#{text(PAYLOAD)}", base=base)
for i in range(3):
    data = PAYLOAD + field(15, b"x" * (3 + i))
    link(f"{len(data) % 3} bytes over", f"{BASE}?v=3#{text(data)}", data, BASE)
    link(f"{len(data) % 3} bytes over, with padding", f"{BASE}?v=3#{text(data, True)}", data)
link("with space around it", f"  {BASE}?v=3#{text(PAYLOAD)}\n")
link("2,953 bytes", f"{BASE}?v=3#" + text(bytes(2_195))[: 2_953 - len(BASE) - 5], bytes(2_195))

query = f"{BASE}?v=3"
scheme, version = "Link it does not start with https://", "Link it has no ?v=3"
fragment, other = "Link it carries no payload behind the #", "Link the query is not v=3"
more, code = "Link more than the version stands in the query", "Link its payload is not base64url"
no_link("nothing", "", scheme)
no_link("a payload alone", text(PAYLOAD), scheme)
no_link("another scheme", f"ftp://noren.example?v=3#{text(PAYLOAD)}", scheme)
no_link("a script", f"javascript:alert(1)?v=3#{text(PAYLOAD)}", scheme)
no_link("no version", f"{BASE}#{text(PAYLOAD)}", version)
no_link("no fragment", query, fragment)
no_link("an empty fragment", f"{query}#", fragment)
no_link("the payload in the query", f"{query}&p={text(PAYLOAD)}", fragment)
no_link("the payload in the query and in the fragment", f"{query}&p={text(PAYLOAD)}#{text(PAYLOAD)}", more)
no_link("the version behind the payload", f"{BASE}#{text(PAYLOAD)}?v=3", version)
no_link("a further parameter", f"{query}&lang=ja#{text(PAYLOAD)}", more)
no_link("another parameter", f"{BASE}?w=3#{text(PAYLOAD)}", other)
no_link("the version written otherwise", f"{BASE}?v=03#{text(PAYLOAD)}", "UnknownVersion check-in link")
for number in (2, 4):
    no_link(f"version {number}", f"{BASE}?v={number}#{text(PAYLOAD)}", "UnknownVersion check-in link")
plus = bytes.fromhex("fbefbe")
no_link("the other base64 alphabet", f"{query}#{base64.b64encode(plus).decode()}", code)
no_link("a character too many", f"{query}#{text(PAYLOAD)[: len(text(PAYLOAD)) // 4 * 4 + 1]}", code)
no_link("bits behind the last byte", f"{query}#AB", code)
no_link("padding in the middle", f"{query}#AA==AAAA", code)
no_link("a second fragment", f"{query}#{text(PAYLOAD)}#", code)
no_link("a space inside", f"{query}#{text(PAYLOAD)[:8]} {text(PAYLOAD)[8:]}", code)
no_link("a character of another script", f"{query}#{text(PAYLOAD)[:-1]}あ", code)
no_link("2,954 bytes", f"{query}#" + "A" * (2_954 - len(query) - 1), "TooLong link")

write("entry_code", "entry_code.py", "cbor2, bls.py", noren_venue_details=codes, noren_link=links)
