"""Computes ../authority_keys.json: an authority's secret keys, and how a passphrase seals them.

Run:  pip install cbor2 pynacl cryptography argon2-cffi && python3 authority_keys.py

The cost of the passphrase is far below what protects one. `fails` names the check that must refuse.
"""

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from nacl.signing import SigningKey

from common import *

MAGIC = b"NOREN-AUTHORITY-KEYS"
PASSPHRASE = "twelve words by dice"
LOG, CLOCK, UPLOAD, OLDER = det("log key"), det("clock key"), det("upload key"), det("upload key before")
ONE = LOG + UPLOAD
TWO = b"\x02" + CLOCK + ONE
sealed = []


def aead(keys, cost, salt, passphrase=PASSPHRASE, header=MAGIC + b"\x01"):
    memory, passes, lanes = cost
    key = hash_secret_raw(passphrase.encode(), salt, passes, memory, lanes, 32, Type.ID, 0x13)
    return ChaCha20Poly1305(key).encrypt(bytes(12), keys, header)


def seal(keys=TWO, cost=(8, 1, 1), salt=det("salt", 16), magic=MAGIC, version=1, **other):
    return magic + bytes([version]) + cbor([[list(cost), salt], aead(keys, cost, salt, **other)])


def case(why, data, fails=None, passphrase=PASSPHRASE, keys=TWO):
    shape = {"why": why, "passphrase": passphrase, "sealed": data}
    sealed.append(shape | ({"fails": fails} if fails else {"keys": keys}))


case("keys with a clock key", seal())
case("keys from before there was one", seal(ONE), keys=ONE)
case("with an upload key of before", seal(TWO + bytes(32) + OLDER), keys=TWO + bytes(32) + OLDER)
case("another cost", seal(cost=(64, 3, 2)))
# Keys that are kept elsewhere leave their public halves.
PUBLIC = {name: bytes(SigningKey(seed).verify_key) for name, seed in (("log", LOG), ("clock", CLOCK))}
for why, keys in (
    ("with the log key elsewhere", b"\x03\x01" + CLOCK + PUBLIC["log"] + UPLOAD),
    ("with the clock key elsewhere", b"\x03\x02" + PUBLIC["clock"] + LOG + UPLOAD),
    ("with both elsewhere", b"\x03\x03" + PUBLIC["clock"] + PUBLIC["log"] + UPLOAD + bytes(32) + OLDER),
):
    case(why, seal(keys), keys=keys)

good = seal()
wrong = "WrongPassphraseOrAltered"
case("another passphrase", good, wrong, passphrase=PASSPHRASE + "s")
case("another salt than the key's", good.replace(det("salt", 16), det("other salt", 16)), wrong)
case("a bit of the ciphertext", good[:-40] + bytes([good[-40] ^ 1]) + good[-39:], wrong)
case("a bit of the tag", good[:-1] + bytes([good[-1] ^ 1]), wrong)
case("without associated data", seal(header=b""), wrong)
case("the associated data of version 2", seal(header=MAGIC + b"\x02"), wrong)
case("an empty ciphertext", MAGIC + b"\x01" + cbor([[[8, 1, 1], det("salt", 16)], b""]), wrong)
case("nothing", b"", "NotSealed")
case("keys that are not sealed", TWO, "NotSealed")
case("a vault", b"NOREN-VAULT" + good[20:], "NotSealed")
case("no version", MAGIC, "Malformed")
case("version 0", seal(version=0), "UnknownVersion")
case("version 2", seal(version=2), "UnknownVersion")
case("a byte left over", good + b"\0", "Malformed")
case("cut short", good[:-1], "Malformed")
case("one member more", MAGIC + b"\x01" + cbor([[[8, 1, 1], det("salt", 16)], aead(TWO, (8, 1, 1), det("salt", 16)), 0]), "Malformed")
case("a salt of 15 bytes", MAGIC + b"\x01" + cbor([[[8, 1, 1], bytes(15)], bytes(113)]), "Malformed")
case("a cost of two numbers", MAGIC + b"\x01" + cbor([[[8, 1], bytes(16)], bytes(113)]), "Malformed")
for cost in ((7, 1, 1), (2**20 + 1, 1, 1), (8, 0, 1), (8, 65, 1), (8, 1, 0), (136, 1, 17)):
    data = MAGIC + b"\x01" + cbor([[list(cost), bytes(16)], bytes(113)])
    case(f"a cost of {cost}", data, "Malformed")
for why, start in (("none of the keys elsewhere", b"\x03\x00"), ("a third key elsewhere", b"\x03\x04")):
    case(why, seal(start + CLOCK + ONE), "Malformed")
case("a log key elsewhere that is no point", seal(b"\x03\x01" + CLOCK + b"\x02" + bytes(31) + UPLOAD), "Malformed")
for length in (0, 31, 33, 63, 65):
    case(f"{length} bytes instead of keys", seal(bytes([1]) * length), "Malformed")

write("authority_keys", "authority_keys.py", "libargon2 (argon2-cffi), OpenSSL (cryptography), cbor2", noren_authority_keys=sealed)
