"""Computes ../profile.json: the authority's signed profile, the log's entry that tells of it, and which
one may replace another.

Run:  pip install cbor2 pynacl && python3 profile.py

`fails` names the check that must refuse. Unless it says that the signature is at fault, a refused
profile is signed as it should be.
"""

from common import *

DOMAIN = b"NOREN-AUTHORITY-PROFILE-v1\n"
SEED = det("authority's log key")
profiles, entries, replacements = [], [], []


def log_public(seed):
    return sodium.crypto_sign_seed_keypair(seed)[0]


def sign(data, seed):
    return sodium.crypto_sign(data, sodium.crypto_sign_seed_keypair(seed)[1])[:64]


FIELDS = {
    "version": 1,
    "issued": TEN_PM,
    "name": "Kyoto Prefecture, Health Centre",
    "origin": "health.example/log",
    "url": "https://health.example",
    "log_key": log_public(SEED),
    "upload_key": public(AUTHORITY),
    "limits": [14, 86_400, 900],
    "time_zone": "Asia/Tokyo",
    "texts": [
        [0, "en", "Somebody was ill.", "Watch for symptoms."],
        [0, "ja", "感染した方がいました。", "体調に注意してください。"],
        [2, "en", "Withdrawn.", ""],
    ],
    "contacts": [[None, "en", "Telephone", "+81 75 000 0000", "9–17"], [1, "en", "Consultation", "+81 75 000 0001", ""]],
    "patient_master_key": None,
    "handovers": [],
}


def body(**other):
    """Of version 2, where there is a clock key, and of version 3, where there is a place in the log."""
    values = {**FIELDS, **other}
    index = values.pop("log_index", None)
    clock = values.pop("clock_key", None)
    if clock is not None:
        pair = lambda each: each if isinstance(each[1], list) else [each[0], [each[1], each[1]], *each[2:]]
        values |= {"version": other.get("version", 2), "log_key": [values["log_key"], clock]}
        values["handovers"] = [pair(each) for each in values["handovers"]]
    if index is not None:
        values |= {"version": other.get("version", 3), "issued": [values["issued"], index]}
    return cbor(list(values.values()))


def signed(data, seed=SEED, domain=DOMAIN):
    return cbor([data, sign(domain + data, seed)])


def fingerprint(origin, log_key, upload_key):
    name = origin.encode()
    return sha256(b"NOREN-AUTHORITY-FINGERPRINT", struct.pack(">H", len(name)), name, log_key, upload_key)


def log_of(handover):
    return handover[1][0] if isinstance(handover[1], list) else handover[1]


def read(why, seed=SEED, **other):
    values = {**FIELDS, **other, "log_key": log_public(seed)}
    version = 3 if "log_index" in other else 2 if "clock_key" in other else 1
    data = body(**(values | {"version": version}))
    digest = fingerprint(values["origin"], values["log_key"], values["upload_key"])
    shown = digest.hex()[:32]
    profiles.append(
        {"why": why, "profile": signed(data, seed), "log_seed": seed, "upload_secret": AUTHORITY}
        | {name: values[name] for name in values if name != "version"}
        | {"predecessors": [fingerprint(values["origin"], log_of(each), each[2]).hex() for each in values["handovers"]]}
        | {"fingerprint": digest, "shown": " ".join(shown[i : i + 4] for i in range(0, 32, 4))}
    )


def refused(why, fails, data=None, profile=None, **other):
    data = body(**other) if data is None else data
    profiles.append({"why": why, "profile": signed(data) if profile is None else profile, "fails": fails})


read("a usual one")
read("without texts and contacts", texts=[], contacts=[])
read("the least of everything", seed=bytes(32), issued=0, name="x", origin="a", url="http://a", limits=[1, 1, 0], time_zone="x", texts=[[1, "x", "y", ""]], contacts=[[None, "x", "y", "z", ""]])
read("the most of everything", issued=MAX_TIME, name="健" * 100, origin="a" * 255, limits=[60, 604_800, 43_200], time_zone="A" * 64, texts=[[0, "en", "x" * 2_000, "y" * 2_000]], contacts=[[2, "en", "x", "y", "z"]] * 200)

INDEX = bls.encode(bls.mul(bls.G2, bls.mask(det("patient master key"))))
read("with a master key for patient cases", patient_master_key=INDEX)

# Handovers. A generation of keys is a label; the last one signs the profile.
HANDOVER = b"NOREN-AUTHORITY-HANDOVER-v1\n"


def seed_of(name):
    return SEED if name == "new" else det(f"log key {name}")


def upload_of(name):
    return public(AUTHORITY if name == "new" else det(f"upload key {name}"))


def handover(old, new, at=TEN_PM - DAY, origin=FIELDS["origin"], domain=HANDOVER, seed=None, keys=None):
    before = keys or log_public(seed_of(old)) + upload_of(old)
    after = log_public(seed_of(new)) + upload_of(new)
    name = origin.encode()
    data = domain + struct.pack(">H", len(name)) + name + before + after + struct.pack(">Q", at)
    return [at, before[:32], before[32:], sign(data, seed or seed_of(old))]


def chain(*names, **other):
    return [handover(old, new, **other) for old, new in zip(names, names[1:])]


read("one handover", handovers=chain("a", "new"))
read("a handover in the second of the profile", handovers=chain("a", "new", at=TEN_PM))
read("three handovers", handovers=[handover("a", "b", 0), handover("b", "c", 5), handover("c", "new", 5)])
names = [f"generation {i}" for i in range(17)] + ["new"]
read("sixteen handovers", handovers=chain(*names[1:]))



# Version 2: each log key is a pair of the log key and the clock key.
CLOCK = det("authority's clock key")


def dated(chain):
    return [[at, [log, log_public(det(f"clock of {log.hex()}"))], *rest] for at, log, *rest in chain]


read("with a clock key", clock_key=log_public(CLOCK))
read("with a clock key and a handover of one key", clock_key=log_public(CLOCK), handovers=chain("a", "new"))
read("with a clock key and handovers of two", clock_key=log_public(CLOCK), handovers=dated(chain("a", "b", "new")))
# Version 3: when it was issued is a pair of the time and the place in the log.
read("the first entry of the log", clock_key=log_public(CLOCK), log_index=0)
read("the last entry that a log can have", clock_key=log_public(CLOCK), log_index=2**63 - 2)
read("in the log after a handover", clock_key=log_public(CLOCK), log_index=70_000, handovers=chain("a", "new"))

form = "Malformed authority profile"
signature = "DoesNotOpen profile's signature"
good = body()
whole = signed(good)
refused("another key", signature, profile=signed(good, det("other")))
refused("a bit of the signature", signature, profile=whole[:-1] + bytes([whole[-1] ^ 1]))
refused("without what separates it from other signatures", signature, profile=signed(good, domain=b""))
refused("separated as a checkpoint is", signature, profile=signed(good, domain=b"health.example/log\n"))
refused("a name changed afterwards", signature, profile=whole.replace(b"Kyoto", b"Osaka"))
refused("signed without the line break", signature, profile=signed(good, domain=DOMAIN[:-1]))
refused("a signature of zeros", signature, profile=cbor([good, bytes(64)]))
refused("a signature of 63 bytes", "Length profile's signature", profile=cbor([good, bytes(63)]))
refused("no signature", form, profile=cbor([good]))
refused("one member more", form, profile=cbor([good, sign(DOMAIN + good, SEED), 0]))
refused("a trailing byte", form, profile=whole + b"\0")
refused("cut short", form, profile=whole[:-1])
refused("nothing", form, profile=b"")
refused("the length of the body in more bytes than needed", form, profile=whole.replace(b"\x82\x59", b"\x82\x5a\0\0", 1))
refused("texts instead of bytes", form, profile=cbor([good.hex(), bytes(64)]))
long = body(texts=[[0, "en", "x" * 2_000, ""]] * 33)
refused(f"{len(signed(long))} bytes", "TooLong authority profile", data=long)
refused("version 0", "UnknownVersion authority profile", version=0)
refused("version 3", form, version=3)
refused("version 4", "UnknownVersion authority profile", version=4)
refused("one key as in version 1", form, version=2)
refused("a clock key in version 1", form, version=1, clock_key=log_public(CLOCK))
refused("the log key as clock key", "ClockKey", clock_key=log_public(SEED))
refused("a clock key of 31 bytes", "Length clock key", clock_key=bytes(31))
refused("a clock key that is no point", "Key clock key", clock_key=b"\x02" + bytes(31))
refused("a clock key of small order", "Key clock key", clock_key=bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))
refused("three keys of the log", form, data=cbor(list({**FIELDS, "version": 2, "log_key": [log_public(SEED), log_public(CLOCK), log_public(CLOCK)]}.values())))
refused("a body with a trailing byte", form, data=good + b"\0")
refused("a body with one member more", form, data=cbor([*FIELDS.values(), 0]))
refused("a body with one member less", form, data=cbor(list(FIELDS.values())[:-1]))
refused("a body with a number in a longer form", form, data=good.replace(cbor([14, 86_400, 900]), b"\x83\x0e\x1b\0\0\0\0" + struct.pack(">I", 86_400) + cbor(900)))
refused("an empty body", form, data=b"")
in_log = {"clock_key": log_public(CLOCK), "log_index": 7}
refused("a place in the log in version 2", form, version=2, **in_log)
refused("one key and a place in the log", form, log_index=7)
refused("the log key as clock key, and a place in the log", "ClockKey", clock_key=log_public(SEED), log_index=7)
refused("a place that no log has", "LogIndex", clock_key=log_public(CLOCK), log_index=2**63 - 1)
refused("a place before the first", form, clock_key=log_public(CLOCK), log_index=-1)
refused("no time beside the place", form, data=cbor(list((FIELDS | {"version": 3, "issued": [7], "log_key": [log_public(SEED), log_public(CLOCK)]}).values())))
refused("issued after 9999", form, issued=MAX_TIME + 1)
refused("issued before 1970", form, issued=-1)
for length in (0, 31, 33):
    refused(f"a log key of {length} bytes", "Length log key", log_key=bytes(length))
    refused(f"an upload key of {length} bytes", "Length upload key", upload_key=bytes(length))
refused("a log key that is no point", "Key log key", log_key=b"\x02" + bytes(31))
refused("a log key that is the neutral point", "Key log key", log_key=b"\x01" + bytes(31))
small = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
refused("a log key of small order", "Key log key", log_key=bytes.fromhex(small))
refused("no name", "Missing authority's name", name="")
refused("a name of 101 characters", "TextTooLong authority's name", name="健" * 101)
refused("a name with an escape", "ControlCharacter authority's name", name="a\x1b[31mb")
for origin in ("", "a" * 256, "https://health.example", "health.example/", "health example", "a+b", "ä", "cosignature/v1"):
    refused(f"the origin {origin[:24]!r}", "Origin", origin=origin)
for url in ("", "health.example", "ftp://health.example", "https://health.example/", "https://b\u00fccher.example", "https://u@health.example", "https://health.example?a", "https://a b", "https://a\n"):
    refused(f"the url {url!r}", "ServerAddress", url=url)
for days in (0, 61):
    refused(f"a retention of {days} days", "RetentionDays", limits=[days, 86_400, 0])
for age in (0, 604_801):
    refused(f"checkpoints of {age} seconds", "CheckpointAge", limits=[14, age, 0])
refused("an overlap of more than half a day", "MinimumOverlap", limits=[14, 86_400, 43_201])
refused("limits with one member more", form, limits=[14, 86_400, 0, 0])
refused("no time zone", "Missing time zone", time_zone="")
refused("a time zone of 65 characters", "TextTooLong time zone", time_zone="A" * 65)
for zone in ("Asia Tokyo", "日本", "Asia/Tokyo;"):
    refused(f"the time zone {zone!r}", "TimeZone", time_zone=zone)
refused("201 texts", "TooMany profile texts", texts=[[0, "en", "x", ""]] * 201)
refused("201 contacts", "TooMany profile contacts", contacts=[[None, "en", "x", "y", ""]] * 201)
text = "profile's text"
refused("an empty text", f"Missing {text}", texts=[[0, "en", "", "x"]])
refused("a text without language", f"Missing {text}", texts=[[0, "", "x", ""]])
refused("a text of 2,001 characters", f"TextTooLong {text}", texts=[[0, "en", "x" * 2_001, ""]])
refused("a text with a line break", f"ControlCharacter {text}", texts=[[0, "en", "x\ny", ""]])
refused("a contact without value", f"Missing {text}", contacts=[[None, "en", "x", "", "y"]])
refused("a contact with a bell", f"ControlCharacter {text}", contacts=[[None, "en", "x", "\7", ""]])
refused("advice with a line break", f"ControlCharacter {text}", texts=[[0, "en", "x", "y\n"]])
refused("hours of 2,001 characters", f"TextTooLong {text}", contacts=[[None, "en", "x", "y", "z" * 2_001]])
refused("a contact of level 3", form, contacts=[[3, "en", "x", "y", ""]])
refused("a text of level 3", form, texts=[[3, "en", "x", ""]])
for length in (0, 95, 97):
    refused(f"a patient master key of {length} bytes", "Length patient master key", patient_master_key=bytes(length))
twist = next(p for p in (bls.point2(x, 1) for x in range(99)) if p and bls.mul(p, bls.R))
refused("a patient master key that is the neutral point", "Point patient master key", patient_master_key=bytes(96))
refused("a patient master key outside the subgroup", "Point patient master key", patient_master_key=bls.encode(twist))
refused("a patient master key as a text", form, patient_master_key=INDEX.hex())
refused("a text with one member less", form, texts=[[0, "en", "x"]])


refused("seventeen handovers", "TooMany profile handovers of keys", handovers=chain(*names))
bad = "DoesNotOpen handover's signature"
refused("a handover signed by another key", bad, handovers=chain("a", "new", seed=det("other")))
refused("a handover signed by the new key", bad, handovers=chain("a", "new", seed=SEED))
refused("a handover of another log", bad, handovers=chain("a", "new", origin="health.example/other"))
refused("a handover without what separates it", bad, handovers=chain("a", "new", domain=b""))
refused("a handover separated as a profile is", bad, handovers=chain("a", "new", domain=DOMAIN))
refused("a handover to other keys", bad, handovers=[handover("a", "b")])
refused("a handover to another upload key", bad, handovers=chain("a", "new"), upload_key=public(OTHER_AUTHORITY))
refused("a handover at another time", bad, handovers=[[TEN_PM - 1, *handover("a", "new")[1:]]])
one = handover("a", "new")
refused("a handover from another upload key", bad, handovers=[[one[0], one[1], upload_of("b"), one[3]]])
refused("a link missing in the middle", bad, handovers=[handover("a", "b"), handover("c", "new")])
refused("the first of three forged", bad, handovers=[handover("a", "b", seed=det("other")), *chain("b", "c", "new")])
refused("links in the wrong order", bad, handovers=[handover("b", "new"), handover("a", "b")])
again = "HandoverRepeats"
refused("back to keys that were handed over", again, handovers=chain("new", "a", "new"))
refused("the same keys twice on the way", again, handovers=chain("a", "b", "a", "new"))
refused("to the same keys", again, handovers=chain("new", "new"))
refused("a handover after the profile", "HandoverOrder", handovers=chain("a", "new", at=TEN_PM + 1))
refused("a second handover before the first", "HandoverOrder", handovers=[handover("a", "b", 6), handover("b", "new", 5)])
refused("a handover from a key of small order", "Key handover's log key", handovers=[[one[0], bytes.fromhex(small), *one[2:]]])
refused("a handover from a key of 31 bytes", "Length handover's log key", handovers=[[one[0], one[1][:-1], *one[2:]]])
refused("a handover from an upload key of 33 bytes", "Length handover's upload key", handovers=[[*one[:2], one[2] + b"\0", one[3]]])
refused("a handover with a signature of 63 bytes", "Length handover's signature", handovers=[[*one[:3], one[3][:-1]]])
refused("a handover with one member more", form, handovers=[[*one, 0]])
refused("a handover with one member less", form, handovers=[one[:3]])
small_clock = [one[0], [one[1], bytes.fromhex(small)], *one[2:]]
refused("a handover from a clock key of small order", "Key handover's clock key", clock_key=log_public(CLOCK), handovers=[small_clock])
refused("a handover after 9999", form, handovers=[[MAX_TIME + 1, *one[1:]]])


def replace(why, fails=None, seed=SEED, old=None, new=None, **other):
    new = new or signed(body(**{"log_key": log_public(seed), **other}), seed)
    replacements.append({"why": why, "old": old or whole, "new": new} | ({"fails": fails} if fails else {}))


def generation(*names, issued=TEN_PM + 5, **other):
    """The profile of the last of these generations, with the handovers that led to it."""
    keys = {"log_key": log_public(seed_of(names[-1])), "upload_key": upload_of(names[-1])}
    return signed(body(**keys, issued=issued, handovers=chain(*names), **other), seed_of(names[-1]))


replace("the same again")
replace("a later one", issued=TEN_PM + 1, name="Another name", url="https://other.example")
replace("an earlier one", "Older", issued=TEN_PM - 1)
replace("an earlier one with another name", "Older", issued=0, name="Another name")
replace("another name at the same time", "OtherBody", name="Another name")
replace("another number at the same time", "OtherBody", contacts=[[None, "en", "Telephone", "+81 75 000 0009", "9–17"]])
replace("another log key", "OtherKeys", seed=det("other"), issued=TEN_PM + 1)
replace("another upload key", "OtherKeys", upload_key=public(OTHER_AUTHORITY), issued=TEN_PM + 1)
replace("another origin", "OtherKeys", origin="health.example/log2", issued=TEN_PM + 1)

replace("the next keys", new=generation("new", "b"))
replace("the next but one", new=generation("a", "new", "b", "c"))
replace("the next keys, in the same second", new=generation("new", "b", issued=TEN_PM))
replace("the next keys, and another name", new=generation("new", "b", name="Another name"))
replace("the next keys, issued before", "Older", new=generation("new", "b", issued=TEN_PM - 1))
replace("keys that others handed over to", "OtherKeys", new=generation("a", "b"))
replace("others' keys with the same upload key", "OtherKeys", new=signed(body(log_key=log_public(seed_of("b")), issued=TEN_PM + 5), seed_of("b")))
replace("the keys before", "Older", old=generation("a", "new"), new=generation("a"))
replace("the keys before, issued later", "Older", old=generation("a", "new"), new=generation("a", issued=TEN_PM + 9))
replace("the keys before the ones before", "Older", old=generation("a", "b", "new"), new=generation("a", issued=TEN_PM + 9))
replace("another heir of the keys before", "OtherKeys", old=generation("a", "new"), new=generation("a", "b", issued=TEN_PM + 9))
replace("the first links cut off", old=generation("b", "new"), new=generation("b", "new", "c"))
replace("the link that was pinned cut off", "OtherKeys", old=generation("a", "b"), new=generation("new", "c"))
clock = {"clock_key": log_public(CLOCK)}
replace("a clock key for the first time, without a handover", "OtherClockKey", issued=TEN_PM + 1, **clock)
replace("another clock key without a handover", "OtherClockKey", old=signed(body(**clock)), issued=TEN_PM + 1, clock_key=log_public(det("other")))
replace("the clock key is gone", "OtherClockKey", old=signed(body(**clock)), issued=TEN_PM + 1)
replace("the next keys, with a clock key", new=generation("new", "b", **clock))
replace("the next keys of two", old=signed(body(**clock)), new=generation("new", "b", clock_key=log_public(det("other"))))
replace("the same keys without their handovers, at the same time", "OtherBody", old=generation("a", "new"), new=generation("new"))
replace("the same keys without their handovers", old=generation("a", "new"), new=generation("new", issued=TEN_PM + 6))

placed = lambda index, **other: signed(body(clock_key=log_public(CLOCK), log_index=index, **other))
replace("a place in the log for the first time", old=signed(body(**clock)), issued=TEN_PM + 1, **clock, log_index=0)
replace("a later place", old=placed(3), issued=TEN_PM + 1, **clock, log_index=4)
replace("the same place, which the one before never took", old=placed(3), issued=TEN_PM + 1, **clock, log_index=3)
replace("an earlier place", "NotInLog", old=placed(3), issued=TEN_PM + 1, **clock, log_index=2)
replace("no place any more", "NotInLog", old=placed(3), issued=TEN_PM + 1, **clock)
replace("another place at the same time", "OtherBody", old=placed(3), **clock, log_index=4)
replace("the next keys, with a later place", old=placed(3), new=generation("new", "b", **clock, log_index=9))
replace("the next keys, without a place", "NotInLog", old=placed(3), new=generation("new", "b", **clock))


def entry(why, data, of=None, fails=None):
    entries.append({"why": why, "entry": data} | ({"fails": fails} if fails else {"profile": of}))


LOGGED = b"NOREN-LOG-PROFILE-v1\n"
for why, profile in (("of the first entry", placed(0)), ("of a later one", placed(70_000))):
    entry(why, LOGGED + sha256(profile), profile)
digest = sha256(placed(0))
for why, data in (
    ("nothing", b""),
    ("the digest alone", digest),
    ("another version", LOGGED.replace(b"v1", b"v2") + digest),
    ("without the line break", LOGGED[:-1] + digest),
    ("31 bytes of the digest", LOGGED + digest[:31]),
    ("a byte left over", LOGGED + digest + b"\0"),
    ("the profile itself", LOGGED + placed(0)),
):
    entry(why, data, fails="NoProfileEntry")

write(
    "profile", "profile.py", "libsodium (PyNaCl), cbor2, hashlib",
    noren_profile=profiles, noren_profile_entry=entries, noren_profile_replacement=replacements,
)
