"""Celery's settings, each with the fault it guards against."""

from django.conf import settings
from kombu import Queue

from config.celery import broker_url as _broker_url

broker_url = _broker_url(settings.REDIS_URL)
broker_connection_retry_on_startup = True
broker_transport_options = {
    "visibility_timeout": 1200,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "health_check_interval": 10,
    "global_keyprefix": "yfs:",
    # A broker that is gone must not hold up the one who writes: the dispatcher finds the row anyway.
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
result_backend = None
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
task_serializer = "json"
accept_content = ["json"]
# Both below visibility_timeout, always: otherwise a running task is delivered a second time.
task_time_limit = 90
task_soft_time_limit = 60
task_track_started = False
worker_prefetch_multiplier = 1
worker_cancel_long_running_tasks_on_connection_loss = True
worker_max_tasks_per_child = 1000
worker_max_memory_per_child = 200_000
worker_hijack_root_logger = False
timezone = "Asia/Shanghai"
task_default_queue = "default"
task_queues = [Queue("money"), Queue("default"), Queue("bulk")]
beat_schedule = {"tick": {"task": "core.tasks.tick", "schedule": 60.0, "options": {"expires": 50}}}
