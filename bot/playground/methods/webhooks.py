"""Methods about how updates reach the bot: by its asking, or by a webhook."""

from __future__ import annotations

import re
from typing import Final

from yarl import URL

from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.limits import WEBHOOK_CONNECTIONS, WEBHOOK_DEFAULT_CONNECTIONS, WEBHOOK_PORTS
from bot.playground.telegram.parameters import Json, Parameters
from bot.playground.telegram.webhook import Hook

SECRET: Final = re.compile(r"[A-Za-z0-9_-]{0,256}")
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


async def get_updates(cloud: Cloud, given: Parameters) -> list[Json]:
    """getUpdates."""
    _allow(cloud, given)
    timeout = given.number("timeout")
    return await cloud.updates.get(given.integer("offset"), given.integer("limit"), timeout)


async def set_webhook(cloud: Cloud, given: Parameters) -> bool:
    """setWebhook; an empty address takes the webhook away."""
    hook = _hook(given)
    _allow(cloud, given)
    if given.flag("drop_pending_updates"):
        cloud.updates.drop()
    await cloud.hook_up(hook)
    return True


async def delete_webhook(cloud: Cloud, given: Parameters) -> bool:
    """deleteWebhook."""
    if given.flag("drop_pending_updates"):
        cloud.updates.drop()
    await cloud.hook_up(None)
    return True


async def get_webhook_info(cloud: Cloud, _: Parameters) -> Json:
    """getWebhookInfo."""
    webhook, allowed = cloud.webhook, sorted(cloud.updates.allowed)
    info: Json = {
        "url": webhook.hook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(cloud.updates.pending),
    }
    if webhook:
        info["max_connections"] = webhook.hook.connections
    if webhook and webhook.error:
        info |= {"last_error_date": webhook.error_at, "last_error_message": webhook.error}
    return info | ({"allowed_updates": allowed} if allowed else {})


def _allow(cloud: Cloud, given: Parameters) -> None:
    if "allowed_updates" in given.values:
        cloud.updates.allow([str(kind) for kind in given.array("allowed_updates")])


def _hook(given: Parameters) -> Hook | None:
    if not given.text("url"):
        return None
    secret = given.text("secret_token")
    if not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = given.integer("max_connections", WEBHOOK_DEFAULT_CONNECTIONS)
    return Hook(_address(given.text("url")), secret, min(max(connections, 1), WEBHOOK_CONNECTIONS))


def _address(text: str) -> str:
    """Check an address. Only this machine is posted to, by plain HTTP and at any port.

    On Telegram it must be HTTPS; between two programs of one machine, a certificate made for
    the occasion would prove nothing and hide nothing.
    """
    try:
        url = URL(text)
    except ValueError as error:
        raise bad_request("invalid webhook URL specified") from error
    if url.host in LOOPBACK and url.scheme == "http":
        return text
    if url.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if url.port not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    raise bad_request("bad webhook: Failed to resolve host: Name or service not known")
