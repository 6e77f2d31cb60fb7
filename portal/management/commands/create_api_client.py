"""``manage.py create_api_client --merchant CODE --name NAME``: open the API for a merchant's own system."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.actors import SYSTEM
from core.api.clients import create_client
from core.identifiers import clean_public_code
from core.transactions import durably
from merchants.models import Merchant


class Command(BaseCommand):
    """Prints the id and the secret; the secret is shown only this once."""

    help = "为商家开通一个接口客户端，打印编号和密钥（密钥只显示这一次）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The merchant's public code, and what the client is called."""
        parser.add_argument("--merchant", required=True, help="商家公示编号")
        parser.add_argument("--name", required=True, help="客户端名称，例如 收银系统")

    def handle(self, *args: Any, merchant: str, name: str, **options: Any) -> None:
        """Create it, or say that there is no such merchant."""
        found = Merchant.objects.public().filter(public_code=clean_public_code(merchant)).first()
        if found is None:
            raise CommandError("没有找到这个公示编号的商家，请核对后重试")
        client = durably(lambda: create_client(found.pk, name, by=SYSTEM))
        self.stdout.write(f"client_id={client.client_id}\nclient_secret={client.secret}")
        self.stderr.write("密钥只显示这一次，请立即保存到商家系统的密钥库")
