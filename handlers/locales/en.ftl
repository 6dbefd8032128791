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
file-too-large = That file is over 20 MB. Please send a smaller photo.
## The engine's own; they say what `engine.errors` says in English

busy = I have my hands full just now. Please try again in a few seconds.
unreadable-photo = I could not read that as a picture. Please send a JPEG, PNG or WebP photo.
photo-too-wide = That photo has { $width } x { $height } pixels, more than I can open. Please send a smaller one.
unknown-word = I do not know the word “{ $word }”. Please try another one.
# $near: one or two words spelled alike, with a slash between them.
unknown-word-near = I do not know the word “{ $word }”. Did you mean { $near }?
unknown-words = I know none of these words. Please say it in other, English words.
unknown-part = I know none of the words “{ $text }”. Please say it in other, English words.
which-word = Similar to which word? For example: boy
which-two-words = Which two words shall I compare? For example: boy girl
look-for-what = What shall I look for? Say it in a few words, such as: a dog running on the beach
change-what = What shall I add to the photo or take away? Say it in a few words, such as: - grass + beach
nothing-beside-sign = There is nothing beside one of the signs. Words go there, such as: cat + sofa
only-minus = Minus says what to leave out. Please say what to look for, such as: ship - sail
no-signs = By inversion I can look for one description at a time, without + or -.
focus-on-what = On what in the photo? Say it in a few words, such as: the dog
too-few-labels = Please give me at least two labels to choose from, such as: cat, dog, boat
too-many-labels = Those are { $count } labels. Please give me { $limit } or fewer.
gallery-too-small = A map needs at least { $fewest } photos, and my gallery has { $count }.

## When something is not right, on

cannot-take = I cannot do anything with that, sorry. I understand photos, pictures sent as files, stickers that do not move, and words.
expired = This button has expired. Please send /start for new ones.
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

no-caption = something I have no words for
caption-unsure = I am not sure, but it could be:
captions-or = Or:
lookalikes = Most like your photo
found = Photos for “{ $query }”
no-matches = I know no photos to show you for this one.
sources = <i>In the order of the photos; each number leads to where its photo is from.</i>
credit = Gallery: { $name }, { $size } photos. { $credit }
hint-after-find = <i>One word, such as “boy”, gives words near it; man:men::woman:? is a riddle for me.</i>
