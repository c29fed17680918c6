"""Computes ../organisation.json: the record of an organisation, whose key comes from a passphrase,
and the keys of its rooms.

Run:  pip install cbor2 pynacl argon2-cffi && python3 organisation.py

The cost is far below what protects a passphrase. `fails` names the check that must refuse.
"""

from argon2.low_level import Type, hash_secret_raw

import bls
from common import *

records = []
PASSPHRASE = "correct horse battery staple"
SALT = det("salt", 16)
CHAIN_KEY = det("chain key")


def venue_key(passphrase, cost, salt):
    m, t, p = cost
    uniform = hash_secret_raw(passphrase.encode(), salt, t, m, p, 64, Type.ID, 0x13)
    return int.from_bytes(uniform, "little") % bls.R


def record(passphrase=PASSPHRASE, cost=(32, 2, 1), salt=SALT, **other):
    msk, half = venue_key(passphrase, cost, salt), bls.mask(det("half"))
    values = {
        "version": 3,
        "mpk": bls.encode(bls.mul(bls.G2, (msk + half) % bls.R)),
        "mpk_l": bls.encode(bls.mul(bls.G2, msk)),
        "sealed_half": seal(bls.le(half, 32), public(AUTHORITY), det("ephemeral")),
        "derivation": [list(cost), salt],
        "chain_key": CHAIN_KEY,
        "upload_key": public(AUTHORITY),
    }
    values.update(other)
    if values["version"] < 3:
        del values["upload_key"]
    if values["version"] == 1:
        del values["chain_key"]
    return cbor(list(values.values())), msk, half


def room_key(chain_key, seed):
    """What a room adds to the organisation's master key."""
    return int.from_bytes(hkdf(chain_key, b"", b"NOREN-ROOM-v1" + seed, 64), "little") % bls.R


def read(why, passphrase=PASSPHRASE, typed=None, cost=(32, 2, 1), salt=SALT, version=3, room="a room"):
    """A record that is read, and an hour of one of its rooms; `room` is None for the organisation's
    own master key, which codes had before rooms had keys."""
    data, msk, half = record(passphrase, cost, salt, version=version)
    chain_key = CHAIN_KEY if version > 1 else hkdf(data, b"", b"NOREN-ORGANISATION-RECORD-v1", 32)
    venue = Venue("organisation")
    venue.seed = det(f"seed of {room}")
    added = room_key(chain_key, venue.seed) if room else 0
    venue.msk, venue.half = (msk + added) % bls.R, half
    venue.mpk = bls.encode(bls.mul(bls.G2, (venue.msk + half) % bls.R))
    venue.payload = entry_code(venue.mpk, venue.seed)
    venue.derive()
    venue.sealed_half = cbor2.loads(data)[3]
    window = (TEN_PM, TEN_PM + HOUR)
    entry = {
        "why": why,
        "record": data,
        "passphrase": typed or passphrase,
        "payload": venue.payload,
        "window": window,
        "pre_trace": venue.pre_trace(TEN_PM, window),
        # The key that the authority makes of both halves.
        "key": venue.key(venue.identity(TEN_PM)),
        "authority": AUTHORITY,
    }
    if room:
        entry["seed"] = venue.seed
    if version == 1:
        entry["as_version_2"] = record(passphrase, cost, salt, chain_key=chain_key, version=2)[0]
    if version == 3:
        entry["made_for"], entry["not_made_for"] = public(AUTHORITY), public(det("another authority"))
    records.append(entry)


def refused(why, fails, data=None, **other):
    data = record(**other)[0] if data is None else data
    records.append({"why": why, "record": data, "fails": fails})


def foreign(why, mpk, seed):
    """A code that is not of the organisation."""
    data = record()[0]
    records.append({"why": why, "record": data, "foreign_payload": entry_code(mpk, seed)})


read("a usual one")
read("another room of the same organisation", room="another room")
read("a passphrase of 16 characters in another script", "京都の喫茶店で朝ごはんを食べる日", cost=(64, 1, 2))
read("a line break behind the passphrase is the terminal's", typed=PASSPHRASE + "\r\n")
read("a code from before rooms had keys", room=None)
read("a record of version 2, which does not say for whom it is", version=2)
read("a record of version 1, and a room added since", version=1)
read("a record of version 1, and a code of that time", version=1, room=None)

seed, total = det("seed of a room"), sum(record()[1:])
with_key = lambda added: bls.encode(bls.mul(bls.G2, (total + added) % bls.R))
foreign("a room's key with another seed", with_key(room_key(CHAIN_KEY, seed)), det("another seed"))
foreign("a room of another chain key", with_key(room_key(det("another"), seed)), seed)
foreign("the organisation's half alone", bls.encode(bls.mul(bls.G2, record()[1])), seed)
foreign("a key that has nothing to do with it", bls.encode(bls.mul(bls.G2, 5)), seed)

form, point = "Malformed organisation", "Point organisation's public key"
good = record()[0]
whole = cbor2.loads(good)
cost = lambda *parts: record(derivation=[list(parts), SALT])[0]
refused("nothing", form, b"")
refused("cut short", form, good[:-1])
refused("a trailing byte", form, good + b"\0")
refused("one member more", form, cbor([*whole, 0]))
refused("one member less", form, cbor(whole[:-1]))
refused("a number in a longer form", form, good.replace(b"\x83\x18\x20", b"\x83\x19\x00\x20"))
refused("version 0", "UnknownVersion organisation", version=0)
refused("version 4", "UnknownVersion organisation", version=4)
older = cbor2.loads(record(version=1)[0])
refused("version 1 with a chain key", form, cbor([*older, CHAIN_KEY]))
refused("version 1 without a derivation", form, cbor(older[:-1]))
refused("version 2 without a chain key", form, cbor([2, *older[1:]]))
refused("version 2 with an upload key", form, cbor([2, *whole[1:]]))
refused("version 3 without an upload key", form, cbor(whole[:-1]))
for length in (0, 31, 33):
    refused(f"an upload key of {length} bytes", "Length authority's upload key", upload_key=bytes(length))
for length in (0, 31, 33):
    key = bytes(length)
    refused(f"a chain key of {length} bytes", "Length organisation's chain key", chain_key=key)
for name in ("mpk", "mpk_l"):
    refused(f"{name} cut short", point, **{name: bytes(95)})
    refused(f"{name} is the identity", point, **{name: bytes(96)})
    refused(f"{name} is not canonical", point, **{name: b"\xff" * 96})
for length in (0, 79, 81):
    refused(f"a sealed half of {length} bytes", "Length authority's sealed key", sealed_half=bytes(length))
refused("a salt of 15 bytes", form, derivation=[[32, 2, 1], SALT[:15]])
refused("a salt of 17 bytes", form, derivation=[[32, 2, 1], SALT + b"\0"])
refused("more than 1 GiB", form, cost(2**20 + 1, 2, 1))
refused("more than 64 passes", form, cost(32, 65, 1))
refused("more than 16 lanes", form, cost(256, 2, 17))
refused("no passes", form, cost(32, 0, 1))
refused("no lanes", form, cost(32, 1, 0))
refused("less memory than Argon2 has", form, cost(7, 1, 1))
refused("a cost beyond 32 bits", form, cost(2**32, 1, 1))

write("organisation", "organisation.py", "libargon2 (argon2-cffi), cbor2, bls.py", noren_organisation=records)
