# Sentences of the bot in English, the source language. Telegram HTML: <b>, <i>, <blockquote>.

# The name of the language in the language itself.
language-name = English

## Command menu: a few words each

menu-find = Find photos: /find a dog running
menu-similar = Words near a word: /similar boy
menu-analogy = Solve a riddle: /analogy man men woman
menu-alike = How alike are two words? /alike boy girl
menu-caption = In reply to a photo: what it shows
menu-tags = In reply to a photo: words for it
menu-random = Some of the photos I know
menu-map = How words or photos lie together: /map words
menu-settings = Photos an answer, sound, language
menu-help = What I can do
menu-privacy = What happens to your photos
menu-delete_me = Forget what you chose
menu-start = Say hello
menu-stats = Figures, for the host

## General

start =
    <b>Hello, I am Kindred.</b>
    Send me a photo: I tell you what I see, and show you the photos I know that are most like it.

    I know some words, too. Write a word, a riddle, or what you would like to see – or press a button:
# Buttons below `start`: the label is the query.
sample-word = boy
sample-analogy = man:men::woman:?
sample-description = a dog running
# $bot: the user name of the bot, without @.
start-group =
    <b>Hello, I am Kindred.</b>
    Reply to a photo with /caption@{ $bot }, and I say what it shows; with /similar@{ $bot }, and I show photos like it. /help@{ $bot } tells the rest.
hello-group =
    <b>Hello, I am Kindred.</b> I speak only when I am asked.
    Reply to a photo with /caption@{ $bot }, and I say what it shows. /help@{ $bot } tells what else I can do.
help =
    <b>Send me a photo</b> and I say what I see and show its look-alikes. Words under it say what to look at: <i>the dog</i>, or <i>- grass + beach</i>. Files, stickers, videos and whole albums are fine, too.

    <b>Write to me:</b>
    • one word, such as <i>boy</i> – I answer with words near it. /similar boy does the same.
    • a riddle, such as <i>man:men::woman:?</i> – I fill in the last word. /analogy man men woman does the same.
    • a description, such as <i>a dog running</i> – I find photos of it. /find a dog running does the same.
    • /find cat + sofa finds both in one photo, /find ship - sail leaves something out.
    • /alike boy girl tells how alike two words are.

    <b>Reply to a photo with</b>
    • /caption – what it shows; /tags – single words for it
    • /similar – photos like it; /find - grass – like it, but without the grass

    /random shows some of the photos I know, /map words and /map photos how they lie together. In any other chat, type @{ $bot } and what you look for.

    The numbers say how near a thing is: 1.00 is the same, 0.00 has nothing to do with it.

    /settings – how many photos, sound, language
    /privacy – what happens to your photos
help-group =
    I speak only when I am asked: with a command, by name, or in reply to what I said.

    <b>Reply to a photo with</b>
    • /caption@{ $bot } – what it shows; /tags@{ $bot } – single words for it
    • /similar@{ $bot } – photos like it; /find@{ $bot } - grass – like it, but without the grass

    <b>Or ask me</b>
    • /find@{ $bot } a dog running – photos of it
    • /similar@{ $bot } boy – words near a word
    • /analogy@{ $bot } man men woman – the last word of a riddle
    • /alike@{ $bot } boy girl – how alike two words are
privacy =
    <b>Your photos and words stay yours.</b>
    I hold a photo in memory only while I answer it. I never write it to a disk, never learn from it and never pass it on. What you write I note down only until it is answered, so that it is not lost if I fall over; then I delete it. I keep no photos, no messages and no list of who wrote to me.

    <b>What I do keep:</b>
    • what you chose in /settings, with your Telegram number, if you changed anything there – until you choose /delete_me, block me, or have not written to me for a year
    • how often answers were given a thumb up or down: numbers, without names – for good
    • under which numbers Telegram keeps pictures of my own gallery and maps, so that I need not send them again
    • how many people wrote to me since I was started: one number, in memory only

    Telegram keeps our chat, as it does with every chat: you can delete it there.
unknown-command = I do not know /{ $name }. /help tells what I can do.
unknown-command-near = I do not know /{ $name }. Did you mean /{ $near }? /help tells what I can do.
# $text: the translated query.
read-as = I read this as: { $text }
only-in-private = That is between you and me: press the button to come to our chat.
open-private-chat = Open our chat
random-photos =
    { $size ->
        [one] The only photo I know ({ $name })
       *[other] Some of the { $size } photos I know ({ $name })
    }
map-rendering = I am drawing the map. This takes up to a minute, but only once.
map-of-words = Words of my captions: what I take to be alike lies together.
map-of-images = Photos I know: what I take to be alike lies together.

## Settings

settings =
    <b>Settings</b>
    How many photos shall an answer show? With or without a sound? In which language?
settings-loud = With sound
settings-quiet = Quiet
settings-app-language = As my app
delete-me =
    <b>Shall I forget what you chose in /settings?</b>
    It is all I keep about you. /privacy tells more.
delete-me-yes = Yes, forget it
delete-me-no = No, keep it
delete-me-done = Done. What you chose is deleted; I keep nothing about you.
delete-me-nothing = There was nothing to delete: I keep nothing about you.
delete-me-kept = All right, everything stays as it is.

## Inline mode: @bot and a description, in any chat

inline-button = More in our chat
inline-query = “{ $query }”
# How well a photo matches the description.
inline-sure = fits well
inline-fits = fits
inline-unsure = I am not sure

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

nothing-to-read = I could not find a word in that. Try “boy”, or “a dog running”.
too-long = That is { $length } characters, too long for me. Please use at most { $limit }: one sentence is best.
similar-of-what = Which word shall I look for? For example: /similar boy
one-word-only = I can look for one word at a time, such as /similar boy. For more words, try /find a dog running.
alike-what = Which two words shall I compare? For example: /alike boy girl
two-words-only = I can compare two words at a time, such as /alike boy girl.
map-of-what = Which map shall I show? /map words or /map photos.
caption-of-what = Reply to a photo with /caption, and I say what it shows. Or send me one.
tags-of-what = Reply to a photo with /tags, and I name what is in it.
analogy-of-what = Please give me three words, and I find the fourth. For example: /analogy man men woman
three-words-only = A riddle needs three words, such as /analogy man men woman: man is to men as woman is to …?
find-what = What shall I find? For example: /find a dog running
file-too-large = That file is over 20 MB. Please send a smaller photo.
refused = I am sorry, I may not answer you: my host decides whom I talk to. If that is a mistake, please ask there.
# $minutes: a whole number.
too-many-photos =
    That was all I may look at for you in an hour. Please send the next photo in { $minutes ->
        [one] a minute
       *[other] { $minutes } minutes
    }.

## Errors of the engine, by `EngineError.key`

busy = I have my hands full just now. Please try again in a few seconds.
photos-away = The photos of my gallery are out of reach just now. Please ask again in a while.
unreadable-photo = I could not read that as a picture. Please send a JPEG, PNG or WebP photo.
photo-too-wide = That photo has { $width } x { $height } pixels, more than I can open. Please send a smaller one.
unknown-word = I do not know the word “{ $word }”. Please try another one.
# $near: one or two similar spellings, separated by a slash.
unknown-word-near = I do not know the word “{ $word }”. Did you mean { $near }?
unknown-image = I do not have this photo in my gallery. Please ask for another one.
unknown-words = I know none of these words. Please say it in other, English words.
unknown-part = I know none of the words “{ $text }”. Please say it in other, English words.
which-word = Similar to which word? For example: boy
which-two-words = Which two words shall I compare? For example: boy girl
look-for-what = What shall I look for? Say it in a few words, such as: a dog running on the beach
change-what = What shall I add to the photo or take away? Say it in a few words, such as: - grass + beach
nothing-beside-sign = There is nothing beside one of the signs. Words go there, such as: cat + sofa
only-minus = Minus says what to leave out. Please say what to look for, such as: ship - sail
no-signs = Looked for this way, I can take one description at a time, without + or -.
focus-on-what = On what in the photo? Say it in a few words, such as: the dog
too-few-labels = Please give me at least two labels to choose from, such as: cat, dog, boat
too-many-labels = Those are { $count } labels. Please give me { $limit } or fewer.
gallery-too-small = A map needs at least { $fewest } photos, and my gallery has { $count }.

## Other failures and limits

unsupported-message = I cannot do anything with that, sorry. I understand photos, pictures sent as files, stickers, videos, and words.
expired = This button has expired. Please ask again for new ones.
# $seconds: the estimated time, a whole number.
busy-for =
    I have my hands full with what you sent me. Nothing is lost: I answer it all in turn, which takes about { $seconds ->
        [one] a second
       *[other] { $seconds } seconds
    }.
queue-full = That is more than I can keep at once. Please wait for my answers, and then send me again what came after this.
retries-exhausted = I tried several times and cannot answer this one, sorry. Please send me something else.
network-error = Something was lost on the way between Telegram and me. If you miss an answer, please ask again.
internal-error = Something went wrong on my side, sorry. Please try again in a moment.

## Words

words-near = Words near <b>{ $word }</b>
analogy = { $a } is to { $b } as { $c } is to <b>{ $best }</b>
# $score: cosine similarity, up to 1.00.
alike = <b>{ $a }</b> and <b>{ $b }</b>: <b>{ $score }</b>
# $share: percentile, 0 to 99.
alike-very = Very alike: closer than { $share } of 100 pairs of words.
alike-quite = Quite alike: closer than { $share } of 100 pairs of words.
alike-little = A little alike: closer than { $share } of 100 pairs of words.
alike-not = Not alike: closer than { $share } of 100 pairs of words.
alike-same = That is the same word.
no-words = I found no words for this one.
hint-after-words =
    <i>Photos instead? /find { $query }
    A riddle? man:men::woman:?</i>
hint-after-analogy = <i>One word, such as “boy”, gives words near it; “a dog running” finds photos.</i>
not-sure = <i>I am not sure about this one: these are the nearest I could find.</i>

## Photos

# Replaces the caption of a photo.
no-caption = something I have no words for
caption-unsure = I am not sure, but it could be:
# $caption: a sentence, as in "2. Perhaps: A dog runs."
line-unsure = Perhaps: { $caption }
photo-matches = <b>Most like your photo</b>
# $words: the text below the photo, such as: the dog
photo-matches-focused = <b>Most like your photo,</b> above all in <code>{ $words }</code>
# $words: the text below the photo, such as: - grass + beach
photo-matches-changed = <b>Like your photo,</b> but <code>{ $words }</code>
search-results = <b>Photos for</b> <code>{ $words }</code>
similar-images = <b>Most like the photo you chose</b>
# Follows the title of an album, as in "Photos for a dog (11–20)".
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Your photo
       *[other] Your { $count } photos
    }</b>
# The title of an album, above the score for each of the photos, as in "1: 0.93 · 2: 0.87".
best-matches = <b>The nearest I know to each of your photos</b>
no-matches = I know no photos to show you for this one.
# Follows the score of a photo, or its number: so many further photos show the same and are left out.
near-duplicates =
    { $count ->
        [one] and one like it
       *[other] and { $count } like it
    }
sources = <i>In the order of the photos; each number leads to where its photo is from.</i>
credit =
    Gallery: { $name }, { $size ->
        [one] { $size } photo
       *[other] { $size } photos
    }. { $credit }
hint-after-find = <i>One word, such as “boy”, gives words near it; man:men::woman:? is a riddle for me.</i>
only-still = I saw only the still picture of it, nothing that moves.
words-unknown = I know none of the words under it, so I looked at the whole photo.
not-a-picture = This is not a picture I can look at.
download-failed = I could not fetch this one, sorry. Please send it again.
# The title of a row of words with scores, as in "dog 0.41 · grass 0.37".
tags = <b>Single words for your photo</b>
why = { $caption } The picture shows for each word where I saw it: there, your photo stays bright.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = More like this
button-next = Next page
button-caption = Another caption
button-why = Why?
button-tags = Tags
# Opens a row of numbers, one for each photo of the page.
button-pick = More like …
button-close = Back
thanks-up = Thank you, I am glad!
thanks-down = Thank you, that helps to know.
