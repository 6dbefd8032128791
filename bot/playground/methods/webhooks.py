"""Methods about the delivery of updates: long polling and webhooks."""

from __future__ import annotations

import re
from typing import Final

from yarl import URL

from bot.playground.state import State
from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.limits import WEBHOOK_CONNECTIONS, WEBHOOK_DEFAULT_CONNECTIONS, WEBHOOK_PORTS
from bot.playground.telegram.parameters import Json, Parameters
from bot.playground.telegram.webhook import WebhookConfig

SECRET_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{0,256}")
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


async def get_updates(state: State, parameters: Parameters) -> list[Json]:
    """Handle `getUpdates`: check that no webhook is active; a newer poll ends this one."""
    _allow(state, parameters)
    offset, limit = parameters.integer("offset"), parameters.integer("limit")
    return await state.updates.get(offset, limit, parameters.number("timeout"))


async def set_webhook(state: State, parameters: Parameters) -> bool:
    """Handle `setWebhook`: check the URL and the secret token; an empty URL removes the webhook."""
    config = _config(parameters)
    _allow(state, parameters)
    if parameters.flag("drop_pending_updates"):
        state.updates.drop()
    await state.set_webhook(config)
    return True


async def delete_webhook(state: State, parameters: Parameters) -> bool:
    """Handle `deleteWebhook`: return to polling, with or without the pending updates."""
    if parameters.flag("drop_pending_updates"):
        state.updates.drop()
    await state.set_webhook(None)
    return True


async def get_webhook_info(state: State, _: Parameters) -> Json:
    """Handle `getWebhookInfo`: the address, how many updates wait, and whether the address fails."""
    webhook, pending = state.webhook, len(state.updates.pending)
    info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": pending}
    if webhook is None:
        return info
    failure = {"last_error_date": int(state.clock()), "last_error_message": "Wrong response from the webhook"}
    return info | {"url": webhook.url} | (failure if webhook.failing else {})


def _allow(state: State, parameters: Parameters) -> None:
    if "allowed_updates" in parameters.values:
        state.updates.allow([str(kind) for kind in parameters.array("allowed_updates")])


def _config(parameters: Parameters) -> WebhookConfig | None:
    if not parameters.text("url"):
        return None
    secret_token = parameters.text("secret_token")
    if not SECRET_TOKEN.fullmatch(secret_token):
        raise bad_request("secret token contains unallowed characters")
    connections = parameters.integer("max_connections", WEBHOOK_DEFAULT_CONNECTIONS)
    url = _checked_url(parameters.text("url"))
    return WebhookConfig(url, secret_token, min(max(connections, 1), WEBHOOK_CONNECTIONS))


def _checked_url(text: str) -> str:
    """Return a URL that updates may be posted to: on this machine, by plain HTTP, at any port.

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
