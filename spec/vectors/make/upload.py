"""Computes ../upload.json: sealed uploads with the authority's review, upload codes and window codes.

Run:  pip install cbor2 pynacl && python3 upload.py

A case gives the CBOR inside, from which the plaintext is padded and sealed with the given ephemeral
key; `sealed_sha256` is the hash of the box, which would be 65,536 bytes long. `fails` names the
check that must refuse.
"""

import bls
from common import *

WINDOW = (TEN_PM + 300, TEN_PM + 3_000)
VENUE = Venue("venue")
OTHER = Venue("other venue", description="Another place")
CODE = sha256(b"NOREN-UPLOAD-BINDING", det("upload code", 10))
uploads = []


def body(pre_traces, window=WINDOW, code=CODE, version=2):
    return cbor([version, code, list(window), pre_traces])


def case(why, data, fails=None, window=WINDOW, asked=None, **more):
    """One upload. `window` is that of the case unless `asked` names another."""
    uploads.append(sealed_case(len(uploads), why, data, fails, {"code_binding": CODE, "window": asked or window}, **more))


def good(why, venue=VENUE, window=WINDOW, asked=None, data=None):
    hours = range(window[0] // HOUR * HOUR, window[1], HOUR)
    traces = [venue.pre_trace(hour, window) for hour in hours]
    keys = [
        {"hour": hour, "identity": venue.identity(hour), "key": venue.key(venue.identity(hour))}
        for hour in hours
    ]
    case(
        why,
        body(traces, window),
        window=window,
        asked=asked,
        payload=venue.payload,
        notification_key=venue.notification_key,
        keys=keys,
    )


good("one hour")
good("three hours, over midnight", window=(TEN_PM + 3_599, TEN_PM + 3 * HOUR - 1))
good("a window that ends on the hour does not touch the next", window=(TEN_PM, TEN_PM + HOUR))
good("less than the authority asked for", asked=(TEN_PM, TEN_PM + 5 * HOUR))
good("36 hours", window=(TEN_PM, TEN_PM + 36 * HOUR))
explicit = entry_code(VENUE.mpk, VENUE.seed) + field(4, b"", explicit=True)
good("a payload with an explicit default, which another encoder would drop", Venue("venue", payload=explicit))
unknown = entry_code(VENUE.mpk, VENUE.seed) + field(15, 7)
good("a payload with an unknown field, which is hashed too", Venue("venue", payload=unknown))
good("a payload with another program's countryData", Venue("venue", country_data=b"\x08\x01"))
good("a code that is valid for a part of the window", Venue("short", end=TEN_PM + 301))

one = [VENUE.pre_trace(TEN_PM, WINDOW)]
data = body(one)

# [REV-1]
opens, form = "DoesNotOpen upload", "Malformed upload"
case("another authority's key", data, opens, key=OTHER_AUTHORITY)
case("a bit of the ephemeral key", data, opens, flip=0)
case("a bit of the tag", data, opens, flip=32)
case("a bit of the last byte", data, opens, flip=65_535)
case("a byte short", data, "Length sealed upload", total=UPLOAD_LENGTH - 1)
case("a byte long", data, "Length sealed upload", total=UPLOAD_LENGTH + 1)
case("nothing but zeros, as in a dummy", b"", form)
case("a length beyond the end", data, form, length=UPLOAD_LENGTH - 3)
case("a length of 2^32 - 1", data, form, length=2**32 - 1)
case("a length one too short", data, form, length=len(data) - 1)
case("a length one too long", data, form, length=len(data) + 1)
case("padding that is not zero", data, form, tail=b"\x01")
case("CBOR with a trailing byte", data + b"\x00", form)
case("CBOR cut short", data[:-1], form)
case("CBOR with a number in a longer form", data.replace(cbor(WINDOW[0]), b"\x1b\0\0\0\0" + cbor(WINDOW[0])[1:], 1), form)
case("CBOR of indefinite length", b"\x9f" + data[1:] + b"\xff", form)
case("CBOR with one more member", b"\x85" + data[1:] + b"\x00", form)
case("CBOR with one member less", b"\x83" + data[1 : -len(cbor(one))], form)
case("a map instead of an array", cbor({0: 1}), form)
case("a text instead of the code binding", body(one, code="x" * 32), form)
case("version 0", body(one, version=0), "UnknownVersion upload")
case("version 1, which carried the code's hash", body(one, version=1), "UnknownVersion upload")
case("37 pre-traces", body(one * 37), "TooMany upload hours")
case("a code binding of 31 bytes", body(one, code=CODE[:31]), "Length code binding")
case("a window that ends where it begins", body(one, (TEN_PM, TEN_PM)), form)
case("a window beyond the year 9999", body(one, (TEN_PM, MAX_TIME + 1)), form)
case("a window before 1970", body(one, (-1, TEN_PM)), form)

# [REV-2] [REV-3]
case("another case's code", body(one, code=det("another code")), "ForeignCase")
case("the claim begins a second early", data, "OutsideCase", asked=(WINDOW[0] + 1, WINDOW[1]))
case("the claim ends a second late", data, "OutsideCase", asked=(WINDOW[0], WINDOW[1] - 1))


def pre(why, fails, hour=TEN_PM, window=WINDOW, venue=VENUE, edit=lambda data: data, **other):
    """One pre-trace that is not as it should be."""
    case(why, body([edit(venue.pre_trace(hour, window, **other))]), fails)


# The form of a pre-trace.
pre("a pre-trace cut short", "Malformed pre-trace", edit=lambda data: data[:-1])
pre("a pre-trace and an end-group tag", "TrailingBytes pre-trace", edit=lambda data: data + b"\x04")
pre("no bytes at all", "Missing pre-trace's key", edit=lambda data: b"")
pre("no key", "Missing pre-trace's key", key_message=b"")
pre("no proof", "Missing proof", proof_message=b"")
for name, field_name in [
    ("identity", "identity"),
    ("sealed_half", "authority's sealed key"),
    ("notification_key", "notification key"),
    ("nonce1", "pre-identity nonce"),
    ("nonce2", "time key nonce"),
]:
    right = {"identity": VENUE.identity(TEN_PM)}.get(name) or getattr(VENUE, name)
    identity = {} if name == "identity" else {"identity": VENUE.identity(TEN_PM)}
    partial = {"partial": VENUE.partial(VENUE.identity(TEN_PM))}
    for why, value in [("a byte short", right[:-1]), ("a byte long", right + b"\0"), ("missing", b"")]:
        pre(f"{field_name}: {why}", f"Length {field_name}", **identity, **partial, **{name: value})

half, proof = "Point venue's half of the identity key", "Point proof's master public key"
identity = VENUE.identity(TEN_PM)
partial = VENUE.partial(identity)
torsion = next(t for t in (bls.mul(bls.point1(x), bls.R) for x in range(4, 99) if bls.point1(x)) if t)
twist = next(p for p in (bls.point2(x, 1) for x in range(99)) if p and bls.mul(p, bls.R))
no_point = next(x for x in range(9) if bls.point1(x) is None)
pre("a half of 47 bytes", half, partial=partial[:-1])
pre("a half and a byte", half, partial=partial + b"\0")
pre("no half", half, partial=b"")
pre("a half that is the identity", half, partial=bytes(48))
pre("a half that is not on the curve", half, partial=bls.le(no_point))
pre("a half whose x is p", half, partial=bls.le(bls.P))
pre("a half outside the subgroup", half, partial=bls.encode(torsion))
outside = bls.encode(bls.add(bls.decode(partial), torsion))
pre("the right half and a point of another order, which no pairing tells", half, partial=outside)
pre("a proof without its key", proof, mpk=b"")
pre("a proof whose key is the identity", proof, mpk=bytes(96))
pre("a proof whose key is outside the subgroup", proof, mpk=bls.encode(twist))
pre("a proof whose key is not canonical", proof, mpk=b"\xff" * 96)
pre("a proof whose key is cut short", proof, mpk=VENUE.mpk[:-1])
pre("an hour that is none", "Time start of the hour", hour=TEN_PM + 1)
pre("an hour before 1970", "Time start of the hour", hour=-3_600)
pre("a window without length", "Time window", start=WINDOW[0], end=WINDOW[0])
pre("a window that runs backwards", "Time window", start=WINDOW[1], end=WINDOW[0])
pre("a window before 1970", "Time window", start=-1)
pre("a window beyond the year 9999", "Time window", end=MAX_TIME + 1)


# [REV-4]
def payload(why, fails, **code):
    mpk, seed = code.pop("mpk", VENUE.mpk), code.pop("seed", VENUE.seed)
    venue = Venue("venue", payload=entry_code(mpk, seed, **code))
    case(why, body([venue.pre_trace(TEN_PM, WINDOW)]), fails)


payload("a payload of version 4", "UnknownVersion entry code", versions=(4, 3, 3))
payload("a payload whose location has version 2", "UnknownVersion location data", versions=(3, 2, 3))
payload("a payload whose key data has no version", "UnknownVersion key data", versions=(3, 3, 0))
payload("a payload with a seed of 31 bytes", "Length seed", seed=VENUE.seed[:-1])
payload("a payload without a seed", "Length seed", seed=b"")
payload("a payload without a key", "Length master public key", mpk=b"")
payload("a payload whose key is the identity", "Point master public key", mpk=bytes(96))
payload("a payload without a description", "Missing venue's name", description="")
payload("a payload with a line break", "ControlCharacter venue's address", address="Naka\nKyoto")
payload("a payload with 101 characters", "TextTooLong venue's name", description="あ" * 101)
payload("a payload that ends before it starts", "Time validity", start=TEN_PM, end=TEN_PM - 1)
payload("a payload with a tail", "TrailingBytes entry code", more=b"\x04")
payload("a payload that was over before the window", "NotValidThen", end=WINDOW[0])
payload("a payload that begins after the window", "NotValidThen", start=WINDOW[1])
case("an empty payload", body([VENUE.pre_trace(TEN_PM, WINDOW, payload=b"")]), "UnknownVersion entry code")
window = (TEN_PM, TEN_PM + 2 * HOUR)
mixed = [VENUE.pre_trace(TEN_PM, window), OTHER.pre_trace(TEN_PM + HOUR, window)]
case("two venues in one upload", body(mixed, window), "DifferentPayloads", window=window)

# [REV-5]
pre("another venue's key as proof", "MasterPublicKey", mpk=OTHER.mpk)
attacker = Venue("attacker")
pre(
    "an attacker's own key pair on the venue's payload",
    "MasterPublicKey",
    mpk=attacker.mpk,
    partial=attacker.partial(identity),
    sealed_half=attacker.sealed_half,
)

# [REV-6] [REV-11]
late = TEN_PM + HOUR
pre("another hour, and all that belongs to it", "Hours", hour=late)
pre("the hour of 1970", "Hours", hour=0, identity=identity)
case("no pre-trace", body([]), "Hours")
case("the same hour twice", body(one * 2), "Hours")
wide = [VENUE.pre_trace(hour, window) for hour in (TEN_PM, late, late + HOUR)]
case("an hour missing at the end", body(wide[:1], window), "Hours", window=window)
case("an hour missing at the beginning", body(wide[1:2], window), "Hours", window=window)
case("an hour that begins where the window ends", body(wide, window), "Hours", window=window)
case("an hour twice and another missing", body([wide[0]] * 2, window), "Hours", window=window)
pre("a pre-trace that claims more than the upload", "WindowMismatch", end=WINDOW[1] + 1)
pre("a pre-trace that claims less than the upload", "WindowMismatch", start=WINDOW[0] + 1)

# [REV-7] [REV-8]
pre("another nonce of the pre-identity", "Nonces", nonce1=det("nonce"))
pre("another nonce of the time keys", "Nonces", nonce2=det("nonce"))
pre("both nonces exchanged", "Nonces", nonce1=VENUE.nonce2, nonce2=VENUE.nonce1)
pre("another venue's notification key", "NotificationKey", notification_key=OTHER.notification_key)
pre("the identity of another hour", "Identity", identity=VENUE.identity(late))
pre("another venue's identity", "Identity", identity=OTHER.identity(TEN_PM), partial=partial)
again = Venue("venue", payload=explicit)
again.payload = VENUE.payload
pre("secrets of the payload as another encoder writes it", "Nonces", venue=again)

# [REV-9]
sealed = "SealedHalf"
pre("the half sealed to another authority", sealed, sealed_half=Venue("venue", OTHER_AUTHORITY).sealed_half)
pre("the sealed half with a bit flipped", sealed, sealed_half=VENUE.sealed_half[:-1] + bytes([VENUE.sealed_half[-1] ^ 1]))
for why, value in [("zero", 0), ("the group order", bls.R), ("2^256 - 1", 2**256 - 1)]:
    box = seal(bls.le(value, 32), public(AUTHORITY), det("half"))
    pre(f"a sealed half that is {why}", sealed, sealed_half=box)

# [REV-10]
key = "IdentityKey"
pre("another venue's half of the key", key, partial=OTHER.partial(identity))
pre("the venue's half for another hour", key, partial=VENUE.partial(VENUE.identity(late)))
pre("the venue's half negated", key, partial=bls.encode(bls.neg(bls.decode(partial))))
pre("the authority's half of another venue", key, sealed_half=OTHER.sealed_half)
pre("an attacker's halves under the venue's own proof", key, partial=attacker.partial(identity), sealed_half=attacker.sealed_half)
cancel = bls.encode(bls.neg(bls.mul(bls.hash_to_g1(identity), VENUE.half)))
pre("halves that cancel out", key, partial=cancel)

# [REV-13] `now` is the present time; where it is missing, the last hour has just ended.
over = TEN_PM + HOUR
for why, now in [("before the hour", TEN_PM - 1), ("during the window", WINDOW[0] + 1), ("a second before the hour ends", over - 1)]:
    case(f"opened {why}", body(one), "HourNotOver", now=now)
case("the first of two hours is over", body(wide[:2], window), "HourNotOver", window=window, now=over)

# Upload codes.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
codes = []


def ticket(secret):
    return sha256(b"NOREN-UPLOAD-TICKET", secret)[:10]


def symbols(secret, check=None, domain=b"NOREN-UPLOAD-CODE-CHECK"):
    digest = int.from_bytes(sha256(domain, secret)[:2], "big") >> 6
    bits = int.from_bytes(secret, "big") << 10 | (digest if check is None else check)
    return "".join(ALPHABET[bits >> 5 * (17 - i) & 31] for i in range(18))


def written(secret, check=None, domain=b"NOREN-UPLOAD-CODE-CHECK"):
    text = symbols(secret, check, domain)
    return f"{text[:6]}-{text[6:12]}-{text[12:]}"


def read(why, secret, spelling=None):
    codes.append(
        {
            "why": why,
            "text": spelling or written(secret),
            "secret": secret,
            "written": written(secret),
            "ticket": written(ticket(secret), domain=b"NOREN-UPLOAD-TICKET-CHECK"),
            "code_hash": sha256(b"NOREN-UPLOAD-CODE", ticket(secret)),
            "code_binding": sha256(b"NOREN-UPLOAD-BINDING", secret),
        }
    )


def refused(why, text, fails):
    codes.append({"why": why, "text": text, "fails": fails})


SECRET = det("upload code", 10)
read("as written", SECRET)
read("zeros", bytes(10))
read("ones", b"\xff" * 10)
read("lower case", SECRET, written(SECRET).lower())
read("without hyphens", SECRET, symbols(SECRET))
read("with spaces, and a line break at the end", SECRET, " ".join(symbols(SECRET)) + "\n")
WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
read("full width", SECRET, written(SECRET).translate(WIDE))
read("full width, lower case", SECRET, written(SECRET).lower().translate(WIDE))
for name, between in [
    ("tabs", "\t"),
    ("ideographic spaces", "\u3000"),
    ("long vowel signs", "\u30fc"),
    ("full-width hyphens", "\uff0d"),
    ("dashes", "\u2013"),
    ("minus signs", "\u2212"),
    ("zero-width spaces", "\u200b"),
]:
    read(f"{name} between the groups", SECRET, written(SECRET).replace("-", between))
read("a byte order mark before it", SECRET, "\ufeff" + written(SECRET))
for label in (f"a code with 0 and 1 {i}" for i in range(99)):
    secret = det(label, 10)
    if "0" in symbols(secret) and "1" in symbols(secret):
        text = written(secret)
        read("O for 0, I for 1", secret, text.replace("0", "O").replace("1", "I"))
        read("o for 0, l for 1", secret, text.replace("0", "o").replace("1", "l"))
        break

check, symbol = "OutOfRange CheckSymbols upload code", "OutOfRange CodeSymbol upload code"
text = written(SECRET)
refused("nothing", "", "CodeLength upload code")
refused("hyphens alone", "--", "CodeLength upload code")
refused("a symbol short", text[:-1], "CodeLength upload code")
refused("a symbol long", text + "0", "CodeLength upload code")
refused("twice", text + text, "CodeLength upload code")
for place in (0, 1, 5, 7, 11, 15, 19):
    other = ALPHABET[(ALPHABET.index(text[place]) + 1) % 32]
    refused(f"symbol {place} mistaken", text[:place] + other + text[place + 1 :], check)
swap = next(i for i in range(5) if text[i] != text[i + 1])
refused("two symbols exchanged", text[:swap] + text[swap + 1] + text[swap] + text[swap + 2 :], check)
refused("zeros alone", "0" * 18, check)
for other in "U*é":
    refused(f"the symbol {other}", other + text[1:], symbol)
refused("a wide U", "Ｕ" + text[1:], symbol)
for other in "ア.:/+~":
    refused(f"the sign {other}", other + text[1:], symbol)


# Window codes: two check symbols of a Reed-Solomon code over GF(32), exclusive-or the upload code's.
EXP = [1]
for _ in range(30):
    double = EXP[-1] << 1
    EXP.append(double ^ 0b100101 if double & 32 else double)


def times(a, b):
    return EXP[(EXP.index(a) + EXP.index(b)) % 31] if a and b else 0


def window_symbols(start, minutes, secret):
    bits = start << 13 | minutes
    data = [bits >> 5 * (7 - i) & 31 for i in range(8)]
    # Every pair is tried: the two equations are checked as they stand in the specification.
    for a in range(32):
        for b in range(32):
            word = data + [a, b]
            total = weighted = 0
            for place, symbol in enumerate(word):
                total ^= symbol
                weighted ^= times(symbol, EXP[place])
            if total == weighted == 0:
                mask = int.from_bytes(sha256(b"NOREN-WINDOW-CODE", secret)[:2], "big") >> 6
                word[8] ^= mask >> 5
                word[9] ^= mask & 31
                text = "".join(ALPHABET[symbol] for symbol in word)
                return f"{text[:5]}-{text[5:]}"


windows = []
TEXT = written(SECRET)


def window_read(why, window, secret=SECRET, spelling=None, inside=None):
    start, end = inside or window
    text = window_symbols(start // 60, (end - start) // 60, secret)
    windows.append(
        {
            "why": why,
            "upload_code": written(secret),
            "text": spelling(text) if spelling else text,
            "asked": window,
            "window": (start, end),
            "written": text,
        }
    )


def window_refused(why, text, fails, secret=SECRET):
    windows.append({"why": why, "upload_code": written(secret), "text": text, "fails": fails})


asked = (TEN_PM + 300, TEN_PM + 3 * HOUR)
window_read("whole minutes", asked)
window_read("another upload code", asked, secret=det("another code", 10))
window_read("the first minute", (0, 60))
window_read("36 hours", (TEN_PM, TEN_PM + 36 * HOUR))
window_read("the last minute that a code can hold", (((1 << 27) - 1) * 60, (1 << 27) * 60))
window_read("seconds are left out", (TEN_PM + 1, TEN_PM + 3_599), inside=(TEN_PM + 60, TEN_PM + 3_540))
window_read("lower case, without the hyphen, with a line break", asked, spelling=lambda text: text.lower().replace("-", "") + "\n")
good = window_symbols(asked[0] // 60, (asked[1] - asked[0]) // 60, SECRET)
check, symbol = "OutOfRange CheckSymbols window code", "OutOfRange CodeSymbol window code"
window_refused("nothing", "", "CodeLength window code")
window_refused("a symbol short", good[:-1], "CodeLength window code")
window_refused("a symbol long", good + "0", "CodeLength window code")
window_refused("the code of another upload code", good, check, secret=det("another code", 10))
for place in (0, 4, 6, 10):
    other = ALPHABET[(ALPHABET.index(good[place]) + 1) % 32]
    window_refused(f"symbol {place} mistaken", good[:place] + other + good[place + 1 :], check)
swap = next(i for i in range(4) if good[i] != good[i + 1])
window_refused("two symbols exchanged", good[:swap] + good[swap + 1] + good[swap] + good[swap + 2 :], check)
window_refused("the symbol U", "U" + good[1:], symbol)
window_read("full width", asked, spelling=lambda text: text.translate(WIDE))
window_read("a long vowel sign between the groups", asked, spelling=lambda text: text.replace("-", "\u30fc"))
window_refused("a wide U", "Ｕ" + good[1:], symbol)
length = "OutOfRange WindowMinutes"
window_refused("no length", window_symbols(asked[0] // 60, 0, SECRET), length)
window_refused("a minute more than 36 hours", window_symbols(asked[0] // 60, 2_161, SECRET), length)

write(
    "upload",
    "upload.py",
    "hashlib, libsodium (PyNaCl), cbor2, bls.py",
    noren_upload=uploads,
    noren_upload_code=codes,
    noren_window_code=windows,
)
