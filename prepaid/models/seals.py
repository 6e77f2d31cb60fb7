"""The daily seals of the ledger as Django reads them; ``prepaid.actions.seals`` makes them through the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from prepaid.proofs import micros

if TYPE_CHECKING:
    from core.actors import Actor


class SealQuerySet(models.QuerySet["Seal"]):
    """Seals as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """All: they are public."""
        return self


class Seal(models.Model):
    """One closed day: the Merkle root over its movements, bound to every earlier day and signed."""

    biz_date = models.DateField("日期", primary_key=True)
    n = models.BigIntegerField("笔数")
    amount_sum_fen = models.BigIntegerField("发生额", db_column="amount_sum")
    merkle_root = models.BinaryField("默克尔根")
    prev_root = models.BinaryField("前一日的根")
    sealed_at = models.DateTimeField("封账时间")
    kid = models.TextField("公钥编号", null=True)
    public_key = models.BinaryField("公钥", null=True)
    head = models.BinaryField("封账摘要", null=True)
    signature = models.BinaryField("签名", null=True)

    objects = SealQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "ledger_seal"
        verbose_name = verbose_name_plural = "每日封账"

    def __str__(self) -> str:
        return f"{self.biz_date}"

    def words(self, prev_head: bytes) -> dict[str, Any]:
        """The seal as it is published; every field is signed."""
        return {
            "day": self.biz_date.isoformat(),
            "n": self.n,
            "amount_sum": self.amount_sum_fen,
            "merkle_root": bytes(self.merkle_root).hex(),
            "prev_root": bytes(self.prev_root).hex(),
            "prev_head": prev_head.hex(),
            "sealed_at": micros(self.sealed_at),
            "kid": self.kid or "",
            "public_key": bytes(self.public_key or b"").hex(),
            "signature": bytes(self.signature or b"").hex(),
        }
