"""Whether the broker answers. It holds nothing we need, so its absence only makes things slower."""

import redis
from django.conf import settings


def broker_answers() -> bool:
    """True when Valkey answers within half a second."""
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5)
        return bool(client.ping())
    except redis.RedisError:
        return False
