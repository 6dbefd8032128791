"""Telegram's limits, each with its reason. The schema of the Bot API does not hold them."""

from __future__ import annotations

import re
from typing import Final

MEGABYTE: Final = 1 << 20

TEXT_UNITS: Final = 4096  # UTF-16 units of a message's text, counted after its markup is parsed
CAPTION_UNITS: Final = 1024  # the same of a caption
CALLBACK_DATA_BYTES: Final = 64  # a button carries its data inside every copy of the message
BUTTONS: Final = 100  # of one inline keyboard
ALBUM_MIN: Final = 2  # the documentation's "2-10 items"; one photo is a message of its own
ALBUM_MAX: Final = 10

PHOTO_UPLOAD_BYTES: Final = 10 * MEGABYTE  # sendPhoto
PHOTO_SIDES_SUM: Final = 10_000  # width + height of an uploaded photo, in pixels
PHOTO_RATIO: Final = 20  # the longer side over the shorter one
PHOTO_SIDES: Final = (90, 320, 1280)  # the longest side of each size Telegram stores, in pixels
UPLOAD_BYTES: Final = 50 * MEGABYTE  # the largest file a bot may send
DOWNLOAD_BYTES: Final = 20 * MEGABYTE  # the largest file getFile returns to a bot
REQUEST_BYTES: Final = UPLOAD_BYTES + MEGABYTE  # one upload and the parameters around it
PERSON_PIXELS: Final = 50_000_000  # what a phone's app shrinks before sending; more goes as a file

STICKER_SIDE: Final = 512  # the longer side of a static sticker, in pixels
THUMBNAIL_SIDE: Final = 320  # the longer side of a video's thumbnail, in pixels
START_PAYLOAD: Final = 64  # characters of a deep link's payload
START_PAYLOAD_PATTERN: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{START_PAYLOAD}}}")

UPDATES_PER_CALL: Final = 100  # getUpdates
POLL_SECONDS: Final = 50  # a longer long poll is cut to this
WEBHOOK_SECONDS: Final = 60  # a bot's server has this long to accept an update
WEBHOOK_FIRST_RETRY: Final = 0.1  # seconds, doubled each time; Telegram's are not published, tests wait
WEBHOOK_LAST_RETRY: Final = 60.0  # seconds; no pause grows longer
WEBHOOK_CONNECTIONS: Final = 100  # the most deliveries at once
WEBHOOK_DEFAULT_CONNECTIONS: Final = 40
WEBHOOK_PORTS: Final = frozenset({80, 88, 443, 8443})
CHAT_PER_SECOND: Final = 1  # messages; of all three, Telegram publishes "about" and no more
GROUP_PER_MINUTE: Final = 20
OVERALL_PER_SECOND: Final = 30
RATES_KEPT: Final = 10_000  # messages remembered; a bot that runs all day must not fill the memory
RATE_SLACK: Final = 0.2  # seconds: a bot measures when it sends, a server when it receives
QUERY_SECONDS: Final = 15  # a callback query waits this long for answerCallbackQuery
ANSWER_CHARACTERS: Final = 200  # text of answerCallbackQuery

INLINE_RESULTS: Final = 50  # of one answerInlineQuery
INLINE_QUERY: Final = 256  # characters; apps cut what was typed to this
INLINE_QUERY_SECONDS: Final = 10  # an inline query waits this long for its answer
INLINE_CACHE_SECONDS: Final = 300  # how long an answer is cached unless it says otherwise
RESULT_ID_BYTES: Final = 64
NEXT_OFFSET_BYTES: Final = 64

COMMANDS: Final = 100  # setMyCommands
COMMAND_DESCRIPTION: Final = 256
