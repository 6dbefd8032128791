"""Screenshots of conversations with the real bot, to be looked at, and the README's picture.

python -m tests.bot.screenshots             conversations in several languages: out/screenshots/chat-*.png
python -m tests.bot.screenshots --readme    docs/chat.png, with painted photos

The gallery is that of the settings: Flickr8K where FLICKR8K_DIR names it.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import skimage.data
from PIL import Image

from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from engine.api import EngineAPI
from engine.async_engine import open_engine
from handlers.i18n.texts import texts_in
from tests import paint
from tests.bot.browser import DESKTOP, PHONE, ROOT, close_browser, opened, shoot
from tests.bot.harness import TIMEOUT, build_bot, jpeg, running_bot, wait_until_idle

README: Final = ROOT / "docs" / "chat.png"
# Languages of the app, and what people write in them: a description, a word, a riddle.
ASKED: Final[Mapping[str, tuple[str, str, str]]] = {
    "en": ("two children on a beach", "boy", "man:men::woman:?"),
    "de": ("zwei Kinder am Strand", "Junge", "Mann:Männer::Frau:?"),
    "ru": ("двое детей на пляже", "мальчик", "мужчина:мужчины::женщина:?"),
    "he": ("ילדים בחוף הים", "dog", "king:queen::man:?"),
}
TALL: Final[Mapping[str, Any]] = {"viewport": {"width": 390, "height": 1550}, "device_scale_factor": 2}

Step = Callable[[], Awaitable[object]]


@asynccontextmanager
async def conversation(settings: Settings, engine: EngineAPI) -> AsyncIterator[tuple[Playground, Any]]:
    """Run a bot at a playground of its own while the block runs."""
    with TemporaryDirectory() as folder:
        async with Playground() as playground, SQLiteStore.open(Path(folder) / "bot.sqlite3") as store:
            application = build_bot(settings, playground, engine, store)
            async with running_bot(application):
                yield playground, application


def steps(person: Person, language: str) -> dict[str, Step]:
    """Return what a person does, by the names of the screenshots."""
    scene, word, riddle = ASKED[language]
    cat, coffee, rocket = (
        jpeg(Image.fromarray(getattr(skimage.data, name)())) for name in ("chelsea", "coffee", "rocket")
    )

    def press(label: str) -> Step:
        text = texts_in(language)(label)
        return lambda: person.press(
            [seen for seen in person.messages if text in seen.data][-1], text, TIMEOUT
        )

    return {
        "start": lambda: person.say("/start"),
        "help": lambda: person.say("/help"),
        "photo": lambda: person.send_photo(cat),
        "photo-tags": press("button-tags"),
        "guess": lambda: person.send_photo(coffee),
        "steered": lambda: person.send_photo(cat, caption="- grass + snow"),
        "album": lambda: person.send_album([cat, coffee, rocket]),
        "scene": lambda: person.say(scene),
        "scene-next": press("button-next"),
        "scene-pick": press("button-pick"),
        "word": lambda: person.say(word),
        "riddle": lambda: person.say(riddle),
        "alike": lambda: person.say("/alike dog cat"),
        "random": lambda: person.say("/random"),
        "settings": lambda: person.say("/settings"),
        "map": lambda: person.say("/map"),
        "nonsense": lambda: person.say("qwxz zzkt"),
        "typo": lambda: person.say("/simlar boy"),
        "privacy": lambda: person.say("/privacy"),
    }


async def shoot_conversation(
    settings: Settings, engine: EngineAPI, language: str, name: str, look: Mapping[str, Any]
) -> None:
    """Take a screenshot after each step of a conversation."""
    async with conversation(settings, engine) as (playground, application):
        person = playground.person("Ada", language)
        async with opened(playground, "?name=Ada", **look) as page:
            await page.get_by_text("online").wait_for()
            for step, act in steps(person, language).items():
                await act()
                await asyncio.sleep(0.3)
                await wait_until_idle(application)
                await page.wait_for_timeout(300)
                await shoot(page, f"chat-{language}-{name}-{step}")


async def shoot_readme(settings: Settings) -> None:
    """Take the README's picture: a photo, its answer, and where each word of the caption comes from."""
    with TemporaryDirectory() as folder:
        gallery = Path(folder) / "painted"
        gallery.mkdir()
        paint.paint_all(gallery)
        place = {"gallery": gallery, "gallery_url": "https://example.org/", "home": Path(folder) / "home"}
        painted = settings.model_copy(update=place)
        engine = await open_engine(painted)
        async with conversation(painted, engine) as (playground, application):
            person = playground.person("Ada", "en")
            async with opened(playground, "?name=Ada", **TALL) as page:
                await page.get_by_text("online").wait_for()
                await person.send_photo(jpeg(paint.two_at_sunset()))
                await asyncio.sleep(1)
                await wait_until_idle(application)
                answer = [seen for seen in person.messages if seen.buttons][-1]
                await person.press(answer, texts_in("en")("button-why"), TIMEOUT)
                await wait_until_idle(application)
                await page.wait_for_timeout(800)
                written = Image.open(io.BytesIO(await page.screenshot()))
                written.convert("RGB").quantize(128).save(README, optimize=True)
        await engine.close()


async def main() -> None:
    """Take the screenshots that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readme", action="store_true", help="make docs/chat.png")
    parser.add_argument("--languages", nargs="+", default=list(ASKED))
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        os.environ.setdefault("KINDRED_HOME", folder)
        settings = Settings.from_environment()
        if arguments.readme:
            await shoot_readme(settings)
        else:
            engine = await open_engine(settings)
            for language in arguments.languages:
                for name, look in (("phone", PHONE), ("desktop", DESKTOP)):
                    await shoot_conversation(settings, engine, language, name, look)
            await engine.close()
    await close_browser()


if __name__ == "__main__":
    asyncio.run(main())
