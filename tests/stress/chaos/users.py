"""The simulated users of a run."""

from __future__ import annotations

import asyncio
import random
from functools import cache
from typing import Final

from bot.playground.people import client
from handlers.keyboards.callback_data import Action, decode
from tests.bot.harness import jpeg
from tests.paint import PAINTINGS
from tests.stress.chaos.delivery_checker import ChatRecord, DeliveryChecker, Request, RequestKind

MAX_PENDING: Final = 3  # requests of one chat
TEXTS: Final[dict[RequestKind, tuple[str, ...]]] = {
    "word": ("boy",),
    "search": ("a dog running", "two people on a beach", "a red boat", "children who play in the snow"),
}
BUTTONS: Final[dict[Action, RequestKind]] = {Action.TAGS: "tags", Action.WHY: "why", Action.UP: "vote"}


@cache
def _photos() -> list[bytes]:
    return [jpeg(paint().resize((320, 240))) for paint in PAINTINGS.values()]


class SimulatedUser:
    """A user who sends requests, presses buttons of the answers, and sends more."""

    def __init__(
        self, chat: ChatRecord, checker: DeliveryChecker, rng: random.Random, mention: str = ""
    ) -> None:
        self._chat, self._checker, self._rng, self._mention = chat, checker, rng, mention
        self._pressed: set[Request] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send requests until `stop` is set, with few of them pending at a time."""
        while not stop.is_set():
            if len(self._chat.pending) < MAX_PENDING:
                await self._send_request(self._rng.choice(("photo", "word", "word", "search")))
                self._press_buttons()
            await asyncio.sleep(self._rng.uniform(0.0, 0.6))

    async def _send_request(self, kind: RequestKind) -> None:
        member = self._chat.member
        if kind == "photo":
            sent = await member.send_photo(self._rng.choice(_photos()), caption=self._mention)
        else:
            sent = await member.say(f"{self._mention} {self._rng.choice(TEXTS[kind])}".strip())
        self._chat.add_request(kind, sent.id)

    def _press_buttons(self) -> None:
        """Press some buttons of a photo's answer, in a private chat: there, only its user presses them."""
        answered = (one for one in self._chat.requests if one.kind == "photo" and one.answered)
        request = next((one for one in answered if one not in self._pressed), None)
        if request is None or self._mention:
            return
        self._pressed.add(request)
        answer = next(seen for seen in self._chat.member.messages if seen.id == request.copies["text"][0])
        for y, row in enumerate(answer.keyboard):
            for x, button in enumerate(row):
                data = decode(button.get("callback_data"))
                if data and data.action in BUTTONS and self._rng.random() < 0.5:
                    query = client.press(self._chat.member._session, answer.id, y, x)
                    self._checker.add_press(self._chat, BUTTONS[data.action], answer.id, query)
