"""BLS12-381 as CrowdNotifier v3 uses it, in plain Python: both groups, mcl's encodings, H1.

Slow, not constant time, and meant for test vectors alone. `python3 bls.py` holds it against the
recorded outputs of the reference in ../crowdnotifier-v3.json.
"""

import hashlib

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
COFACTOR = 0x396C8C005555E1568C00AAAB0000AAAB
C1 = 0xBE32CE5FBEED9CA374D38C0ED41EEFD5BB675277CDF12D11BC2FB026C41400045C03FFFFFFFDFFFD
C2 = 0x5F19672FDF76CE51BA69C6076A0F77EADDB3A93BE6F89688DE17D813620A00022E01FFFFFFFEFFFE


class Fp2(tuple):
    """a + b·u with u² = -1."""

    def __new__(cls, a, b=0):
        return super().__new__(cls, (a % P, b % P))

    def __add__(self, o):
        return Fp2(self[0] + o[0], self[1] + o[1])

    def __sub__(self, o):
        return Fp2(self[0] - o[0], self[1] - o[1])

    def __neg__(self):
        return Fp2(-self[0], -self[1])

    def __mul__(self, o):
        return Fp2(self[0] * o[0] - self[1] * o[1], self[0] * o[1] + self[1] * o[0])

    def inverse(self):
        n = pow(self[0] ** 2 + self[1] ** 2, -1, P)
        return Fp2(self[0] * n, -self[1] * n)


class Fp(int):
    """An integer modulo P."""

    def __new__(cls, a):
        return super().__new__(cls, a % P)

    def __add__(self, o):
        return Fp(int(self) + int(o))

    def __sub__(self, o):
        return Fp(int(self) - int(o))

    def __neg__(self):
        return Fp(-int(self))

    def __mul__(self, o):
        return Fp(int(self) * int(o))

    def inverse(self):
        return Fp(pow(int(self), -1, P))


def sqrt(a):
    """The root a^((P+1)/4), or None."""
    root = Fp(pow(int(a), (P + 1) // 4, P))
    return root if root * root == a else None


def sqrt2(a):
    """A root in Fp2, or None."""
    norm = sqrt(Fp(a[0] ** 2 + a[1] ** 2))
    if norm is None:
        return None
    half = pow(2, -1, P)
    for sign in (1, -1):
        real = sqrt(Fp((a[0] + sign * norm) * half))
        if real:
            root = Fp2(real, a[1] * half * pow(int(real), -1, P))
            if root * root == a:
                return root
    root = Fp2(0, sqrt(Fp(-a[0])) or 0)
    return root if root * root == a else None


B1 = Fp(4)
B2 = Fp2(4, 4)


def add(p, q):
    """The sum of two points in affine form; None is the identity."""
    if p is None or q is None:
        return q if p is None else p
    (x, y), (x2, y2) = p, q
    if x == x2:
        if y != y2 or y == -y:
            return None
        square = x * x
        slope = (square + square + square) * (y + y).inverse()
    else:
        slope = (y2 - y) * (x2 - x).inverse()
    x3 = slope * slope - x - x2
    return (x3, slope * (x - x3) - y)


def neg(p):
    return None if p is None else (p[0], -p[1])


def mul(p, n):
    total = None
    for bit in bin(n)[2:] if n else "":
        total = add(total, total)
        if bit == "1":
            total = add(total, p)
    return total


def le(n, length=48):
    return int(n).to_bytes(length, "little")


def encode(p):
    """mcl's encoding of a point of either group, 48 or 96 bytes; not of the identity."""
    x, y = p
    if isinstance(x, Fp2):
        data, odd = bytearray(le(x[0]) + le(x[1])), y[0] & 1
    else:
        data, odd = bytearray(le(x)), y & 1
    data[-1] |= 0x80 * odd
    return bytes(data)


def point1(x):
    """The point of E(Fp) with this x and the root that `sqrt` gives, or None."""
    x = Fp(x)
    y = sqrt(x * x * x + B1)
    return None if y is None else (x, y)


def point2(a, b):
    """A point of the twist with x = a + b·u, or None."""
    x = Fp2(a, b)
    y = sqrt2(x * x * x + B2)
    return None if y is None else (x, y)


def decode(data):
    """A point from mcl's encoding, without the check of the subgroup."""
    coordinates = bytearray(data)
    odd, coordinates[-1] = coordinates[-1] >> 7, coordinates[-1] & 0x7F
    n = [int.from_bytes(coordinates[i : i + 48], "little") for i in range(0, len(data), 48)]
    p = point1(*n) if len(n) == 1 else point2(*n)
    y = p[1][0] if len(n) == 2 else p[1]
    return p if y & 1 == odd else neg(p)


G1 = decode(
    bytes.fromhex(
        "bbc622db0af03afbef1a7af93fe8556c58ac1b173f3a4ea105b974974f8c68c30faca94f8c63952694d79731a7d3f197"
    )
)
G2 = decode(
    bytes.fromhex(
        "b8bd21c1c85680d4efbb05a82603ac0b77d1e37a640b51b4023b40fad47ae4c65110c52d27050826910a8ff0b2a24a02"
        "7e2b045d057dace5575d941312f14c3349507fdcbb61dab51ab62099d0d06b59654f2788a0d3ac7d609f7152602be093"
    )
)


def hash_to_g1(message):
    """H1."""
    t = bytearray(hashlib.sha512(message).digest()[:48])
    t[47] &= 0x1F
    if int.from_bytes(t, "little") >= P:
        t[47] &= 0x0F
    t = Fp(int.from_bytes(t, "little"))
    w = Fp(C1) * t * (t * t + Fp(5)).inverse()
    x0 = Fp(C2) - t * w
    for x in (x0, -x0 - Fp(1), Fp(1) + (w * w).inverse()):
        p = point1(x)
        if p:
            break
    if pow(int(t), (P - 1) // 2, P) == P - 1:
        p = neg(p)
    return mul(p, COFACTOR)


def mask(data):
    """A scalar of 32 bytes, by clearing bits."""
    n = int.from_bytes(data, "little") & (2**255 - 1)
    return n if n < R else n & (2**254 - 1)


def self_check():
    import json
    import pathlib

    recorded = json.loads((pathlib.Path(__file__).parent / "../crowdnotifier-v3.json").read_text())
    for case in recorded["h1"]:
        assert encode(hash_to_g1(bytes.fromhex(case["msg"]))).hex() == case["g1"]
    for case in recorded["fr_random_mask"]:
        assert le(mask(bytes.fromhex(case["bytes"])), 32).hex() == case["fr"]
    for case in recorded["keygen"]:
        msk = int.from_bytes(bytes.fromhex(case["msk"]), "little")
        assert encode(mul(G2, msk)).hex() == case["mpk"]
    for case in recorded["key_split"]:
        psk = [decode(bytes.fromhex(case[name])) for name in ("pskidl", "pskidha")]
        assert encode(add(*psk)).hex() == case["skid"]


if __name__ == "__main__":
    self_check()
    print("as recorded")
