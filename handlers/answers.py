"""Answers with words, images and captions, shared by photos, commands, plain text and buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from telegram import InlineKeyboardMarkup, Message
from telegram.constants import ChatAction

from engine.api import EngineAPI
from engine.errors import PhotosAwayError
from engine.results import Description, Intent, IntentKind, Match
from handlers.context import Context
from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.callback_data import SubjectKind
from handlers.messages.attachments import attached_video
from handlers.messages.chat_action import DELAY, chat_action
from handlers.queries.subject import Subject, matches_page
from handlers.replies import general, photos, words
from handlers.replies.photos import PhotoReading
from handlers.replies.suggestions import command_keyboard
from handlers.sending import AlbumCaption, Answer, reply_text, send_answer


async def answer_words(message: Message, context: Context, intent: Intent, notes: Sequence[str] = ()) -> None:
    """Answer an intent about words.

    Args:
        message: the message to reply to.
        context: the context of the update.
        intent: of a kind that is about words.
        notes: lines that precede the answer.
    """
    match intent.kind, intent.words:
        case IntentKind.SIMILAR, (word,):
            await _answer_similar(message, context, word, notes, written=(intent.written or intent.words)[0])
        case IntentKind.ALIKE, (a, b):
            await _answer_alike(message, context, (a, b), notes)
        case IntentKind.ANALOGY, (a, b, c):
            await _answer_analogy(message, context, (a, b, c), notes)
        case _:
            raise ValueError(f"not about words: {intent}")


async def answer_photo(
    message: Message,
    context: Context,
    description: str = "",
    *,
    notes: Sequence[str] = (),
    unsure: bool = False,
) -> None:
    """Reply with the nearest images of a message's photo and, under them, its caption.

    Args:
        message: carries the photo.
        context: the context of the update.
        description: English words that the search focuses on, or adds and subtracts.
        notes: lines that precede the caption.
        unsure: whether the images are known to be only the closest ones.
    """
    subject, page_size = Subject(message, description), context.preferences.album
    context.kind = str(subject.kind)
    async with chat_action(message, ChatAction.TYPING):
        reading, matches, more = await _read_and_search(context.engine, subject, page_size)
    text = photos.photo_answer(
        context.texts,
        subject,
        reading,
        notes=[*notes, *photo_notes(message, context)],
        matched=bool(matches),
    )
    # Where the first caption is a guess it was not shown: it comes next, and there is none to explain.
    following, why = (0, None) if reading.is_guess else (1, 0)
    keyboard = AnswerKeyboard(
        subject.code,
        page_size=page_size,
        more=more,
        caption=following if reading.caption else None,
        why=why,
        tags=True,
    )
    markup = keyboard.to_markup(context.texts)
    caption = _album_caption(context, subject, matches, unsure=unsure)
    await send_answer(message, context, Answer(matches, caption, text, lambda _: markup))


async def answer_images(
    message: Message,
    context: Context,
    subject: Subject,
    *,
    notes: Sequence[str] = (),
    unsure: bool = False,
) -> None:
    """Reply with the images nearest to a description, a photo or a gallery image."""
    context.kind = str(subject.kind)
    page_size = context.preferences.album
    await answer_page(message, context, subject, 0, page_size, notes=notes, unsure=unsure)


async def answer_page(
    message: Message,
    context: Context,
    subject: Subject,
    page: int,
    page_size: int,
    *,
    notes: Sequence[str] = (),
    unsure: bool = False,
) -> None:
    """Reply with a page of the images nearest to a subject, and under them what they were searched by.

    `unsure` says that the images are known to be only the closest ones.
    """
    async with chat_action(message, ChatAction.TYPING, delay=DELAY):
        matches, more = await matches_page(context.engine, subject, page, page_size)
    offset = page * page_size
    last = offset + len(matches)
    range_ = photos.page_numbers(context.texts, offset + 1, last) if offset and matches else ""
    text = photos.search_answer(context.texts, subject, notes=notes, matched=bool(matches), page=range_)
    keyboard = AnswerKeyboard(subject.code, page, page_size, more, pick=True, votes=not offset)
    markup = keyboard.to_markup(context.texts) if matches else None
    caption = _album_caption(context, subject, matches, offset, unsure=unsure)
    await send_answer(message, context, Answer(matches, caption, text, lambda _: markup))


async def answer_random(message: Message, context: Context) -> None:
    """Reply with random images of the gallery, and buttons for more of them and for images like each."""
    matches = await context.engine.sample(context.preferences.album)
    texts, gallery = context.texts, context.engine.gallery
    page_size = context.preferences.album

    def keyboard(shown: Sequence[Match]) -> InlineKeyboardMarkup | None:
        picks = tuple(match.key for match in shown)
        buttons = AnswerKeyboard(SubjectKind.RANDOM, page_size=page_size, more=True, picks=picks, votes=False)
        return buttons.to_markup(texts)

    text = general.random_photos(texts, gallery)
    answer = Answer(matches, lambda sent: photos.random_caption(texts, gallery, sent), text, keyboard)
    await send_answer(message, context, answer)


def photo_notes(message: Message, context: Context) -> list[str]:
    """Return the notes on a message's photo: of a video, only the thumbnail is used."""
    return [context.texts("only-still")] if attached_video(message) else []


async def read_photo(engine: EngineAPI, photo: bytes, description: Description) -> PhotoReading:
    """Return what a photo shows; the engine names things in it where the caption would be a guess."""
    caption = description.captions[0] if description.captions else None
    reading = PhotoReading(caption, known=description.known, recognised=description.recognised)
    if not reading.is_guess:
        return reading
    return replace(reading, tags=tuple(tag for tag in await engine.tags(photo) if tag.thing))


def _album_caption(
    context: Context, subject: Subject, matches: Sequence[Match], offset: int = 0, *, unsure: bool = False
) -> AlbumCaption:
    """Return the caption of a page of matches, `offset` of which are on the pages before.

    Matches keep the numbers that buttons have for them, whichever are sent.
    """

    def caption(sent: Sequence[Match]) -> str:
        gallery, numbers = context.engine.gallery, context.preferences.numbers
        numbered = [pair for pair in enumerate(matches, offset + 1) if pair[1] in sent]
        return photos.album_caption(
            context.texts,
            subject,
            numbered,
            gallery,
            is_first_page=not offset,
            numbers=numbers,
            unsure=unsure,
        )

    return caption


async def _read_and_search(
    engine: EngineAPI, subject: Subject, page_size: int
) -> tuple[PhotoReading, tuple[Match, ...], bool]:
    """Return what a photo shows, the first page of its matches, and whether more follow."""
    photo = await subject.photo_bytes()
    if subject.kind is SubjectKind.DESCRIBE:
        description = await engine.describe(photo, page_size + 1, captions=1)
        matches = description.matches
        reading = await read_photo(engine, photo, description)
        return reading, matches[:page_size], len(matches) > page_size
    try:
        matches, more = await matches_page(engine, subject, 0, page_size)
    except PhotosAwayError:  # a caption needs no gallery
        matches, more = (), False
    return await read_photo(engine, photo, Description(await engine.captions(photo, 1), ())), matches, more


async def _answer_similar(
    message: Message, context: Context, word: str, notes: Sequence[str], *, written: str
) -> None:
    """List words, with a button for photos of the word, as the user wrote it."""
    context.kind = "similar"
    async with chat_action(message, ChatAction.TYPING, delay=DELAY):
        matches = await context.engine.similar(word)
    texts, numbers = context.texts, context.preferences.numbers
    text = words.similar_words(texts, word, matches, numbers=numbers)
    keyboard = command_keyboard([(texts("button-photos-of", word=written), f"/find {written}")])
    await reply_text(message, context, photos.with_notes(notes, text), keyboard)


async def _answer_analogy(
    message: Message, context: Context, terms: tuple[str, str, str], notes: Sequence[str]
) -> None:
    context.kind = "analogy"
    async with chat_action(message, ChatAction.TYPING, delay=DELAY):
        matches = await context.engine.analogy(*terms)
    text = words.analogy(context.texts, *terms, matches, numbers=context.preferences.numbers)
    await reply_text(message, context, photos.with_notes(notes, text))


async def _answer_alike(
    message: Message, context: Context, pair: tuple[str, str], notes: Sequence[str]
) -> None:
    context.kind = "alike"
    similarity = await context.engine.word_similarity(*pair)
    text = words.word_similarity(context.texts, similarity, numbers=context.preferences.numbers)
    await reply_text(message, context, photos.with_notes(notes, text))
