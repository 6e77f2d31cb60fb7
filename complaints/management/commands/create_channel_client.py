"""``manage.py create_channel_client --region CODE --channel CHANNEL --name NAME``: open the API for a hotline."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from complaints.models import Channel
from core.actors import SYSTEM
from core.api.clients import create_client
from core.models import Region
from core.transactions import durably

OFFICIAL = [one.value for one in Channel if one not in (Channel.WEB, Channel.API)]


class Command(BaseCommand):
    """Prints the id and the secret; the secret is shown only this once."""

    help = "为 12315、12345 等官方渠道开通一个登记来件的接口客户端，打印编号和密钥（密钥只显示这一次）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The region it may file for, its channel, and what it is called."""
        parser.add_argument("--region", required=True, help="行政区划代码，例如 3301")
        parser.add_argument("--channel", required=True, choices=OFFICIAL, help="来源")
        parser.add_argument("--name", required=True, help="客户端名称，例如 12345 平台")

    def handle(self, *args: Any, region: str, channel: str, name: str, **options: Any) -> None:
        """Create it, or say that there is no such region."""
        if not Region.objects.filter(pk=region).exists():
            raise CommandError("没有这个行政区划代码，请核对后重试")
        client = durably(lambda: create_client(None, name, by=SYSTEM, region_id=region, channel=channel))
        self.stdout.write(f"client_id={client.client_id}\nclient_secret={client.secret}\nscope=intake read")
        self.stderr.write("密钥只显示这一次，请立即保存到对方系统的密钥库")
