# Sentences of the bot in French; they address the user informally (tu). en.ftl documents the values.
# No-break spaces (U+00A0) precede : ; ? ! and stand inside « », as French typography requires.

language-name = Français

## Command menu: a few words each

menu-find = Trouver des photos à partir d’une description
menu-similar = Des mots proches d’un mot
menu-analogy = Résoudre une devinette de mots
menu-alike = Comparer deux mots
menu-caption = En réponse à une photo : ce qu’on y voit
menu-tags = En réponse à une photo : des mots pour elle
menu-random = Quelques-unes des photos que je connais
menu-map = Une carte des mots ou des photos
menu-settings = Photos par réponse, son, langue
menu-help = Ce que je sais faire
menu-privacy = Ce que deviennent tes photos
menu-delete_me = Effacer tes réglages
menu-start = Dire bonjour
menu-stats = Utilisation, pour qui héberge le bot

## General

start =
    <b>Salut, je suis Kindred.</b>
    Envoie-moi une photo. Je la décris en anglais et je t’en montre de ressemblantes.

    Tu peux aussi m’écrire ou toucher un bouton :
sample-word = garçon
sample-analogy = homme:hommes::femme:?
sample-description = un chien qui court
sample-pair = garçon fille
sample-sum = chat + canapé
sample-difference = navire - voile
start-group =
    <b>Salut, je suis Kindred.</b>
    Réponds à une photo avec <code>/caption@{ $bot }</code> et je la décris. Le reste est dans /help@{ $bot }.
hello-group =
    <b>Salut, je suis Kindred.</b> Je ne réponds qu’aux commandes.
    Réponds à une photo avec <code>/caption@{ $bot }</code> et je la décris. Le reste est dans /help@{ $bot }.
help =
    <b>Envoie-moi une photo.</b> Je la décris en anglais et je t’en montre de ressemblantes. Fichiers, stickers, vidéos et albums conviennent aussi.
    Une légende oriente la recherche : <code>le chien</code> ou <code>- herbe + plage</code>.

    <b>Ou écris-moi :</b> ce que tu veux voir, un seul mot ou une devinette de mots. Touche un exemple pour essayer.

    Dans n’importe quel autre chat, écris <code>@{ $bot }</code> et ce que tu cherches.
    /settings /privacy
help-group =
    <b>Réponds à une photo avec</b>
    • <code>/caption@{ $bot }</code> : je la décris
    • <code>/similar@{ $bot }</code> : des photos ressemblantes
    • <code>/tags@{ $bot }</code> : des mots pour elle
    • <code>/find@{ $bot } - herbe</code> : ressemblantes, mais sans herbe

    <b>Ou demande-moi</b>
    • <code>/find@{ $bot } un chien qui court</code> : des photos
    • <code>/similar@{ $bot } garçon</code> : des mots proches
    • <code>/analogy@{ $bot } homme hommes femme</code> : une devinette de mots
    • <code>/alike@{ $bot } garçon fille</code> : comparer deux mots

    Touche une commande pour la copier.
privacy =
    <b>Tes photos et tes mots restent à toi.</b>
    Je ne garde une photo en mémoire que le temps d’y répondre. Je ne l’écris jamais sur un disque, je n’en apprends jamais rien et je ne la transmets jamais. Ce que tu écris, je ne le note que jusqu’à ma réponse, pour que rien ne se perde si je tombe en panne ; ensuite je l’efface. Je ne garde ni photos, ni messages, ni liste des gens qui m’ont écrit.

    <b>Ce que je garde :</b>
    • ce que tu as choisi dans /settings, avec ton identifiant Telegram, si tu y as changé quelque chose : jusqu’à ce que tu choisisses /delete_me, que tu me bloques ou que tu ne m’aies pas écrit depuis un an
    • combien de fois des réponses ont reçu un pouce vers le haut ou vers le bas : des nombres, sans noms, pour toujours
    • sous quels numéros Telegram conserve des images de ma propre galerie et mes cartes, pour ne pas avoir à les renvoyer
    • combien de gens m’ont écrit depuis mon démarrage : un seul nombre, en mémoire seulement

    Telegram conserve notre conversation, comme toutes les autres : tu peux l’y supprimer.
unknown-command = Je ne connais pas /{ $name }. Ce que je sais faire est dans /help.
unknown-command-near = Je ne connais pas /{ $name }. Tu voulais dire /{ $near } ?
read-as = Lu comme : { $text }
only-in-private = Faisons ça dans notre conversation.
open-private-chat = Ouvrir notre conversation
random-photos =
    { $size ->
        [one] La seule photo que je connais.
       *[other] Quelques-unes des { $size } photos que je connais. Touche un numéro pour en voir de ressemblantes.
    }
looking = Je regarde…
map-rendering = Je dessine la carte. La première fois, ça prend jusqu’à une minute.
# What the argument of /map may be called: commas between the names.
map-argument-words = mot, mots, les mots
map-argument-images = photo, photos, image, images, les photos, les images
map-of-words = Mes mots. Ceux qui se ressemblent sont proches.
map-of-images = Mes photos. Celles qui se ressemblent sont proches.

## Settings

settings =
    <b>Réglages</b>
    Photos par réponse, son, ressemblance en mots ou en chiffres, langue :
settings-loud = Avec son
settings-quiet = Sans son
settings-words = Très proche
settings-numbers = 0.87
settings-app-language = Comme l’appli
delete-me =
    <b>Effacer tes réglages ?</b>
    C’est tout ce que je garde sur toi. Plus dans /privacy.
delete-me-yes = Oui, efface-les
delete-me-no = Non, garde-les
delete-me-done = C’est fait. Je ne garde plus rien sur toi.
delete-me-nothing = Il n’y avait rien à effacer : je ne garde rien sur toi.
delete-me-kept = D’accord, rien n’a changé.

## Inline mode: @bot and a description, in any chat

inline-button = La suite dans notre conversation
inline-query = « { $query } »
inline-sure = correspond bien
inline-fits = correspond
inline-unsure = j’hésite

## Usage statistics: /stats, for the operator

stats = En marche depuis { $uptime }
stats-uptime = { $days } j { $hours } h { $minutes } min
stats-people = Personnes qui ont écrit : { $count }
stats-gallery =
    Galerie : { $name }, { $size ->
        [one] { $size } photo
       *[other] { $size } photos
    }
gallery-indexing =
    { $count ->
        [one] { $count } photo de plus est en cours d’indexation et pourra bientôt être trouvée.
       *[other] { $count } photos de plus sont en cours d’indexation et pourront bientôt être trouvées.
    }
gallery-fetching = Flickr8K est en cours de téléchargement : { $percent } %. En attendant, je cherche parmi quelques photos d’exemple.
stats-requests = Demandes : { $answered } avec réponse, { $failed } en échec
stats-files = Photos que Telegram avait déjà : { $hits } sur { $all }
stats-columns = Genre, avec réponse, en échec, médiane et 95 % en secondes :
stats-votes = Pouces : { $up } vers le haut, { $down } vers le bas

## Errors of the bot, by `EngineError.key`

nothing-to-read = Je n’y vois aucun mot. Essaie plutôt :
too-long = C’est trop long : { $length } caractères. { $limit } au plus, s’il te plaît.
similar-of-what = Quel mot ? Écris-le après /similar, ou essaie :
one-word-only = Un seul mot, s’il te plaît. Par exemple :
alike-what = Quels deux mots ? Écris-les après /alike, ou essaie :
two-words-only = Deux mots, s’il te plaît. Par exemple :
map-of-what = Quelle carte veux-tu voir ?
caption-of-what = Envoie-moi une photo et je la décris.
tags-of-what = Quelle photo ? Réponds à l’une d’elles avec /tags.
analogy-of-what = Donne-moi trois mots et je trouve le quatrième. Par exemple :
three-words-only = Il faut trois mots pour une devinette. Par exemple :
find-what = Que veux-tu voir ? Écris-le après /find, ou essaie :
file-too-large = Ce fichier dépasse 20 Mo. Envoie-moi une photo plus petite, s’il te plaît.
refused = Pardon, je n’ai pas le droit de te répondre. Demande à qui héberge ce bot, s’il te plaît.
too-many-photos =
    C’était ta dernière photo pour cette heure. Envoie la suivante dans { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }, s’il te plaît.

## Errors of the engine, by `EngineError.key`

busy = J’ai beaucoup à faire en ce moment. Réessaie dans quelques secondes, s’il te plaît.
unreadable-photo = Je n’arrive pas à ouvrir ça comme une image. Envoie-moi une photo JPEG, PNG ou WebP, s’il te plaît.
photo-too-wide = Cette photo est trop grande : { $width } × { $height } pixels. Envoie-m’en une plus petite, s’il te plaît.
unknown-word = Je ne connais pas le mot « { $word } ». Essaies-en un autre, s’il te plaît.
unknown-word-near = Je ne connais pas le mot « { $word } ». Tu voulais dire { $near } ?
unknown-image = Je n’ai plus cette photo. Essaies-en une autre, s’il te plaît.
photos-away = Je n’ai pas accès aux photos de ma galerie en ce moment. Redemande-moi un peu plus tard, s’il te plaît.
unknown-words = Je ne connais pas ces mots. Essaie des mots plus simples, comme chien ou plage.
unknown-script = Je lis le français, l’anglais, l’allemand, l’espagnol, l’italien, le portugais et le russe. Écris quelques mots dans l’une de ces langues, ou envoie-moi une photo.
unknown-part = Je ne connais pas « { $text } ». Essaie des mots plus simples, comme chien ou plage.
which-word = Quel mot ? Par exemple : garçon
which-two-words = Quels deux mots ? Par exemple : garçon fille
look-for-what = Que veux-tu voir ? Par exemple : un chien qui court sur la plage
change-what = Que faut-il changer dans la photo ? Par exemple : - herbe + plage
nothing-beside-sign = Il manque quelque chose à côté d’un signe. Par exemple : chat + canapé
only-minus = Et que veux-tu voir ? Par exemple : navire - voile
no-signs = Ici, une seule description, s’il te plaît, sans + ni -.
focus-on-what = Quoi, sur la photo ? Par exemple : le chien
too-few-labels = Donne-moi au moins deux étiquettes entre lesquelles choisir, par exemple : chat, chien, bateau
too-many-labels = Ça fait { $count } étiquettes. Donne-m’en { $limit } au plus, s’il te plaît.
gallery-too-small =
    Il faut au moins { $fewest ->
        [one] { $fewest } photo
       *[other] { $fewest } photos
    } pour une carte, et ma galerie en a { $count }.

## Other failures and limits

unsupported-message = Pardon, je ne peux rien faire de ça. Envoie-moi une photo, un fichier image, un sticker, une vidéo ou des mots.
expired = Ce bouton ne marche plus. Redemande-moi, s’il te plaît.
busy-for =
    J’ai tout reçu. Je réponds dans l’ordre, dans environ { $seconds ->
        [one] une seconde
       *[other] { $seconds } secondes
    }.
queue-full = C’est trop à la fois. Attends mes réponses, s’il te plaît, puis renvoie le reste.
retries-exhausted = Pardon, j’ai essayé plusieurs fois et je ne peux pas y répondre. Envoie-moi autre chose, s’il te plaît.
network-error = Quelque chose s’est perdu entre Telegram et moi. S’il manque une réponse, redemande, s’il te plaît.
internal-error = Pardon, quelque chose a mal tourné de mon côté. Réessaie dans un instant, s’il te plaît.
photos-not-allowed = Je n’ai pas le droit d’envoyer des photos ici. Un administrateur de ce groupe peut me l’accorder.
store-unavailable = Je ne peux rien enregistrer ni supprimer pour le moment. Réessaie dans quelques minutes, s’il te plaît.

## Words

words-near = Mots proches de <b>{ $word }</b>
analogy = { $a } est à { $b } ce que { $c } est à <b>{ $best }</b>
runners-up = Aussi proches : { $words }
alike = <b>{ $a }</b> et <b>{ $b }</b> :
alike-very = très proches, plus que { $share } paires au hasard sur 100.
alike-quite = assez proches, plus que { $share } paires au hasard sur 100.
alike-little = pas très proches : plus que { $share } paires au hasard sur 100.
alike-not = pas proches : plus que { $share } paires au hasard sur 100.
alike-same = C’est le même mot.
alike-score = En chiffres : { $score }. Plus le nombre est grand, plus ils sont proches.
no-words = Je ne trouve pas de mots pour ça.
not-sure-words = Là, j’hésite.
very-close = Très proche :
close = Proche :
loosely-related = Vaguement proche :

## Photos

cannot-tell-tags = Je ne sais pas trop. Je vois : { $words }.
cannot-tell = Je ne sais pas dire ce que c’est.
caption-unsure = C’est peut-être ça :
recognised = Je reconnais : { $names }
known-photo = Je la connais : { $page }
photo-page = sa page
photo-matches = Les plus proches de ta photo
photo-matches-focused = Comme ta photo, surtout pour <code>{ $words }</code>
photo-matches-changed = Comme ta photo, mais <code>{ $words }</code>
search-results = <b>Photos de</b> <code>{ $words }</code>
similar-images = <b>Proches de la photo que tu as choisie</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Ta photo
       *[other] Tes { $count } photos
    }</b>
choose-photo = Touche un numéro pour en voir plus sur cette photo.
best-matches = La plus proche de chacune de tes photos
not-sure = Je ne crois pas avoir ça. Le plus proche :
not-sure-photo = Je ne crois pas avoir quelque chose de semblable. Le plus proche :
near-duplicates =
    { $count ->
        [one] et { $count } autre presque pareille
       *[other] et { $count } autres presque pareilles
    }
no-matches = Je n’ai pas de photos pour ça.
sources = Chaque numéro ouvre la page de la photo.
credit = Photos : { $name }.
credit-flickr8k = Photos : Flickr8K, par leurs auteurs.
only-still = Je n’ai vu que l’image fixe, rien qui bouge.
# Under a photo: why its words were not followed.
photo-unknown-words = Je ne connais pas les mots écrits dessous, alors j’ai regardé toute la photo.
photo-problem-address = Je ne peux pas ouvrir le lien écrit dessous, alors j’ai regardé toute la photo.
photo-problem-incomplete-analogy = Une analogie ne va pas avec une photo, alors j’ai regardé toute la photo.
photo-problem-no-description = Je n’ai pas compris les mots écrits dessous, alors j’ai regardé toute la photo.
not-a-picture = Ce n’est pas une image que je peux regarder.
download-failed = Pardon, je n’ai pas pu la récupérer. Envoie-la-moi encore une fois, s’il te plaît.
tags = <b>Des mots pour ta photo</b>
why = { $caption } La partie claire montre où j’ai vu chaque mot.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Encore comme ça
button-next = Page suivante
button-caption = Autre description
button-why = Pourquoi ?
button-tags = Mots
button-pick = Semblables à…
button-close = Retour
button-random = Photos au hasard
button-word-map = Carte des mots
button-photo-map = Carte des photos
button-photos-of = Photos de « { $word } »
thanks-up = Merci, ça fait plaisir !
thanks-down = Merci, ça aide.
thanks-back = Vote retiré.

## What messages ask for

greeting = Bonjour ! Envoie-moi une photo ou écris ce que tu aimerais voir, par exemple <i>un chien qui court</i>.
thanks = Avec plaisir ! Tu veux voir autre chose ?
goodbye = Au revoir ! Reviens quand tu veux.
photo-for-caption = Envoie-moi la photo ou réponds-y, et je la décrirai.
# $written: a misspelt word. $read: the word it was taken for.
corrected = J’ai lu { $read } au lieu de { $written }.
problem-address = Je ne peux pas ouvrir de liens. Écris ce que tu aimerais voir, par exemple <i>un chien qui court</i>.
problem-incomplete-analogy = Il faut trois mots pour une analogie, par exemple : <i>homme est à hommes ce que femme est à … ?</i>
problem-only-negative = Tu as dit ce qu’il faut laisser de côté. Que veux-tu voir ? Par exemple : <i>une plage sans personnes</i>
problem-no-description = Je n’ai pas compris. Écris ce que tu aimerais voir, par exemple <i>un chien qui court</i>, ou envoie-moi une photo. /help en dit plus.
