"""A load generator: simulated users who use every feature of the bot, several at a time."""

from __future__ import annotations

import asyncio
import io
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import skimage.data
from PIL import Image

from bot.playground import Group, Person, Playground
from bot.playground.telegram.api_errors import ImpossibleActionError
from bot.playground.telegram.profile import USERNAME
from tests.bot.harness import jpeg
from tests.paint import PAINTINGS
from tests.stress.fuzz.malformed_images import make_image

ANSWER_TIMEOUT: Final = 120.0  # seconds: a group's limit is 20 messages a minute
INLINE_TIMEOUT: Final = 12.0  # seconds: Telegram takes no answer to an older inline query
LANGUAGES: Final = ("en", "de", "es", "fr", "it", "pt", "ru", "")
NEWCOMER_RATE: Final = 0.1  # share of the requests that come from a new user
MAX_WAITING: Final = 32  # requests of all users: no more are sent until some are answered
TEXTS: Final = (
    "boy", "/similar beach", "man:men::woman:?", "/analogy man men woman", "man is to men as woman is to?",
    "/alike boy girl", "/help", "/privacy", "/start", "/settings", "/map words", "/map images", "/random",
    "/stats", "/tags", "/caption", "two words nobody knows: zxqv wvut", "🙂", "x" * 4_000, "a" * 200,
    "/unheard_of", "cat +", "- - -", "\u202e\u0000 &lt;b&gt; <script>",
)  # fmt: skip
SEARCH_TEXTS: Final = (
    "a dog running", "/find cat + sofa", "ship - sail", "ein Hund am Strand", "un chien dans la neige",
    "two children on a beach", "/find a man on a bicycle", "red", "собака на траве", "water + child - dog",
)  # fmt: skip
PHOTO_CAPTIONS: Final = ("the cat", "- grass + beach", "/tags", "what is this?", "+", "cat, dog, boat?")


class Photos:
    """Photos of many kinds, encoded once, so that encoding is not what is measured."""

    def __init__(self, rng: random.Random) -> None:
        images = [paint() for paint in PAINTINGS.values()]
        images += [Image.fromarray(getattr(skimage.data, name)()) for name in ("chelsea", "coffee", "rocket")]
        grey, large = images[0].convert("L"), images[1].resize((4_000, 3_000))
        noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8))
        rotated = Image.Exif()
        rotated[0x0112] = 6  # orientation: turned by 90 degrees
        self.photos = [jpeg(image) for image in (*images, grey, large, noise)]
        self.photos += [_encode(images[2], "JPEG", exif=rotated)]
        self.files = [_encode(image, kind) for image in images[:3] for kind in ("PNG", "WEBP", "JPEG")]
        self.malformed = [make_image(1, number)[1] for number in range(40)]
        self.malformed += [b"no photo", self.photos[0][:2_000], bytes(1_000)]
        self._rng = rng

    def choose(self) -> bytes:
        """Return a photo as apps send it."""
        return self._rng.choice(self.photos)


def _encode(image: Image.Image, image_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


@dataclass
class LoadGenerator:
    """Simulated users and groups; the same seed makes them send the same requests.

    Attributes:
        waiting: returns how many requests wait for their answers.
        users: number of users who come back again and again.
        groups: number of groups.
        sent: number of requests so far.
        late: number of inline queries that were answered too late.
        actions: number of requests so far, by action.
        unanswered: user and action of each request without an answer.
    """

    playground: Playground
    waiting: Callable[[], int]
    seed: int = 1
    users: int = 300
    groups: int = 40
    sent: int = 0
    late: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    unanswered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._photos = Photos(self._rng)
        self._busy: set[str] = set()  # users and groups in the middle of an action
        self._newcomers = 0
        self._groups: dict[str, Group] = {}
        self._weighted_actions = [action for action, weight in ACTIONS.items() for _ in range(weight)]

    async def act(self, action: Action | None = None) -> None:
        """Let a user perform an action, or a random one, and wait for the answer."""
        while self.waiting() > MAX_WAITING:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.02)
        name, action = self._choose_user(), action or self._rng.choice(self._weighted_actions)
        self._busy.add(name)
        language = LANGUAGES[_checksum(name) % len(LANGUAGES)]
        try:
            await action(self, self.playground.person(name, language))
        except TimeoutError:
            self.unanswered.append(f"{name}: {action.__name__}")
        finally:
            self._busy.discard(name)
            self.sent += 1
            self.actions[action.__name__] += 1

    def _choose_user(self) -> str:
        if self._rng.random() < NEWCOMER_RATE:
            self._newcomers += 1
            return f"Newcomer {self._newcomers}"
        return self._choose_idle("Regular", self.users)

    def _choose_idle(self, kind: str, count: int) -> str:
        names = (f"{kind} {number}" for number in range(count))
        return self._rng.choice([name for name in names if name not in self._busy])

    async def photo(self, person: Person) -> None:
        """Send a photo, sometimes with a caption."""
        caption = self._rng.choice(PHOTO_CAPTIONS) if self._rng.random() < 0.3 else ""
        await person.send_photo(self._photos.choose(), caption=caption)
        await person.replies(1, ANSWER_TIMEOUT)

    async def file(self, person: Person) -> None:
        """Send an image as a file."""
        await person.send_photo(self._rng.choice(self._photos.files), as_file=True)
        await person.replies(1, ANSWER_TIMEOUT)

    async def thumbnail(self, person: Person) -> None:
        """Send what has an image in it: a sticker, a video, an animation."""
        photo = self._photos.choose()
        await self._rng.choice((
            lambda: person.send_sticker(photo),
            lambda: person.send_video(b"a video", photo),
            lambda: person.send_animation(b"an animation", photo),
        ))()  # fmt: skip
        await person.replies(1, ANSWER_TIMEOUT)

    async def malformed(self, person: Person) -> None:
        """Send a malformed image, or a file that is no image."""
        await person.send_photo(self._rng.choice(self._photos.malformed), as_file=True)
        await person.replies(1, ANSWER_TIMEOUT)

    async def unsupported(self, person: Person) -> None:
        """Send a kind of message that the bot declines."""
        await self._rng.choice((
            person.send_voice,
            lambda: person.send_location(48.1, 11.6),
            lambda: person.send_other(dice={"emoji": "🎲", "value": 3}),
        ))()  # fmt: skip
        await person.replies(1, ANSWER_TIMEOUT)

    async def album(self, person: Person) -> None:
        """Send an album."""
        await person.send_album([self._photos.choose() for _ in range(self._rng.randint(2, 4))])
        await person.replies(1, ANSWER_TIMEOUT)

    async def text(self, person: Person) -> None:
        """Send a word, a command or nonsense."""
        await person.say(self._rng.choice(TEXTS))
        await person.replies(1, ANSWER_TIMEOUT)

    async def search(self, person: Person) -> None:
        """Search for photos by a description."""
        await person.say(self._rng.choice(SEARCH_TEXTS))
        await person.replies(1, ANSWER_TIMEOUT)

    async def button(self, person: Person) -> None:
        """Press a button of a recent answer, sometimes twice."""
        answers = [seen for seen in person.messages[-40:] if seen.from_bot and any(seen.buttons)]
        if not answers:
            await self.search(person)
            return
        answer = self._rng.choice(answers)
        label = self._rng.choice([label for row in answer.buttons for label in row])
        presses = [person.press(answer, label, ANSWER_TIMEOUT) for _ in range(self._rng.choice((1, 1, 1, 2)))]
        for result in await asyncio.gather(*presses, return_exceptions=True):
            if isinstance(result, ImpossibleActionError | LookupError):
                continue  # links cannot be pressed, and a keyboard may change between two presses
            if isinstance(result, BaseException):
                raise result

    async def inline(self, person: Person) -> None:
        """Send an inline query, and sometimes choose a result."""
        query = self._rng.choice(SEARCH_TEXTS).removeprefix("/find ")
        try:
            shown = await person.inline(query, timeout=INLINE_TIMEOUT)
        except TimeoutError:  # a map was being drawn, perhaps
            self.late += 1
            return
        if shown.results and self._rng.random() < 0.5:
            await person.choose(self._rng.choice(shown.results))

    async def edit(self, person: Person) -> None:
        """Edit a message: the bot does not answer that."""
        message = await person.say("a cat on a sofa")
        await person.replies(1, ANSWER_TIMEOUT)
        await person.edit(message, "a dog on a sofa")

    async def block(self, person: Person) -> None:
        """Block the bot, and unblock it."""
        await person.say("/help")
        await person.replies(1, ANSWER_TIMEOUT)
        await person.block()
        await person.unblock()

    async def group(self, person: Person) -> None:
        """Send a command about a photo in a group, where people talk to each other, too."""
        name = self._choose_idle("Group", self.groups)
        if name not in self._groups:
            self._groups[name] = self.playground.group(name, self.playground.person(f"Owner of {name}"))
            await asyncio.sleep(0)
        self._busy.add(name)
        try:
            member = self._groups[name].member(self.playground.person(f"Owner of {name}"))
            photo = await member.send_photo(self._photos.choose())
            await member.say("a message that is not for the bot")
            command = self._rng.choice(("/caption", "/tags", "/similar boy", "/find a dog", "/help"))
            sent = await member.say(_with_username(command), reply_to=photo)
            await member.wait_for(lambda one: one.from_bot and one.id > sent.id, ANSWER_TIMEOUT)
        finally:
            self._busy.discard(name)


def _with_username(command: str) -> str:
    """Address a command to the bot, as in a group."""
    name, _, rest = command.partition(" ")
    return f"{name}@{USERNAME} {rest}".rstrip()


def _checksum(name: str) -> int:
    """Return a number for a name, the same in every process."""
    return sum(name.encode())


Action = Callable[[LoadGenerator, Person], Awaitable[None]]
# Weights: of a hundred requests, how many are of each kind.
ACTIONS: Final[dict[Action, int]] = {
    LoadGenerator.photo: 26, LoadGenerator.file: 4, LoadGenerator.thumbnail: 4, LoadGenerator.malformed: 6,
    LoadGenerator.unsupported: 3, LoadGenerator.album: 3, LoadGenerator.text: 18, LoadGenerator.search: 12,
    LoadGenerator.button: 13, LoadGenerator.inline: 5, LoadGenerator.edit: 1, LoadGenerator.block: 1,
    LoadGenerator.group: 4,
}  # fmt: skip
