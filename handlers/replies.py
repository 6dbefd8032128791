"""Every sentence people read. Telegram's HTML; whatever is not ours is shortened and escaped.

All lengths are in UTF-16 units, as Telegram counts them. Every part that comes from elsewhere has
a limit of its own below, so that a whole text stays within 4096 and an album's caption within 1024.
"""

from __future__ import annotations

import difflib
import html
from collections.abc import Sequence

from engine.results import Caption, Description, GalleryInfo, Match, WordMatch

WEAK_WORD = 0.45  # cosine of two words; lower ones are said to be weak. Set by eye

QUERY_UNITS = 100  # of a person's text, when we repeat it
CAPTION_UNITS = 300
WORD_UNITS = 30
CREDIT_UNITS = 450
WORD_WIDTH = 14  # letters, and
BAR_WIDTH = 8  # blocks: with the score between them a row fits a narrow phone

MENU = (
    ("similar", "Words near a word: /similar boy"),
    ("analogy", "Solve a riddle: /analogy man men woman"),
    ("find", "Find photos: /find a dog running"),
    ("help", "What I can do"),
    ("privacy", "What happens to your photos"),
    ("start", "Say hello"),
)

START = (
    "<b>Hello, I am Kindred.</b>\n"
    "Send me a photo: I tell you what I see, and show you the photos I know that are most like it.\n\n"
    "I know some words, too. Write a word, a riddle, or what you would like to see – or press a button:"
)
HELP = (
    "<b>Send me a photo</b> and I say what I see and show its look-alikes. "
    "A picture sent as a file or a sticker that does not move is fine, too.\n\n"
    "<b>Write to me:</b>\n"
    "• one word, such as <i>boy</i> – I answer with words near it. /similar boy does the same.\n"
    "• a riddle, such as <i>man:men::woman:?</i> – I fill in the last word. "
    "/analogy man men woman does the same.\n"
    "• a description, such as <i>a dog running</i> – I find photos of it. "
    "/find a dog running does the same.\n\n"
    "The numbers say how near a thing is: 1.00 is the same, 0.00 has nothing to do with it.\n\n"
    "/privacy – what happens to your photos"
)
PRIVACY = (
    "<b>Your photos and words stay yours.</b>\n"
    "I hold a photo in memory only while I answer it. I never write it to a disk, never learn from it and "
    "never pass it on. I keep no photos, no messages and no list of who wrote to me.\n\n"
    "There is nothing of yours stored here, so there is nothing to delete. "
    "Telegram keeps our chat, as it does with every chat: you can delete it there."
)

NOTHING_TO_READ = "I could not find a word in that. Try “boy”, or “a dog running”."
SIMILAR_OF_WHAT = "Which word shall I look for? For example: /similar boy"
ONE_WORD_ONLY = (
    "I can look for one word at a time, such as /similar boy. For more words, try /find a dog running."
)
ANALOGY_OF_WHAT = "Please give me three words, and I find the fourth. For example: /analogy man men woman"
THREE_WORDS_ONLY = (
    "A riddle needs three words, such as /analogy man men woman: man is to men as woman is to …?"
)
FIND_WHAT = "What shall I find? For example: /find a dog running"
PHOTO_TOO_LARGE = "That file is over 20 MB, more than Telegram lets me fetch. Please send a smaller photo."
CANNOT_TAKE = (
    "I cannot do anything with that, sorry. I understand photos, pictures sent as files, "
    "stickers that do not move, and words."
)
EXPIRED = "This button has expired. Please send /start for new ones."
TROUBLE = "Something went wrong on my side, sorry. Please try again in a moment."

_NO_MATCHES = "I know no photos to show you for this one."
_SOURCES = "<i>In the order of the photos; each number leads to where its photo is from.</i>"
_NO_WORDS = "I found no words for this one."
_NOT_SURE = "<i>I am not sure about this one: these are the nearest I could find.</i>"
_HINT_AFTER_WORDS = "<i>Photos instead? /find {query}\nA riddle? man:men::woman:?</i>"
_HINT_AFTER_RIDDLE = "<i>One word, such as “boy”, gives words near it; “a dog running” finds photos.</i>"
_HINT_AFTER_FIND = "<i>One word, such as “boy”, gives words near it; man:men::woman:? is a riddle for me.</i>"


def too_long(length: int, limit: int) -> str:
    """Say that a text is too long to look for."""
    return (
        f"That is {length:,} characters, too long for me. Please use at most {limit}: one sentence is best."
    )


def unknown_command(name: str) -> str:
    """Say that a command does not exist, and name the nearest one that does."""
    near = difflib.get_close_matches(name.lower(), [command for command, _ in MENU], n=1)
    hint = f"Did you mean /{near[0]}? " if near else ""
    return f"I do not know /{_quoted(name, WORD_UNITS)}. {hint}/help tells what I can do."


def error(sentence: str) -> str:
    """Show the sentence an error owns."""
    return _quoted(sentence, 4 * CAPTION_UNITS)


def similar_words(word: str, words: Sequence[WordMatch], *, hint: bool = False) -> str:
    """List the words near a word."""
    shown = _quoted(word, WORD_UNITS)
    parts = [f"Words near <b>{shown}</b>", _word_table(words)]
    if hint:
        parts.append(_HINT_AFTER_WORDS.format(query=shown))
    return "\n\n".join(parts)


def analogy(a: str, b: str, c: str, words: Sequence[WordMatch], *, hint: bool = False) -> str:
    """Fill in the last word of a riddle, and list the runners-up."""
    asked = "{} is to {} as {} is to".format(*(_quoted(word, WORD_UNITS) for word in (a, b, c)))
    best = _quoted(words[0].word, WORD_UNITS) if words else "…"
    parts = [f"{asked} <b>{best}</b>", _word_table(words)]
    if hint:
        parts.append(_HINT_AFTER_RIDDLE)
    return "\n\n".join(parts)


def description(answer: Description, gallery: GalleryInfo) -> str:
    """Say what is in a photo; other sayings and whose photos the look-alikes are come after it."""
    best, *others = answer.captions or (Caption("something I have no words for", 0.0, 0.0),)
    said = _sentence(best.text)
    unsure = "I am not sure, but it could be:\n" if best.is_weak else ""
    parts = [f"{unsure}<b>{said}</b>"]
    if others:
        parts.append("\n".join(["Or:", *(f"<i>{_sentence(other.text)}</i>" for other in others[:4])]))
    parts.append(_credit(gallery) if answer.matches else _NO_MATCHES)
    return "\n\n".join(parts)


def lookalikes(matches: Sequence[Match]) -> str:
    """Caption the album of photos most like the one that was sent."""
    return _album("Most like your photo", matches)


def found(text: str, matches: Sequence[Match], gallery: GalleryInfo, *, hint: bool = False) -> str:
    """Caption the album of photos a description fits."""
    title = f"Photos for “{_quoted(text, QUERY_UNITS)}”"
    parts = [_album(title, matches), _credit(gallery)]
    if hint:
        parts.append(_HINT_AFTER_FIND)
    return "\n\n".join(parts)


def _album(title: str, matches: Sequence[Match]) -> str:
    if not matches:
        return f"<b>{title}</b>\n{_NO_MATCHES}"
    note = [_NOT_SURE] if matches[0].is_weak else []
    scores = " · ".join(map(_linked_score, matches))
    hint = [_SOURCES] if any(match.source for match in matches) else []
    return "\n".join([f"<b>{title}</b>", *note, scores, *hint])


def _linked_score(match: Match) -> str:
    score = _score(match.score)
    return f'<a href="{html.escape(match.source)}">{score}</a>' if match.source else score


def _word_table(words: Sequence[WordMatch]) -> str:
    if not words:
        return _NO_WORDS
    names = [shortened(match.word, WORD_UNITS) for match in words]
    width = min(max(map(len, names)), WORD_WIDTH)
    rows = [
        f"{name:<{width}} {_score(match.score)} {_bar(match.score)}".rstrip()
        for name, match in zip(names, words, strict=True)
    ]
    table = "<pre>" + html.escape("\n".join(rows), quote=False) + "</pre>"
    return table if words[0].score >= WEAK_WORD else f"{_NOT_SURE}\n{table}"


def _bar(score: float) -> str:
    return "▮" * round(BAR_WIDTH * min(max(score, 0.0), 1.0))


def _score(score: float) -> str:
    return f"{score:.2f}"


def _credit(gallery: GalleryInfo) -> str:
    credit = f"Gallery: {gallery.name}, {gallery.size:,} photos. {gallery.credit}".strip()
    return f"<blockquote expandable>{_quoted(credit, CREDIT_UNITS)}</blockquote>"


def _sentence(caption: str) -> str:
    text = caption[:1].upper() + caption[1:]
    return _quoted(text if text.endswith((".", "!", "?")) else f"{text}.", CAPTION_UNITS)


def _quoted(text: str, units: int) -> str:
    return html.escape(shortened(text, units), quote=False)


def shortened(text: str, units: int) -> str:
    """Cut a text to so many UTF-16 units, never through a character."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * units:
        return text
    return encoded[: 2 * (units - 1)].decode("utf-16-le", errors="ignore").rstrip() + "…"
