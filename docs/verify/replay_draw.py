"""Replays a spot-check draw without the portal: python3 replay_draw.py LIST.txt DRAW.json [roots.json]"""

import hashlib
import hmac
import json
import sys
from pathlib import Path


def minus_log2(number):
    """-log2((number + 1) / 2**256) in units of 2**-40: forty squarings of the first 64 bits."""
    number += 1
    length = number.bit_length()
    mantissa = number >> (length - 64) if length > 64 else number << (64 - length)
    places = 0
    for _ in range(40):
        mantissa = mantissa * mantissa >> 63
        one = mantissa >> 64
        mantissa, places = mantissa >> one, places * 2 + one
    return ((257 - length) << 40) - places


def main(list_file, draw_file, roots_file=None):
    """Every step of the draw; the first that is not as published ends it."""
    published, draw = Path(list_file).read_bytes(), json.loads(Path(draw_file).read_text(encoding="utf-8"))
    if hashlib.sha256(published).hexdigest() != draw["list_sha256"]:
        return "名单和公布的摘要不一致"
    lines = [line.split("\t") for line in published.decode().splitlines()]
    if lines[0] != ["trust-draw-v1", draw["day"], draw["nonce"]]:
        return "名单不是这一天的，或者随机数不是随名单公布的"
    if roots_file:
        seals = json.loads(Path(roots_file).read_text(encoding="utf-8"))["seals"]
        if draw["merkle_root"] not in [seal["merkle_root"] for seal in seals if seal["day"] == draw["seed_day"]]:
            return "封账根和每日封账公布的不一致"
    root, nonce = bytes.fromhex(draw["merkle_root"]), bytes.fromhex(draw["nonce"])
    seed = hashlib.sha256((int.from_bytes(root, "big") ^ int.from_bytes(nonce, "big")).to_bytes(32, "big")).digest()
    if seed.hex() != draw["seed"]:
        return "种子不是封账根和随机数算出来的"
    keys = {county: [] for kind, county, *_ in lines if kind == "quota"}
    for kind, code, *rest in lines:
        if kind == "unit" and rest[0] in keys:
            number = int.from_bytes(hmac.new(seed, code.encode(), hashlib.sha256).digest(), "big")
            keys[rest[0]].append(((minus_log2(number) << 40) // int(rest[1]), code))
    quotas = {county: int(rest[0]) for kind, county, *rest in lines if kind == "quota"}
    drawn = [code for county in sorted(quotas) for _, code in sorted(keys[county])[: quotas[county]]]
    return "" if drawn == draw["sample"] else "抽中的单位和公布的不一致"


wrong = main(*sys.argv[1:])
print(wrong or "一致：按公布的名单和种子重新抽取，结果相同")
sys.exit(bool(wrong))
