# Sentences of the bot in French; they address the user informally (tu). en.ftl documents the values.
# No-break spaces (U+00A0) precede : ; ? ! and stand inside « », as French typography requires.

language-name = Français

## Command menu: a few words each

menu-find = Trouver des photos : /find un chien qui court
menu-similar = Des mots proches : /similar garçon
menu-analogy = Résoudre une devinette : /analogy homme hommes femme
menu-alike = Deux mots se ressemblent-ils ? /alike garçon fille
menu-caption = En réponse à une photo : ce qu’on y voit
menu-tags = En réponse à une photo : des mots pour elle
menu-random = Quelques-unes des photos que je connais
menu-map = Comment les mots ou les photos se regroupent : /map mots
menu-settings = Photos par réponse, son, langue
menu-help = Ce que je sais faire
menu-privacy = Ce que deviennent tes photos
menu-delete_me = Oublier tes réglages
menu-start = Dire bonjour
menu-stats = Chiffres pour qui héberge le bot

## General

start =
    <b>Salut, je suis Kindred.</b>
    Envoie-moi une photo : je te dis en anglais ce que j’y vois et je te montre les photos les plus ressemblantes que je connais.

    Je m’y connais aussi un peu en mots. Écris un mot, une devinette ou ce que tu aimerais voir, ou appuie sur un bouton :
sample-word = garçon
sample-analogy = homme:hommes::femme:?
sample-description = un chien qui court
start-group =
    <b>Salut, je suis Kindred.</b>
    Réponds à une photo avec /caption@{ $bot } et je dis ce qu’on y voit ; avec /similar@{ $bot } et je montre des photos qui lui ressemblent. Le reste est dans /help@{ $bot }.
hello-group =
    <b>Salut, je suis Kindred.</b> Je ne parle que quand on me le demande.
    Réponds à une photo avec /caption@{ $bot } et je dis ce qu’on y voit. Ce que je sais faire d’autre est dans /help@{ $bot }.
help =
    <b>Envoie-moi une photo</b> : je te dis en anglais ce que j’y vois et je t’en montre de ressemblantes. Les mots écrits dessous disent quoi regarder : <i>le chien</i> ou <i>- herbe + plage</i>. Les fichiers, les stickers, les vidéos et les albums entiers, ça marche aussi.

    <b>Écris-moi :</b>
    • un seul mot, comme <i>garçon</i> : je te donne des mots proches. /similar garçon fait la même chose.
    • une devinette, comme <i>homme:hommes::femme:?</i> : je trouve le dernier mot. /analogy homme hommes femme fait la même chose.
    • une description, comme <i>un chien qui court</i> : je trouve des photos. /find un chien qui court fait la même chose.
    • /find chat + canapé cherche les deux sur une même photo, /find navire - voile écarte quelque chose.
    • /alike garçon fille dit à quel point deux mots se ressemblent.

    <b>Réponds à une photo avec</b>
    • /caption : ce qu’on y voit ; /tags : des mots pour elle
    • /similar : des photos ressemblantes ; /find - herbe : ressemblantes, mais sans l’herbe

    /random montre quelques-unes des photos que je connais ; /map mots et /map photos, comment elles se regroupent. Dans n’importe quel autre chat, écris @{ $bot } et ce que tu cherches.

    Les nombres disent à quel point deux choses sont proches : 1.00, c’est la même chose ; 0.00, rien à voir.

    /settings : combien de photos, son, langue
    /privacy : ce que deviennent tes photos
help-group =
    Je ne parle que quand on me le demande : avec une commande, par mon nom ou en réponse à ce que j’ai dit.

    <b>Réponds à une photo avec</b>
    • /caption@{ $bot } : ce qu’on y voit ; /tags@{ $bot } : des mots pour elle
    • /similar@{ $bot } : des photos ressemblantes ; /find@{ $bot } - herbe : ressemblantes, mais sans l’herbe

    <b>Ou demande-moi</b>
    • /find@{ $bot } un chien qui court : des photos
    • /similar@{ $bot } garçon : des mots proches
    • /analogy@{ $bot } homme hommes femme : le dernier mot d’une devinette
    • /alike@{ $bot } garçon fille : à quel point deux mots se ressemblent
privacy =
    <b>Tes photos et tes mots restent à toi.</b>
    Je ne garde une photo en mémoire que le temps d’y répondre. Je ne l’écris jamais sur un disque, je n’en apprends jamais rien et je ne la transmets jamais. Ce que tu écris, je ne le note que jusqu’à ma réponse, pour que rien ne se perde si je tombe en panne ; ensuite je l’efface. Je ne garde ni photos, ni messages, ni liste des gens qui m’ont écrit.

    <b>Ce que je garde :</b>
    • ce que tu as choisi dans /settings, avec ton identifiant Telegram, si tu y as changé quelque chose : jusqu’à ce que tu choisisses /delete_me, que tu me bloques ou que tu ne m’aies pas écrit depuis un an
    • combien de fois des réponses ont reçu un pouce vers le haut ou vers le bas : des nombres, sans noms, pour toujours
    • sous quels numéros Telegram conserve des images de ma propre galerie et mes cartes, pour ne pas avoir à les renvoyer
    • combien de gens m’ont écrit depuis mon démarrage : un seul nombre, en mémoire seulement

    Telegram conserve notre conversation, comme toutes les autres : tu peux l’y supprimer.
unknown-command = Je ne connais pas /{ $name }. /help dit ce que je sais faire.
unknown-command-near = Je ne connais pas /{ $name }. Tu voulais dire /{ $near } ? /help dit ce que je sais faire.
read-as = Je le lis ainsi : { $text }
only-in-private = Ça reste entre toi et moi : le bouton t’amène dans notre conversation.
open-private-chat = Ouvrir notre conversation
random-photos =
    { $size ->
        [one] La seule photo que je connais ({ $name })
       *[other] Quelques-unes des { $size } photos que je connais ({ $name })
    }
map-rendering = Je dessine la carte. Ça prend jusqu’à une minute, mais une seule fois.
map-of-words = Les mots de mes descriptions : ceux qui me semblent proches sont côte à côte.
map-of-images = Des photos que je connais : celles qui me semblent proches sont côte à côte.

## Settings

settings =
    <b>Réglages</b>
    Combien de photos une réponse doit-elle montrer ? Avec ou sans son ? Dans quelle langue ?
settings-loud = Avec son
settings-quiet = Sans son
settings-app-language = Comme l’appli
delete-me =
    <b>Veux-tu que j’oublie ce que tu as choisi dans /settings ?</b>
    C’est tout ce que je garde sur toi. /privacy en dit plus.
delete-me-yes = Oui, oublie-le
delete-me-no = Non, garde-le
delete-me-done = C’est fait. Tes choix sont effacés ; je ne garde plus rien sur toi.
delete-me-nothing = Il n’y avait rien à effacer : je ne garde rien sur toi.
delete-me-kept = D’accord, tout reste comme avant.

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

nothing-to-read = Je ne trouve aucun mot là-dedans. Essaie « garçon » ou « un chien qui court ».
too-long = Ça fait { $length } caractères, c’est trop long pour moi. Restes-en à { $limit } au plus, s’il te plaît : une phrase, c’est l’idéal.
similar-of-what = De quel mot dois-je chercher les proches ? Par exemple : /similar garçon
one-word-only = Je ne peux chercher qu’un mot à la fois, comme /similar garçon. Pour plusieurs mots, essaie /find un chien qui court.
alike-what = Quels sont les deux mots à comparer ? Par exemple : /alike garçon fille
two-words-only = Je ne peux comparer que deux mots à la fois, comme /alike garçon fille.
map-of-what = Quelle carte dois-je montrer ? /map mots ou /map photos.
caption-of-what = Réponds à une photo avec /caption et je dis ce qu’on y voit. Ou envoie-m’en une.
tags-of-what = Réponds à une photo avec /tags et je nomme ce qu’on y voit.
analogy-of-what = Donne-moi trois mots et je trouve le quatrième. Par exemple : /analogy homme hommes femme
three-words-only = Une devinette a besoin de trois mots, comme /analogy homme hommes femme : homme est à hommes ce que femme est à… ?
find-what = Que dois-je trouver ? Par exemple : /find un chien qui court
file-too-large = Ce fichier dépasse 20 Mo. Envoie-moi une photo plus petite, s’il te plaît.
refused = Pardon, je n’ai pas le droit de te répondre : qui me fait tourner décide à qui je parle. Si c’est une erreur, demande-lui, s’il te plaît.
too-many-photos =
    C’est tout ce que je peux regarder pour toi en une heure. Envoie-moi la photo suivante dans { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }, s’il te plaît.

## Errors of the engine, by `EngineError.key`

busy = J’ai les mains pleines en ce moment. Réessaie dans quelques secondes, s’il te plaît.
photos-away = Je n’ai pas accès aux photos de ma galerie en ce moment. Redemande-moi un peu plus tard, s’il te plaît.
unreadable-photo = Je n’arrive pas à lire ça comme une image. Envoie-moi une photo JPEG, PNG ou WebP, s’il te plaît.
photo-too-wide = Cette photo a { $width } × { $height } pixels, plus que je ne peux en ouvrir. Envoie-m’en une plus petite, s’il te plaît.
unknown-word = Je ne connais pas le mot « { $word } ». Essaies-en un autre, s’il te plaît.
unknown-word-near = Je ne connais pas le mot « { $word } ». Tu voulais dire { $near } ?
unknown-image = Cette photo n’est pas dans ma galerie. Demande-m’en une autre, s’il te plaît.
unknown-words = Je ne connais aucun de ces mots. Dis-le avec d’autres, s’il te plaît, de préférence en anglais.
unknown-part = Je ne connais aucun des mots de « { $text } ». Dis-le avec d’autres, s’il te plaît, de préférence en anglais.
which-word = Proche de quel mot ? Par exemple : garçon
which-two-words = Quels sont les deux mots à comparer ? Par exemple : garçon fille
look-for-what = Que dois-je chercher ? Dis-le en quelques mots, par exemple : un chien qui court sur la plage
change-what = Que dois-je ajouter à la photo ou en retirer ? Dis-le en quelques mots, par exemple : - herbe + plage
nothing-beside-sign = Il n’y a rien à côté d’un des signes. C’est la place des mots, par exemple : chat + canapé
only-minus = Le moins dit ce qu’il faut laisser de côté. Dis-moi aussi quoi chercher, par exemple : navire - voile
no-signs = Comme ça, je ne peux chercher qu’une description à la fois, sans + ni -.
focus-on-what = Que dois-je regarder sur la photo ? Dis-le en quelques mots, par exemple : le chien
too-few-labels = Donne-moi au moins deux étiquettes entre lesquelles choisir, par exemple : chat, chien, bateau
too-many-labels = Ça fait { $count } étiquettes. Donne-m’en { $limit } au plus, s’il te plaît.
gallery-too-small =
    Il faut au moins { $fewest ->
        [one] { $fewest } photo
       *[other] { $fewest } photos
    } pour une carte, et ma galerie en a { $count }.

## Other failures and limits

unsupported-message = Je ne peux rien faire de ça, je regrette. Je comprends les photos, les images envoyées comme fichiers, les stickers, les vidéos et les mots.
expired = Ce bouton n’est plus valable. Redemande-moi et tu en auras de nouveaux.
busy-for =
    J’ai fort à faire avec ce que tu m’as envoyé. Rien n’est perdu : je réponds à tout, dans l’ordre, ce qui prend environ { $seconds ->
        [one] une seconde
       *[other] { $seconds } secondes
    }.
queue-full = C’est plus que je ne peux garder à la fois. Attends mes réponses, s’il te plaît, puis renvoie-moi ce qui venait après.
retries-exhausted = J’ai essayé plusieurs fois et je ne peux pas répondre à ceci, pardon. Envoie-moi autre chose, s’il te plaît.
network-error = Quelque chose s’est perdu en route entre Telegram et moi. S’il te manque une réponse, redemande, s’il te plaît.
internal-error = Quelque chose a mal tourné de mon côté, pardon. Réessaie dans un instant, s’il te plaît.

## Words

words-near = Mots proches de <b>{ $word }</b>
analogy = { $a } est à { $b } ce que { $c } est à <b>{ $best }</b>
alike = <b>{ $a }</b> et <b>{ $b }</b> : <b>{ $score }</b>
alike-very = Très proches : plus que { $share } paires de mots sur 100.
alike-quite = Assez proches : plus que { $share } paires de mots sur 100.
alike-little = Un peu proches : plus que { $share } paires de mots sur 100.
alike-not = Pas proches : plus que { $share } paires de mots sur 100 seulement.
alike-same = C’est le même mot.
no-words = Je ne trouve pas de mots pour ça.
hint-after-words =
    <i>Plutôt des photos ? /find { $query }
    Une devinette ? homme:hommes::femme:?</i>
hint-after-analogy = <i>Pour un seul mot, comme « garçon », je te donne des mots proches ; pour « un chien qui court », je trouve des photos.</i>
not-sure = <i>Là, j’hésite : c’est ce que j’ai trouvé de plus proche.</i>

## Photos

no-caption = quelque chose pour quoi je n’ai pas de mots
caption-unsure = J’hésite, mais ça pourrait être :
line-unsure = Peut-être : { $caption }
photo-matches = <b>Ce qui ressemble le plus à ta photo</b>
photo-matches-focused = <b>Ce qui ressemble le plus à ta photo,</b> surtout pour <code>{ $words }</code>
photo-matches-changed = <b>Comme ta photo,</b> mais <code>{ $words }</code>
search-results = <b>Photos pour</b> <code>{ $words }</code>
similar-images = <b>Ce qui ressemble le plus à la photo que tu as choisie</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Ta photo
       *[other] Tes { $count } photos
    }</b>
best-matches = <b>Pour chacune de tes photos, la plus proche que je connais</b>
no-matches = Je ne connais pas de photos à te montrer pour ça.
near-duplicates =
    { $count ->
        [one] et { $count } autre presque pareille
       *[other] et { $count } autres presque pareilles
    }
sources = <i>Dans l’ordre des photos ; chaque nombre mène là d’où vient la sienne.</i>
credit =
    Galerie : { $name }, { $size ->
        [one] { $size } photo
       *[other] { $size } photos
    }. { $credit }
hint-after-find = <i>Pour un seul mot, comme « garçon », je te donne des mots proches ; homme:hommes::femme:? est pour moi une devinette.</i>
only-still = Je n’en ai vu que l’image fixe, rien qui bouge.
words-unknown = Je ne connais aucun des mots écrits dessous, alors j’ai regardé toute la photo.
not-a-picture = Ce n’est pas une image que je peux regarder.
download-failed = Je n’ai pas pu récupérer celle-ci, pardon. Envoie-la-moi encore une fois, s’il te plaît.
tags = <b>Des mots pour ta photo</b>
why = { $caption } L’image montre pour chaque mot où je l’ai vu : là, ta photo reste claire.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Encore comme ça
button-next = Page suivante
button-caption = Autre description
button-why = Pourquoi ?
button-tags = Mots
button-pick = Semblables à…
button-close = Retour
thanks-up = Merci, ça me fait plaisir !
thanks-down = Merci, ça m’aide.
