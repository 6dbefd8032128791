"""A crowd of people who do, one after the other and many at once, everything that people do with the bot."""

from __future__ import annotations

import asyncio
import io
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import skimage.data
from PIL import Image

from bot.playground import Group, Person, Playground, Seen
from bot.playground.telegram.api_errors import ImpossibleActionError
from bot.playground.telegram.profile import USERNAME
from tests.bot.harness import jpeg
from tests.paint import PAINTINGS
from tests.stress import hostile

PATIENCE: Final = 120.0  # seconds: a group's limit is 20 messages a minute
TYPING: Final = 12.0  # seconds after which Telegram takes no answer to what was typed
LANGUAGES: Final = ("en", "de", "es", "fr", "it", "pt", "ru", "")
NEWCOMERS: Final = 0.1  # of all who ask, those who never asked before
WAITING: Final = 32  # requests that may wait for their answers: the crowd holds back then
TEXTS: Final = (
    "boy", "/similar beach", "man:men::woman:?", "/analogy man men woman", "man is to men as woman is to?",
    "/alike boy girl", "/help", "/privacy", "/start", "/settings", "/map words", "/map images", "/random",
    "/stats", "/tags", "/caption", "two words nobody knows: zxqv wvut", "🙂", "x" * 4_000, "a" * 200,
    "/unheard_of", "cat +", "- - -", "\u202e\u0000 &lt;b&gt; <script>",
)  # fmt: skip
SEARCHES: Final = (
    "a dog running", "/find cat + sofa", "ship - sail", "ein Hund am Strand", "un chien dans la neige",
    "two children on a beach", "/find a man on a bicycle", "red", "собака на траве", "water + child - dog",
)  # fmt: skip
CAPTIONS: Final = ("the cat", "- grass + beach", "/tags", "what is this?", "+", "cat, dog, boat?")


class Photos:
    """Photos of all kinds, made once: drawing them must not be what is measured."""

    def __init__(self, rng: random.Random) -> None:
        seen = [paint() for paint in PAINTINGS.values()]
        seen += [Image.fromarray(getattr(skimage.data, name)()) for name in ("chelsea", "coffee", "rocket")]
        self.usual = [jpeg(image) for image in seen]
        grey, large = seen[0].convert("L"), seen[1].resize((4_000, 3_000))
        noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8))
        turned = Image.Exif()
        turned[0x0112] = 6  # stored on its side
        self.usual += [jpeg(grey), jpeg(large), jpeg(noise), _encoded(seen[2], "JPEG", exif=turned)]
        self.files = [_encoded(image, kind) for image in seen[:3] for kind in ("PNG", "WEBP", "JPEG")]
        self.bad = [hostile.picture(1, number)[1] for number in range(40)]
        self.bad += [b"no photo", self.usual[0][:2_000], bytes(1_000)]
        self._rng = rng

    def one(self) -> bytes:
        """A photo as apps send it."""
        return self._rng.choice(self.usual)


def _encoded(image: Image.Image, kind: str, **more: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **more)
    return written.getvalue()


@dataclass
class Crowd:
    """People and groups, and what they do; the same seed makes them do the same.

    Attributes:
        busy: how many requests wait for their answers.
        people: how many come back again and again.
        groups: how many.
    """

    playground: Playground
    busy: Callable[[], int]
    seed: int = 1
    people: int = 300
    groups: int = 40
    asked: int = 0
    late: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    unanswered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._photos = Photos(self._rng)
        self._taken: set[str] = set()  # who is in the middle of something
        self._new = 0
        self._groups: dict[str, Group] = {}
        self._deeds = [deed for deed, weight in DEEDS.items() for _ in range(weight)]

    async def ask(self) -> None:
        """Let somebody do something, and wait for what comes of it."""
        while self.busy() > WAITING:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.02)
        name, deed = self._somebody(), self._rng.choice(self._deeds)
        self._taken.add(name)
        language = LANGUAGES[_number_of(name) % len(LANGUAGES)]
        try:
            await deed(self, self.playground.person(name, language))
        except TimeoutError:
            self.unanswered.append(f"{name}: {deed.__name__}")
        finally:
            self._taken.discard(name)
            self.asked += 1
            self.kinds[deed.__name__] += 1

    def _somebody(self) -> str:
        if self._rng.random() < NEWCOMERS:
            self._new += 1
            return f"Newcomer {self._new}"
        free = [name for name in self._regulars() if name not in self._taken]
        return self._rng.choice(free)

    def _regulars(self) -> Iterator[str]:
        return (f"Regular {number}" for number in range(self.people))

    async def photo(self, person: Person) -> None:
        """Send a photo, some of them with words under it."""
        words = self._rng.choice(CAPTIONS) if self._rng.random() < 0.3 else ""
        await person.send_photo(self._photos.one(), caption=words)
        await person.replies(1, PATIENCE)

    async def file(self, person: Person) -> None:
        """Send an image as a file."""
        await person.send_photo(self._rng.choice(self._photos.files), as_file=True)
        await person.replies(1, PATIENCE)

    async def clip(self, person: Person) -> None:
        """Send what only holds a picture: a sticker, a video, an animation."""
        photo = self._photos.one()
        await self._rng.choice((
            lambda: person.send_sticker(photo),
            lambda: person.send_video(b"a video", photo),
            lambda: person.send_animation(b"an animation", photo),
        ))()  # fmt: skip
        await person.replies(1, PATIENCE)

    async def bad(self, person: Person) -> None:
        """Send what is no photo, or one that no camera made."""
        await person.send_photo(self._rng.choice(self._photos.bad), as_file=True)
        await person.replies(1, PATIENCE)

    async def other(self, person: Person) -> None:
        """Send something else altogether."""
        await self._rng.choice((
            person.send_voice,
            lambda: person.send_location(48.1, 11.6),
            lambda: person.send_other(dice={"emoji": "🎲", "value": 3}),
        ))()  # fmt: skip
        await person.replies(1, PATIENCE)

    async def album(self, person: Person) -> None:
        """Send an album."""
        await person.send_album([self._photos.one() for _ in range(self._rng.randint(2, 4))])
        await person.replies(1, PATIENCE)

    async def words(self, person: Person) -> None:
        """Say something: words, commands, nonsense."""
        await person.say(self._rng.choice(TEXTS))
        await person.replies(1, PATIENCE)

    async def search(self, person: Person) -> None:
        """Describe a photo that is wanted."""
        await person.say(self._rng.choice(SEARCHES))
        await person.replies(1, PATIENCE)

    async def button(self, person: Person) -> None:
        """Press any button of a recent answer, twice at times."""
        answers = [seen for seen in person.messages[-40:] if seen.from_bot and any(seen.buttons)]
        if not answers:
            await self.search(person)
            return
        answer = self._rng.choice(answers)
        label = self._rng.choice([label for row in answer.buttons for label in row])
        presses = [person.press(answer, label, PATIENCE) for _ in range(self._rng.choice((1, 1, 1, 2)))]
        for came in await asyncio.gather(*presses, return_exceptions=True):
            if isinstance(came, TimeoutError):
                raise came
            if isinstance(came, BaseException) and not isinstance(came, ImpossibleActionError | LookupError):
                raise came  # a link has nothing to press, and a keyboard may change between two presses

    async def inline(self, person: Person) -> None:
        """Search from another chat, and send what was found."""
        wanted = self._rng.choice(SEARCHES).removeprefix("/find ")
        try:
            shown = await person.inline(wanted, timeout=TYPING)
        except TimeoutError:  # Telegram takes no answer that late: a map was being drawn, perhaps
            self.late += 1
            return
        if shown.results and self._rng.random() < 0.5:
            await person.choose(self._rng.choice(shown.results))

    async def edit(self, person: Person) -> None:
        """Think better of what was said: that is nothing to answer."""
        said = await person.say("a cat on a sofa")
        await person.replies(1, PATIENCE)
        await person.edit(said, "a dog on a sofa")

    async def block(self, person: Person) -> None:
        """Leave, and come back."""
        await person.say("/help")
        await person.replies(1, PATIENCE)
        await person.block()
        await person.unblock()

    async def group(self, person: Person) -> None:
        """Ask about a photo in a group, where others talk too."""
        free = [name for number in range(self.groups) if (name := f"Group {number}") not in self._taken]
        name = self._rng.choice(free)
        if name not in self._groups:
            self._groups[name] = self.playground.group(name, self.playground.person(f"Owner of {name}"))
            await asyncio.sleep(0)
        self._taken.add(name)
        try:
            member = self._groups[name].member(self.playground.person(f"Owner of {name}"))
            seen: Seen = await member.send_photo(self._photos.one())
            await member.say("nobody asked the bot")
            command = self._rng.choice(("/caption", "/tags", "/similar boy", "/find a dog", "/help"))
            said = await member.say(_to_the_bot(command), reply_to=seen)
            await member.wait_for(lambda one: one.from_bot and one.id > said.id, PATIENCE)
        finally:
            self._taken.discard(name)


def _to_the_bot(command: str) -> str:
    """In a group, a command names the bot."""
    name, _, rest = command.partition(" ")
    return f"{name}@{USERNAME} {rest}".rstrip()


def _number_of(name: str) -> int:
    """A number of a name, the same in every process."""
    return sum(name.encode())


Deed = Callable[[Crowd, Person], Awaitable[None]]
# Of a hundred requests, how many are of each kind.
DEEDS: Final[dict[Deed, int]] = {
    Crowd.photo: 26, Crowd.file: 4, Crowd.clip: 4, Crowd.bad: 6, Crowd.other: 3, Crowd.album: 3,
    Crowd.words: 18, Crowd.search: 12, Crowd.button: 13, Crowd.inline: 5, Crowd.edit: 1, Crowd.block: 1,
    Crowd.group: 4,
}  # fmt: skip
