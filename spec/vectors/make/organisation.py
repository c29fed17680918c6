"""Computes ../organisation.json: the record of an organisation, whose key comes from a passphrase.

Run:  pip install cbor2 pynacl argon2-cffi && python3 organisation.py

The cost is far below what protects a passphrase. `fails` names the check that must refuse.
"""

from argon2.low_level import Type, hash_secret_raw

import bls
from common import *

records = []
PASSPHRASE = "correct horse battery staple"
SALT = det("salt", 16)


def venue_key(passphrase, cost, salt):
    m, t, p = cost
    uniform = hash_secret_raw(passphrase.encode(), salt, t, m, p, 64, Type.ID, 0x13)
    return int.from_bytes(uniform, "little") % bls.R


def record(passphrase=PASSPHRASE, cost=(32, 2, 1), salt=SALT, **other):
    msk, half = venue_key(passphrase, cost, salt), bls.mask(det("half"))
    values = {
        "version": 1,
        "mpk": bls.encode(bls.mul(bls.G2, (msk + half) % bls.R)),
        "mpk_l": bls.encode(bls.mul(bls.G2, msk)),
        "sealed_half": seal(bls.le(half, 32), public(AUTHORITY), det("ephemeral")),
        "derivation": [list(cost), salt],
    }
    return cbor(list({**values, **other}.values())), msk, half


def read(why, passphrase=PASSPHRASE, typed=None, cost=(32, 2, 1), salt=SALT):
    data, msk, half = record(passphrase, cost, salt)
    venue = Venue("organisation")
    venue.msk, venue.half = msk, half
    venue.mpk = bls.encode(bls.mul(bls.G2, (msk + half) % bls.R))
    venue.payload = entry_code(venue.mpk, venue.seed)
    venue.derive()
    venue.sealed_half = cbor2.loads(data)[3]
    window = (TEN_PM, TEN_PM + HOUR)
    records.append(
        {
            "why": why,
            "record": data,
            "passphrase": typed or passphrase,
            "payload": venue.payload,
            "window": window,
            "pre_trace": venue.pre_trace(TEN_PM, window),
        }
    )


def refused(why, fails, data=None, **other):
    data = record(**other)[0] if data is None else data
    records.append({"why": why, "record": data, "fails": fails})


read("a usual one")
read("a passphrase of 16 characters in another script", "京都の喫茶店で朝ごはんを食べる日", cost=(64, 1, 2))
read("a line break behind the passphrase is the terminal's", typed=PASSPHRASE + "\r\n")

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
refused("version 2", "UnknownVersion organisation", version=2)
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
