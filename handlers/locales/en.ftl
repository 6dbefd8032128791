# What Kindred says, in English. Telegram's HTML: <b>, <i>, <blockquote>.

## The menu of commands

menu-similar = Words near a word: /similar boy
menu-analogy = Solve a riddle: /analogy man men woman
menu-find = Find photos: /find a dog running
menu-help = What I can do
menu-privacy = What happens to your photos
menu-start = Say hello

## Talk

start =
    <b>Hello, I am Kindred.</b>
    Send me a photo: I tell you what I see, and show you the photos I know that are most like it.

    I know some words, too. Write a word, a riddle, or what you would like to see – or press a button:
help =
    <b>Send me a photo</b> and I say what I see and show its look-alikes. A picture sent as a file or a sticker that does not move is fine, too.

    <b>Write to me:</b>
    • one word, such as <i>boy</i> – I answer with words near it. /similar boy does the same.
    • a riddle, such as <i>man:men::woman:?</i> – I fill in the last word. /analogy man men woman does the same.
    • a description, such as <i>a dog running</i> – I find photos of it. /find a dog running does the same.

    The numbers say how near a thing is: 1.00 is the same, 0.00 has nothing to do with it.

    /privacy – what happens to your photos
privacy =
    <b>Your photos and words stay yours.</b>
    I hold a photo in memory only while I answer it. I never write it to a disk, never learn from it and never pass it on. I keep no photos, no messages and no list of who wrote to me.

    There is nothing of yours stored here, so there is nothing to delete. Telegram keeps our chat, as it does with every chat: you can delete it there.
unknown-command = I do not know /{ $name }. /help tells what I can do.
unknown-command-near = I do not know /{ $name }. Did you mean /{ $near }? /help tells what I can do.

## When something is not right. The names are those that errors carry

nothing-to-read = I could not find a word in that. Try “boy”, or “a dog running”.
too-long = That is { $length } characters, too long for me. Please use at most { $limit }: one sentence is best.
similar-of-what = Which word shall I look for? For example: /similar boy
one-word-only = I can look for one word at a time, such as /similar boy. For more words, try /find a dog running.
analogy-of-what = Please give me three words, and I find the fourth. For example: /analogy man men woman
three-words-only = A riddle needs three words, such as /analogy man men woman: man is to men as woman is to …?
find-what = What shall I find? For example: /find a dog running
file-too-large = That file is over 20 MB, more than Telegram lets me fetch. Please send a smaller photo.
cannot-take = I cannot do anything with that, sorry. I understand photos, pictures sent as files, stickers, videos, and words.
expired = This button has expired. Please ask again for new ones.
trouble = Something went wrong on my side, sorry. Please try again in a moment.

## Words

words-near = Words near <b>{ $word }</b>
riddle = { $a } is to { $b } as { $c } is to <b>{ $best }</b>
no-words = I found no words for this one.
hint-after-words =
    <i>Photos instead? /find { $query }
    A riddle? man:men::woman:?</i>
hint-after-riddle = <i>One word, such as “boy”, gives words near it; “a dog running” finds photos.</i>
not-sure = <i>I am not sure about this one: these are the nearest I could find.</i>

## Photos

# The photo is something: it stands where a caption would.
no-caption = something I have no words for
caption-unsure = I am not sure, but it could be:
# { $caption } is a sentence, as in "2. Perhaps: A dog runs."
line-unsure = Perhaps: { $caption }
lookalikes = <b>Most like your photo</b>
# { $words } are what a person wrote under their photo, such as: the dog
lookalikes-in = <b>Most like your photo,</b> above all in <code>{ $words }</code>
# { $words } are what a person wrote under their photo, such as: - grass + beach
lookalikes-changed = <b>Like your photo,</b> but <code>{ $words }</code>
found = <b>Photos for</b> <code>{ $words }</code>
kindred = <b>Most like the photo you chose</b>
# Stands behind the title of an album of photos, as in "Photos for a dog (11–20)".
page = {" "}({ $first }–{ $last })
your-photos = <b>Your { $count } photos</b>
# Stands over an album, and over a number for each photo of the person, as in "1: 0.93 · 2: 0.87".
best-matches = <b>The nearest I know to each of your photos</b>
no-matches = I know no photos to show you for this one.
sources = <i>In the order of the photos; each number leads to where its photo is from.</i>
credit = Gallery: { $name }, { $size } photos. { $credit }
hint-after-find = <i>One word, such as “boy”, gives words near it; man:men::woman:? is a riddle for me.</i>
only-still = I saw only the still picture of it, nothing that moves.
words-unknown = I know none of the words under it, so I looked at the whole photo.
not-a-picture = This is not a picture I can look at.
not-fetched = I could not fetch this one, sorry. Please send it again.
# Stands over a row of words with scores, as in "dog 0.41 · grass 0.37".
tags = <b>Single words for your photo</b>
why = { $caption } The picture shows for each word where I saw it: there, your photo stays bright.

## Buttons. Two share a row of a phone: at most some twenty letters

button-more = More like this
button-next = Next page
button-caption = Another caption
button-why = Why?
button-tags = Tags
# Opens a choice of numbers, one for each photo that was shown.
button-pick = More like …
button-close = Back
thanks-up = Thank you, I am glad!
thanks-down = Thank you, that helps to know.
