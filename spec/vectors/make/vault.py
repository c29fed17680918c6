"""Computes ../vault.json: the sealed form of a visitor's vault.

Run:  pip install cbor2 pynacl cryptography argon2-cffi && python3 vault.py

A vault has 256 KiB and more, so a case gives its parts: the bytes are `header` and then the AEAD of
the padded `body` under `aead_key`, with `edit` applied. `sealed_sha256` is the hash of all. The cost
of the passphrase is far below what protects one. `fails` names the check that must refuse.
"""

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from common import *

SMALLEST = 262_144
DEVICE = det("device key")
PASSPHRASE = "a passphrase of the visitor's"
vaults = []


def argon2(passphrase, m, t, p, salt):
    return hash_secret_raw(passphrase.encode(), salt, t, m, p, 32, Type.ID, 0x13)


def records(count):
    """Records that nobody can open, in the order of their bytes; a vault does not look into them."""
    visit = lambda i: det(f"visit {i // 3}", 8)
    day = TEN_PM // DAY * DAY
    kept = [[visit(i), day, det(f"record {i}", 1_192), []] for i in range(count)]
    return sorted(kept, key=lambda record: record[2])


def contents(kept=(), version=5, open_visits=(), logs=(), hits=(), days_of_use=None):
    return cbor([version, list(open_visits), list(kept), list(logs), list(hits), days_of_use])


EMPTY = contents()


def case(why, body=EMPTY, fails=None, source=None, key=None, **other):
    """One vault. `source` is None for the device key, or passphrase and cost."""
    salt, seal_salt = det(f"salt {why}", 16), det(f"seal salt {why}")
    header = b"NOREN-VAULT" + bytes([other.pop("version", 1)])
    if source is None:
        header += b"\0" + seal_salt
        vault_key, opener = DEVICE, {"device_key": key or DEVICE}
    else:
        passphrase, *cost = source
        header += b"\1" + struct.pack(">III", *other.pop("shown", cost)) + salt + seal_salt
        vault_key, opener = argon2(passphrase, *cost, salt), {"passphrase": key or passphrase}
    if "opener" in other:
        opener = other.pop("opener")
    header = other.pop("header", lambda data: data)(header)
    aead_key = other.pop("aead_key", hkdf(vault_key, seal_salt, b"NOREN-VAULT-v1", 32))
    length, tail = other.pop("length", len(body)), other.pop("tail", b"")
    total = other.pop("total", max(SMALLEST, 1 << (len(body) + 3).bit_length()))
    nonce, aad = other.pop("nonce", bytes(12)), other.pop("aad", lambda data: data)(header)
    plaintext = struct.pack(">I", length) + body
    plaintext += bytes(total - len(plaintext) - len(tail)) + tail
    sealed = bytearray(header + ChaCha20Poly1305(aead_key).encrypt(nonce, plaintext, aad))
    entry = {
        "why": why,
        **opener,
        "header": header,
        "aead_key": aead_key,
        "nonce": nonce,
        "aad": aad,
        "body": body,
        "length": length,
        "tail": tail,
        "plaintext_length": total,
    }
    for place in other.get("flip", []):
        sealed[place] ^= 1
    if "cut" in other:
        del sealed[other["cut"] :]
    sealed += other.get("more", b"")
    entry.update(other)
    entry["sealed_sha256"] = sha256(bytes(sealed))
    if fails:
        entry["fails"] = fails
    else:
        entry["seal_salt"] = seal_salt
        entry["sealed_length"] = len(sealed)
        entry["records"] = [[visit, day, sha256(data)] for visit, day, data, _ in cbor2.loads(body)[2]]
    vaults.append(entry)


COST = (PASSPHRASE, 32, 2, 1)
case("an empty vault")
case("an empty vault with a passphrase", source=COST)
case("a passphrase in another script, two lanes", source=("暖簾をくぐる", 64, 1, 2))
case("nine hours of three visits", contents(records(9)))
LATE = [*records(1)[0][:3], [det("an authority"), det("another authority")]]
case("an hour entered late, which two logs have not been tried on", contents([LATE]))
TODAY = TEN_PM // DAY * DAY
case("a device that was used today", contents([LATE], days_of_use=[TODAY, None]))
case("a clock that may be wrong", contents([LATE], days_of_use=[TODAY, TODAY + 900 * DAY]))


def place(size, time):
    """A place in a log: one hash for each bit of its size."""
    return [[size, [det(f"subtree {size} {i}") for i in range(size.bit_count())]], time]


PLACES = [place(0, 0), place(600, TODAY - DAY), place(607, TODAY + 5)]
LOG = [det("an authority"), PLACES[2], PLACES, TODAY - DAY]
case("a log that was read on two days", contents([LATE], logs=[LOG]))
case("a log that was joined at an archived head", contents(logs=[[*LOG[:2], PLACES[1:], LOG[3]]]))


def crowded(why, count):
    """A vault of many records that are the same."""
    record = [bytes(8), 0, bytes(1_192), []]
    body = contents([record] * count)
    encoded = cbor(record)
    start = body.index(encoded)
    case(why, body)
    vaults[-1]["body"] = [[body[:start], 1], [encoded, count], [body[start + count * len(encoded) :], 1]]
    vaults[-1]["records"] = count
    return len(body)


assert crowded("the fullest of the smallest vaults", 217) <= SMALLEST - 4
assert crowded("one record more, and twice as long", 218) > SMALLEST - 4

# [VLT-4] What the header says.
case("nothing", cut=0, fails="NotAVault")
case("half of the name", cut=5, fails="NotAVault")
for place in (0, 10):
    case(f"byte {place} of the name", flip=[place], fails="NotAVault")
case("the name in small letters", header=lambda data: data.lower(), fails="NotAVault")
for version in (0, 2, 255):
    case(f"version {version}", version=version, fails="UnknownVersion")
case("key source 2", header=lambda data: data[:12] + b"\2" + data[13:], fails="NotAVault")
for length in (11, 12, 13, 44):
    case(f"{length} bytes", cut=length, fails="Truncated")
for length in (13, 20, 28, 40, 72):
    case(f"{length} bytes with a passphrase", source=COST, cut=length, fails="Truncated")
case("a device key where a passphrase belongs", source=COST, opener={"device_key": DEVICE}, fails="OtherKind")
case("a passphrase where a device key belongs", opener={"passphrase": PASSPHRASE}, fails="OtherKind")
for why, shown in [
    ("more than 1 GiB", (2**20 + 1, 1, 1)),
    ("all of 32 bits", (2**32 - 1,) * 3),
    ("more than 64 passes", (32, 65, 1)),
    ("more than 16 lanes", (256, 1, 17)),
    ("no memory", (0, 1, 1)),
    ("no passes", (32, 0, 1)),
    ("no lanes", (32, 1, 0)),
    ("less memory than Argon2 has", (7, 1, 1)),
]:
    case(f"a passphrase that costs {why}", source=COST, shown=shown, fails="Passphrase")

# [VLT-3] Lengths that no vault has.
case("the header alone", cut=45, fails="Truncated")
case("a byte short", cut=-1, fails="Truncated")
case("a byte long", more=b"\0", fails="Truncated")
case("a tag short", cut=-16, fails="Truncated")
case("half of the smallest", total=SMALLEST // 2, fails="Truncated")
case("no power of two", total=SMALLEST * 3 // 2, fails="Truncated")

# [VLT-1] [VLT-4] What does not open.
wrong = "WrongKeyOrAltered"
case("another device key", key=det("another device key"), fails=wrong)
case("another passphrase", source=COST, key=PASSPHRASE.upper(), fails=wrong)
case("a bit of the seal salt", flip=[13], fails=wrong)
case("a bit of the first byte", flip=[45], fails=wrong)
case("a bit of the last byte", flip=[-1], fails=wrong)
case("a bit in the middle", flip=[131_072], fails=wrong)
case("a bit of the passphrase's salt", source=COST, flip=[25], fails=wrong)
case("the cost of another vault", source=COST, shown=(32, 3, 1), fails=wrong)
case("another nonce", nonce=bytes(11) + b"\1", fails=wrong)
case("the header not authenticated", aad=lambda _: b"", fails=wrong)
case("a part of the header authenticated", aad=lambda data: data[:13], fails=wrong)
case("the vault key itself as key", aead_key=DEVICE, fails=wrong)
case("a key for another purpose", aead_key=hkdf(DEVICE, bytes(32), b"NOREN-VAULT-v2", 32), fails=wrong)

# What opens and is no vault.
damaged = "Damaged"
case("nothing inside", b"", fails=damaged)
case("a length beyond the end", length=SMALLEST - 3, fails=damaged)
case("a length of 2^32 - 1", length=2**32 - 1, fails=damaged)
case("a length one too short", length=len(EMPTY) - 1, fails=damaged)
case("a length one too long", length=len(EMPTY) + 1, fails=damaged)
case("padding that is not zero", tail=b"\1", fails=damaged)
other = "OtherContents"
case("version 1 inside, which counted its records", cbor([1, [], [], 0, [], []]), fails=other)
case("version 2 inside, which knew no changes of notices", contents(version=2), fails=other)
case("version 3 inside, which knew no days of use", cbor([3, [], [], [], []]), fails=other)
case("version 4 inside, which knew one place of a log", cbor([4, [], [], [], [], None]), fails=other)
for version in (0, 3, 6, 23):
    case(f"version {version} inside", contents(version=version), fails=other)
case("a version in a longer form", b"\x86\x18\x05\x80\x80\x80\x80\xf6", fails=damaged)
case("one member more", cbor([5, [], [], [], [], None, 0]), fails=damaged)
case("one member less", cbor([5, [], [], [], []]), fails=damaged)
case("a trailing byte", EMPTY + b"\0", fails=damaged)
case("a number in a longer form", bytes.fromhex("86059800808080f6"), fails=damaged)
case("a map", cbor({0: 1}), fails=damaged)
case("a record a byte short", contents([[bytes(8), 0, bytes(1_191), []]]), fails=damaged)
case("a record a byte long", contents([[bytes(8), 0, bytes(1_193), []]]), fails=damaged)
case("a visit's id of 7 bytes", contents([[bytes(7), 0, bytes(1_192), []]]), fails=damaged)
case("a day that is none", contents([[bytes(8), 1, bytes(1_192), []]]), fails=damaged)
case("a number before each record", contents([[0, bytes(8), 0, bytes(1_192)]]), fails=damaged)
case("an authority of 31 bytes", contents([[*LATE[:3], [bytes(31)]]]), fails=damaged)
for why, log in [
    ("no earlier places", LOG[:2] + LOG[3:]),
    ("an earlier place with a hash too few", [*LOG[:2], [[[3, [bytes(32)]], 0]], LOG[3]]),
    ("an earlier place without its time", [*LOG[:2], [PLACES[1][:1]], LOG[3]]),
]:
    case(f"a log with {why}", contents(logs=[log]), fails=damaged)
for why, days in [("none", [0]), ("a time", [TODAY + 1, None]), ("a later time", [TODAY, TODAY + 1]), ("three", [0, 0, 0])]:
    case(f"days of use: {why}", contents(days_of_use=days), fails=damaged)

write("vault", "vault.py", "OpenSSL (cryptography), libargon2 (argon2-cffi), cbor2, hashlib", noren_vault=vaults)
