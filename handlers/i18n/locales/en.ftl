# Sentences of the bot in English, the source language. Telegram HTML: <b>, <i>, <blockquote>.

# The name of the language in the language itself.
language-name = English

## Command menu: a few words each

menu-find = Find photos of what you describe
menu-similar = Words close to a word
menu-analogy = Solve a word riddle
menu-alike = Compare two words
menu-caption = In reply to a photo: what it shows
menu-tags = In reply to a photo: words for it
menu-random = Some of the photos I know
menu-map = A map of words or photos
menu-settings = Photos per answer, sound, language
menu-help = What I can do
menu-privacy = What happens to your photos
menu-delete_me = Delete your settings
menu-start = Say hello
menu-stats = Usage, for the host

## General

start =
    <b>Hello, I'm Kindred.</b>
    Send me any photo. I'll describe it and show you look-alikes.

    You can also write to me, or tap a button:
# Buttons: the label is the query.
sample-word = boy
sample-analogy = man:men::woman:?
sample-description = a dog running
sample-pair = boy girl
sample-sum = cat + sofa
sample-difference = ship - sail
# $bot: the user name of the bot, without @. In a group, only commands that name the bot surely reach it.
start-group =
    <b>Hello, I'm Kindred.</b>
    Reply to a photo with <code>/caption@{ $bot }</code> and I'll describe it. /help@{ $bot } shows the rest.
hello-group =
    <b>Hello, I'm Kindred.</b> I only answer commands.
    Reply to a photo with <code>/caption@{ $bot }</code> and I'll describe it. /help@{ $bot } shows the rest.
help =
    <b>Send me any photo.</b> I'll describe it and show you look-alikes. Files, stickers, videos and albums work, too.
    A caption steers the search: <code>the dog</code>, or <code>- grass + beach</code>.

    <b>Or write to me:</b> what you want to see, one word, or a word riddle. Tap one to try it.

    In any other chat, type <code>@{ $bot }</code> and what you are looking for.
    /settings /privacy
help-group =
    <b>Reply to a photo with</b>
    • <code>/caption@{ $bot }</code> – describe it
    • <code>/similar@{ $bot }</code> – photos like it
    • <code>/tags@{ $bot }</code> – single words for it
    • <code>/find@{ $bot } - grass</code> – like it, but without grass

    <b>Or ask me</b>
    • <code>/find@{ $bot } a dog running</code> – photos of it
    • <code>/similar@{ $bot } boy</code> – words close to a word
    • <code>/analogy@{ $bot } man men woman</code> – a word riddle
    • <code>/alike@{ $bot } boy girl</code> – compare two words

    Tap a command to copy it.
privacy =
    <b>Your photos and words stay yours.</b>
    I hold a photo in memory only while I answer it. I never write it to a disk, never learn from it and never pass it on. What you write I note down only until it is answered, so that it is not lost if I fall over; then I delete it. I keep no photos, no messages and no list of who wrote to me.

    <b>What I do keep:</b>
    • what you chose in /settings, with your Telegram number, if you changed anything there – until you choose /delete_me, block me, or have not written to me for a year
    • how often answers were given a thumb up or down: numbers, without names – for good
    • under which numbers Telegram keeps pictures of my own gallery and maps, so that I need not send them again
    • how many people wrote to me since I was started: one number, in memory only

    Telegram keeps our chat, as it does with every chat: you can delete it there.
unknown-command = I don't know /{ $name }. See /help for what I can do.
unknown-command-near = I don't know /{ $name }. Did you mean /{ $near }?
# $text: the translated query.
read-as = Read as: { $text }
only-in-private = Let's do that in our own chat.
open-private-chat = Open our chat
random-photos =
    { $size ->
        [one] The only photo I know.
       *[other] Some of the { $size } photos I know. Tap a number for more like it.
    }
# A notice while the photo of an album that was chosen is looked at.
looking = Looking …
map-rendering = Drawing the map. The first time takes up to a minute.
# What the argument of /map may be called: commas between the names.
map-argument-words = word, words, the word, the words
map-argument-images = photo, photos, picture, pictures, image, images, photographs, the photo, the photos, the picture, the pictures, the image, the images, the photographs
map-of-words = My words. Similar ones are close together.
map-of-images = My photos. Similar ones are close together.

## Settings

settings =
    <b>Settings</b>
    Photos per answer, sound, closeness in words or numbers, language:
settings-loud = With sound
settings-quiet = Quiet
# How close results are: in words ("very close"), or as numbers.
settings-words = Very close
settings-numbers = 0.87
settings-app-language = As in my app
delete-me =
    <b>Delete your settings?</b>
    They are all I keep about you. See /privacy for more.
delete-me-yes = Yes, delete them
delete-me-no = No, keep them
delete-me-done = Done. I keep nothing about you.
delete-me-nothing = Nothing to delete: I keep nothing about you.
delete-me-kept = All right, nothing has changed.

## Inline mode: @bot and a description, in any chat

inline-button = More in our chat
inline-query = “{ $query }”
# How well a photo matches the description.
inline-sure = fits well
inline-fits = fits
inline-unsure = not sure

## Usage statistics: /stats, for the operator

stats = Up for { $uptime }
stats-uptime = { $days } d { $hours } h { $minutes } min
stats-people = People who wrote: { $count }
stats-gallery =
    Gallery: { $name }, { $size ->
        [one] { $size } photo
       *[other] { $size } photos
    }
# Also on the demo's page.
gallery-indexing =
    { $count ->
        [one] { $count } more photo is being indexed and will soon be found.
       *[other] { $count } more photos are being indexed and will soon be found.
    }
gallery-fetching = Flickr8K is being fetched: { $percent }%. Until it is whole, a few starter photos are searched.
stats-requests = Requests: { $answered } answered, { $failed } failed
stats-files = Photos Telegram held already: { $hits } of { $all }
# The header of a table; the last two columns are in seconds.
stats-columns = Kind, answered, failed, median and 95 % in seconds:
stats-votes = Thumbs: { $up } up, { $down } down

## Errors of the bot, by `EngineError.key`

nothing-to-read = I see no words in that. Try one of these:
too-long = That's too long: { $length } characters. Please use at most { $limit }.
similar-of-what = Which word? Write one after /similar, or try this:
one-word-only = One word at a time, please. For example:
alike-what = Which two words? Write them after /alike, or try this:
two-words-only = Two words, please. For example:
map-of-what = Which map would you like?
caption-of-what = Send me a photo and I'll describe it.
tags-of-what = Which photo? Reply to one with /tags.
analogy-of-what = Give me three words and I'll find the fourth. For example:
three-words-only = A riddle needs three words. For example:
find-what = What would you like to see? Write it after /find, or try these:
file-too-large = That file is over 20 MB. Please send a smaller photo.
refused = Sorry, I'm not allowed to answer you. Please ask the person who runs me.
# $minutes: a whole number.
too-many-photos =
    That was your last photo for this hour. Please send the next one in { $minutes ->
        [one] a minute
       *[other] { $minutes } minutes
    }.

## Errors of the engine, by `EngineError.key`

busy = I'm busy right now. Please try again in a few seconds.
unreadable-photo = I can't open that as a picture. Please send a JPEG, PNG or WebP photo.
photo-too-wide = That photo is too big: { $width } x { $height } pixels. Please send a smaller one.
unknown-word = I don't know the word “{ $word }”. Please try another one.
# $near: one or two similar spellings, separated by a slash.
unknown-word-near = I don't know the word “{ $word }”. Did you mean { $near }?
unknown-image = I no longer have this photo. Please try another one.
photos-away = The photos of my gallery are out of reach just now. Please ask again in a while.
unknown-words = I don't know those words. Try simpler ones, such as dog or beach.
# Its script is none of these languages'.
unknown-script = I read English, German, Spanish, French, Italian, Portuguese and Russian. Write a few words in one of these, or send me a photo.
unknown-part = I don't know “{ $text }”. Try simpler words, such as dog or beach.
which-word = Which word? For example: boy
which-two-words = Which two words? For example: boy girl
look-for-what = What would you like to see? For example: a dog running on the beach
change-what = What should change in the photo? For example: - grass + beach
nothing-beside-sign = Something is missing beside a sign. For example: cat + sofa
only-minus = What would you like to see instead? For example: ship - sail
no-signs = One description at a time here, please, without + or -.
focus-on-what = What in the photo? For example: the dog
too-few-labels = Please give me at least two labels to choose from, such as: cat, dog, boat
too-many-labels = Those are { $count } labels. Please give me { $limit } or fewer.
gallery-too-small = A map needs at least { $fewest } photos, and my gallery has { $count }.

## Other failures and limits

unsupported-message = Sorry, I can't use that. Send me a photo, a picture file, a sticker, a video, or words.
expired = This button no longer works. Please ask again.
# $seconds: the estimated time, a whole number.
busy-for =
    I got everything. I'll answer it in turn, in about { $seconds ->
        [one] a second
       *[other] { $seconds } seconds
    }.
queue-full = That's too much at once. Please wait for my answers, then send the rest again.
retries-exhausted = Sorry, I tried several times and can't answer this one. Please send me something else.
network-error = Something got lost between Telegram and me. If an answer is missing, please ask again.
internal-error = Sorry, something went wrong on my side. Please try again in a moment.
photos-not-allowed = I'm not allowed to send photos here. An administrator of this group can allow it.
store-unavailable = I can't save or delete anything right now. Please try again in a few minutes.

## Words

words-near = Words close to <b>{ $word }</b>
analogy = { $a } is to { $b } as { $c } is to <b>{ $best }</b>
# $words: the words that come after the best one.
runners-up = Also close: { $words }
alike = <b>{ $a }</b> and <b>{ $b }</b>:
# $share: percentile, 0 to 99.
alike-very = very much alike, closer than { $share } of 100 random pairs.
alike-quite = quite alike, closer than { $share } of 100 random pairs.
alike-little = not much alike: closer than { $share } of 100 random pairs.
alike-not = not alike: closer than { $share } of 100 random pairs.
alike-same = That's the same word.
# $score: cosine similarity, up to 1.00.
alike-score = In numbers: { $score }. The higher the number, the closer the match.
no-words = I found no words for this one.
not-sure-words = I'm not sure about this one.
# How close results are; each is followed by a list.
very-close = Very close:
close = Close:
loosely-related = Loosely related:

## Photos

# Where a caption would be a guess. $words: up to three tags, in English.
cannot-tell-tags = I can't tell. I see { $words }.
cannot-tell = I can't tell what this is.
# Precedes a caption that the user asked for though it is a guess.
caption-unsure = It could be this:
# $names: things in the photo that its caption does not mention, in English.
recognised = I recognise: { $names }
# $page: a link to the photo's page, `photo-page`, or the photo's name.
known-photo = I know this one: { $page }
photo-page = its page
photo-matches = Most like your photo
# $words: the text below the photo, such as: the dog
photo-matches-focused = Like your photo, above all in <code>{ $words }</code>
# $words: the text below the photo, such as: - grass + beach
photo-matches-changed = Like your photo, but <code>{ $words }</code>
search-results = <b>Photos of</b> <code>{ $words }</code>
similar-images = <b>More like the photo you chose</b>
# Follows a title, as in "Photos of a dog (11–20)".
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Your photo
       *[other] Your { $count } photos
    }</b>
# Precedes buttons with the numbers of these photos.
choose-photo = Tap a number to see more like that photo.
# The title of an album with one look-alike for each photo that was sent.
best-matches = The closest to each of your photos
# Precedes a list of numbers, which lead to the photos.
not-sure = I don't think I have that. The closest I found:
not-sure-photo = I don't think I have anything like it. The closest I found:
# Follows the number of a photo, or its score: so many further photos show the same and are left out.
near-duplicates =
    { $count ->
        [one] and one like it
       *[other] and { $count } like it
    }
no-matches = I have no photos to show for this.
sources = Tap a number for its page.
# The gallery's name; a sentence of its host follows.
credit = Photos: { $name }.
# Instead of a sentence of the host: galleries that this program brings along.
credit-flickr8k = Photos: Flickr8K, by their authors.
only-still = I only saw the still picture, nothing that moves.
# Under a photo: why its words were not followed.
photo-unknown-words = I don't know the words under it, so I looked at the whole photo.
photo-problem-address = I can't open the link under it, so I looked at the whole photo.
photo-problem-incomplete-analogy = Riddles don't go with a photo, so I looked at the whole photo.
photo-problem-no-description = I didn't understand the words under it, so I looked at the whole photo.
not-a-picture = This isn't a picture I can look at.
download-failed = Sorry, I couldn't fetch this one. Please send it again.
# The title of a row of words, as in "dog · grass".
tags = <b>Words for your photo</b>
why = { $caption } For each word, the bright part is where I saw it.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = More like this
button-next = Next page
button-caption = Another caption
button-why = Why?
button-tags = Tags
# Opens a row of numbers, one for each photo of the page.
button-pick = More like …
button-close = Back
button-random = Random photos
button-word-map = Map of words
button-photo-map = Map of photos
# $word: what the user asked about, up to 30 letters.
button-photos-of = Photos of “{ $word }”
thanks-up = Thanks, I'm glad!
thanks-down = Thanks, that helps.
thanks-back = Taken back.

## What messages ask for

greeting = Hello! Send me a photo, or write what you would like to see, such as <i>a dog running</i>.
thanks = You are welcome! Is there anything else you would like to see?
goodbye = Goodbye! Come back whenever you like.
photo-for-caption = Send me the photo, or reply to it, and I'll describe it.
# $written: a misspelt word. $read: the word it was taken for.
corrected = Read { $written } as { $read }.
problem-address = I can't open links. Write what you would like to see, such as <i>a dog running</i>.
problem-incomplete-analogy = A riddle needs three words, such as <i>man is to men as woman is to …?</i>
problem-only-negative = You told me what to leave out. What would you like to see? For example: <i>a beach without people</i>
problem-no-description = I didn't understand that. Write what you would like to see, such as <i>a dog running</i>, or send me a photo. /help tells more.
