# fmt: off
"""Checks a trust mark saved from /mark/CODE.json without the portal: python3 check_mark.py [--key HEX[,HEX]] FILE..."""
# ruff: noqa: E401, E701, I001, PTH123, SIM115
import json, sys
from datetime import datetime, UTC
from hashlib import sha256, sha512
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, BASE = -121665 * pow(121666, -1, P) % P, bytes([88] + [102] * 31)
def add(p, q):  # Ed25519 as in RFC 8032, section 5.1
    a, b, c, d = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0]), 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    return (b - a) * (d - c) % P, (d + c) * (b + a) % P, (d - c) * (d + c) % P, (b - a) * (b + a) % P
def times(n, p):
    return add(times(n - 1, p), p) if n & 1 else times(n >> 1, add(p, p)) if n else (0, 1, 1, 0)
def point(raw):
    y, odd = int.from_bytes(raw, "little") % 2**255, raw[31] >> 7
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = next(x for root in (1, pow(2, (P - 1) // 4, P)) if (x := pow(xx, (P + 3) // 8, P) * root % P) ** 2 % P == xx)
    return (x, y, 1, x * y % P) if x & 1 == odd else (P - x, y, 1, -x * y % P)
def signed(mark, keys):
    sig, key = bytes.fromhex(mark.pop("signature")), bytes.fromhex(mark["public_key"])
    message = json.dumps(mark, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    k, s = int.from_bytes(sha512(sig[:32] + key + message).digest(), "little"), int.from_bytes(sig[32:], "little")
    left, right = times(s, point(BASE)), add(point(sig[:32]), times(k % ORDER, point(key)))
    same = s < ORDER and all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))
    return same and sha256(key).hexdigest()[:16] == mark["kid"] and key.hex() in (keys or [key.hex()])
pins, bad = sys.argv[2].split(",") if sys.argv[1:2] == ["--key"] else [], []
for name in sys.argv[3 if pins else 1:]:
    try:
        mark = json.load(open(name, encoding="utf-8"))
        good = signed(mark, pins)
        old = datetime.fromisoformat(mark["expires_at"]) < datetime.now(UTC)
    except Exception: good = old = False  # whatever a damaged file breaks
    said = f"签名有效：{mark['name']} {mark['verdict']} {mark['issued_at']}" if good else "签名不对，不能相信"
    print(said + ("（已过有效时间，请重新扫码）" if good and old else ""), name)
    bad += [name] * (not good or old)
sys.exit(bool(bad))
