# Sentences of the bot in Italian; they address the user informally (tu). en.ftl documents the values.

language-name = Italiano

## Command menu: a few words each

menu-find = Trovare foto di ciò che descrivi
menu-similar = Parole vicine a una parola
menu-analogy = Risolvere un indovinello di parole
menu-alike = Confrontare due parole
menu-caption = In risposta a una foto: che cosa si vede
menu-tags = In risposta a una foto: singole parole
menu-random = Alcune delle foto che conosco
menu-map = Una mappa di parole o di foto
menu-settings = Foto per risposta, suono, lingua
menu-help = Che cosa so fare
menu-privacy = Che cosa succede alle tue foto
menu-delete_me = Cancellare le tue impostazioni
menu-start = Un saluto
menu-stats = Uso, per chi gestisce il bot

## General

start =
    <b>Ciao, sono Kindred.</b>
    Mandami una foto qualsiasi. La descrivo in inglese e ti mostro foto simili.

    Puoi anche scrivermi o toccare un pulsante:
sample-word = ragazzo
sample-analogy = uomo:uomini::donna:?
sample-description = un cane che corre
sample-pair = ragazzo ragazza
sample-sum = gatto + divano
sample-difference = nave - vela
start-group =
    <b>Ciao, sono Kindred.</b>
    Rispondi a una foto con <code>/caption@{ $bot }</code> e la descrivo. Il resto è in /help@{ $bot }.
hello-group =
    <b>Ciao, sono Kindred.</b> Rispondo solo ai comandi.
    Rispondi a una foto con <code>/caption@{ $bot }</code> e la descrivo. Il resto è in /help@{ $bot }.
help =
    <b>Mandami una foto qualsiasi.</b> La descrivo in inglese e ti mostro foto simili. Vanno bene anche file, sticker, video e album.
    Una didascalia orienta la ricerca: <code>il cane</code> o <code>- erba + spiaggia</code>.

    <b>Oppure scrivimi:</b> quello che vuoi vedere, una parola o un indovinello di parole. Toccane uno per provare.

    In qualsiasi altra chat scrivi <code>@{ $bot }</code> e quello che cerchi.
    /settings /privacy
help-group =
    <b>Rispondi a una foto con</b>
    • <code>/caption@{ $bot }</code>: la descrivo
    • <code>/similar@{ $bot }</code>: foto simili
    • <code>/tags@{ $bot }</code>: singole parole
    • <code>/find@{ $bot } - erba</code>: simili, ma senza erba

    <b>Oppure chiedimi</b>
    • <code>/find@{ $bot } un cane che corre</code>: foto così
    • <code>/similar@{ $bot } ragazzo</code>: parole vicine
    • <code>/analogy@{ $bot } uomo uomini donna</code>: un indovinello di parole
    • <code>/alike@{ $bot } ragazzo ragazza</code>: confrontare due parole

    Tocca un comando per copiarlo.
privacy =
    <b>Le tue foto e le tue parole restano tue.</b>
    Tengo una foto in memoria solo mentre rispondo. Non la scrivo mai su un disco, non imparo mai da essa e non la do mai a nessuno. Quello che scrivi lo annoto solo finché non ho risposto, perché non vada perso se mi fermo; poi lo cancello. Non conservo foto, né messaggi, né un elenco di chi mi ha scritto.

    <b>Che cosa conservo:</b>
    • quello che hai scelto in /settings, insieme al tuo ID Telegram, se lì hai cambiato qualcosa: finché non scegli /delete_me, non mi blocchi o non passa un anno senza che tu mi scriva
    • quante volte le risposte hanno ricevuto un pollice in su o in giù: numeri, senza nomi, per sempre
    • con quali numeri Telegram conserva le immagini della mia galleria e le mie mappe, così non devo inviarle di nuovo
    • quante persone mi hanno scritto da quando sono in funzione: un solo numero, solo in memoria

    Telegram conserva la nostra chat, come tutte le altre: puoi cancellarla lì.
unknown-command = Non conosco /{ $name }. In /help c’è quello che so fare.
unknown-command-near = Non conosco /{ $name }. Intendevi /{ $near }?
read-as = Letto come: { $text }
only-in-private = Meglio farlo nella nostra chat.
open-private-chat = Apri la nostra chat
random-photos =
    { $size ->
        [one] L’unica foto che conosco.
       *[other] Alcune delle { $size } foto che conosco. Tocca un numero per vederne di simili.
    }
looking = Guardo…
map-rendering = Sto disegnando la mappa. La prima volta ci vuole fino a un minuto.
# What the argument of /map may be called: commas between the names.
map-argument-words = parola, parole, le parole
map-argument-images = foto, fotografie, immagine, immagini, le foto, le immagini
map-of-words = Le mie parole. Quelle simili stanno vicine.
map-of-images = Le mie foto. Quelle simili stanno vicine.

## Settings

settings =
    <b>Impostazioni</b>
    Foto per risposta, suono, somiglianza in parole o numeri, lingua:
settings-loud = Con suono
settings-quiet = In silenzio
settings-words = Molto simile
settings-numbers = 0.87
settings-app-language = Come la mia app
delete-me =
    <b>Cancellare le tue impostazioni?</b>
    È tutto ciò che conservo su di te. Di più in /privacy.
delete-me-yes = Sì, cancella
delete-me-no = No, conserva
delete-me-done = Fatto. Non conservo più nulla su di te.
delete-me-nothing = Non c’era nulla da cancellare: non conservo nulla su di te.
delete-me-kept = Va bene, non è cambiato nulla.

## Inline mode: @bot and a description, in any chat

inline-button = Altro nella nostra chat
inline-query = «{ $query }»
inline-sure = corrisponde bene
inline-fits = corrisponde
inline-unsure = non è certo

## Usage statistics: /stats, for the operator

stats = In funzione da { $uptime }
stats-uptime = { $days } g { $hours } h { $minutes } min
stats-people = Persone che hanno scritto: { $count }
stats-gallery = Galleria: { $name }, { $size } foto
gallery-indexing =
    { $count ->
        [one] { $count } altra foto è in corso di indicizzazione e presto si potrà trovare.
       *[other] Altre { $count } foto sono in corso di indicizzazione e presto si potranno trovare.
    }
gallery-fetching = Flickr8K è in corso di download: { $percent }%. Finché non è completo, cerco tra poche foto di esempio.
stats-requests = Richieste: { $answered } con risposta, { $failed } con errore
stats-files = Foto che Telegram aveva già: { $hits } su { $all }
stats-columns = Tipo, con risposta, con errore, mediana e 95 % in secondi:
stats-votes = Pollici: { $up } in su, { $down } in giù

## Errors of the bot, by `EngineError.key`

nothing-to-read = Qui non vedo parole. Prova così:
too-long = È troppo lungo: { $length } caratteri. Usane al massimo { $limit }, per favore.
similar-of-what = Quale parola? Scrivila dopo /similar o prova così:
one-word-only = Una parola sola, per favore. Per esempio:
alike-what = Quali due parole? Scrivile dopo /alike o prova così:
two-words-only = Due parole, per favore. Per esempio:
map-of-what = Quale mappa vuoi vedere?
caption-of-what = Mandami una foto e la descrivo.
tags-of-what = Quale foto? Rispondi a una con /tags.
analogy-of-what = Dammi tre parole e trovo la quarta. Per esempio:
three-words-only = Un indovinello ha bisogno di tre parole. Per esempio:
find-what = Che cosa vuoi vedere? Scrivilo dopo /find o prova così:
file-too-large = Questo file supera i 20 MB. Mandami una foto più piccola, per favore.
refused = Mi dispiace, non posso risponderti. Chiedi a chi gestisce questo bot, per favore.
too-many-photos =
    Era la tua ultima foto per quest’ora. Mandami la prossima tra { $minutes ->
        [one] un minuto
       *[other] { $minutes } minuti
    }, per favore.

## Errors of the engine, by `EngineError.key`

busy = In questo momento ho molto da fare. Riprova tra qualche secondo, per favore.
unreadable-photo = Non riesco ad aprirlo come immagine. Mandami una foto JPEG, PNG o WebP, per favore.
photo-too-wide = Questa foto è troppo grande: { $width } × { $height } pixel. Mandamene una più piccola, per favore.
unknown-word = Non conosco la parola «{ $word }». Prova con un’altra, per favore.
unknown-word-near = Non conosco la parola «{ $word }». Intendevi { $near }?
unknown-image = Questa foto non ce l’ho più. Prova con un’altra, per favore.
photos-away = In questo momento non riesco a raggiungere le foto della mia galleria. Richiedimelo più tardi, per favore.
unknown-words = Non conosco queste parole. Prova con parole più semplici, come cane o spiaggia.
unknown-script = Leggo italiano, inglese, tedesco, spagnolo, francese, portoghese e russo. Scrivi qualche parola in una di queste lingue o mandami una foto.
unknown-part = Non conosco «{ $text }». Prova con parole più semplici, come cane o spiaggia.
which-word = Quale parola? Per esempio: ragazzo
which-two-words = Quali due parole? Per esempio: ragazzo ragazza
look-for-what = Che cosa vuoi vedere? Per esempio: un cane che corre sulla spiaggia
change-what = Che cosa deve cambiare nella foto? Per esempio: - erba + spiaggia
nothing-beside-sign = Manca qualcosa accanto a un segno. Per esempio: gatto + divano
only-minus = E che cosa vuoi vedere? Per esempio: nave - vela
no-signs = Qui una sola descrizione, per favore, senza + né -.
focus-on-what = Che cosa nella foto? Per esempio: il cane
too-few-labels = Dammi almeno due etichette tra cui scegliere, per esempio: gatto, cane, barca
too-many-labels = Sono { $count } etichette. Dammene al massimo { $limit }, per favore.
gallery-too-small = Per una mappa servono almeno { $fewest } foto, e nella mia galleria ce ne sono { $count }.

## Other failures and limits

unsupported-message = Mi dispiace, con questo non so che fare. Mandami una foto, un file immagine, uno sticker, un video o delle parole.
expired = Questo pulsante non funziona più. Chiedimi di nuovo, per favore.
busy-for =
    Ho ricevuto tutto. Rispondo in ordine, in { $seconds ->
        [one] un secondo circa
       *[other] { $seconds } secondi circa
    }.
queue-full = È troppo in una volta. Aspetta le mie risposte, per favore, e poi manda di nuovo il resto.
retries-exhausted = Mi dispiace, ho provato più volte e non riesco a rispondere. Mandami qualcos’altro, per favore.
network-error = Qualcosa si è perso tra Telegram e me. Se manca una risposta, chiedi di nuovo, per favore.
internal-error = Mi dispiace, qualcosa è andato storto da parte mia. Riprova tra un momento, per favore.
photos-not-allowed = Qui non ho il permesso di inviare foto. Un amministratore di questo gruppo può darmelo.
store-unavailable = Al momento non riesco a salvare né a cancellare nulla. Riprova tra qualche minuto, per favore.

## Words

words-near = Parole vicine a <b>{ $word }</b>
analogy = { $a } sta a { $b } come { $c } sta a <b>{ $best }</b>
runners-up = Anche vicine: { $words }
alike = <b>{ $a }</b> e <b>{ $b }</b>:
alike-very = molto simili, più di { $share } coppie a caso su 100.
alike-quite = abbastanza simili, più di { $share } coppie a caso su 100.
alike-little = non molto simili: più di { $share } coppie a caso su 100.
alike-not = non simili: più di { $share } coppie a caso su 100.
alike-same = È la stessa parola.
alike-score = In numeri: { $score }. Più alto è il numero, più si somigliano.
no-words = Per questo non trovo parole.
not-sure-words = Qui ho qualche dubbio.
very-close = Molto simile:
close = Simile:
loosely-related = Un po’ simile:

## Photos

cannot-tell-tags = Non saprei. Vedo { $words }.
cannot-tell = Non saprei dire che cos’è.
caption-unsure = Potrebbe essere questo:
recognised = Riconosco: { $names }
known-photo = Questa la conosco: { $page }
photo-page = la sua pagina
photo-matches = Le più simili alla tua foto
photo-matches-focused = Come la tua foto, soprattutto in <code>{ $words }</code>
photo-matches-changed = Come la tua foto, ma <code>{ $words }</code>
search-results = <b>Foto di</b> <code>{ $words }</code>
similar-images = <b>Simili alla foto che hai scelto</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] La tua foto
       *[other] Le tue { $count } foto
    }</b>
choose-photo = Tocca un numero per saperne di più su quella foto.
best-matches = La più simile a ciascuna delle tue foto
not-sure = Credo di non averlo. Le più vicine:
not-sure-photo = Credo di non avere nulla di simile. Le più vicine:
near-duplicates =
    { $count ->
        [one] e un’altra quasi uguale
       *[other] e altre { $count } quasi uguali
    }
no-matches = Non ho foto per questo.
sources = Ogni numero apre la pagina della foto.
credit = Foto: { $name }.
credit-flickr8k = Foto: Flickr8K, dei loro autori.
only-still = Ho visto solo l’immagine ferma, niente che si muova.
# Under a photo: why its words were not followed.
photo-unknown-words = Non conosco le parole sotto la foto, così l’ho guardata tutta.
photo-problem-address = Non posso aprire il link sotto la foto, così l’ho guardata tutta.
photo-problem-incomplete-analogy = Un’analogia non va con una foto, così l’ho guardata tutta.
photo-problem-no-description = Non ho capito le parole sotto la foto, così l’ho guardata tutta.
not-a-picture = Questa non è un’immagine che posso guardare.
download-failed = Mi dispiace, il download non è riuscito. Mandamela di nuovo, per favore.
tags = <b>Parole per la tua foto</b>
why = { $caption } La parte chiara mostra dove ho visto ogni parola.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Altre così
button-next = Pagina successiva
button-caption = Altra descrizione
button-why = Perché?
button-tags = Parole
button-pick = Altre come…
button-close = Indietro
button-random = Foto a caso
button-word-map = Mappa delle parole
button-photo-map = Mappa delle foto
button-photos-of = Foto di «{ $word }»
thanks-up = Grazie, mi fa piacere!
thanks-down = Grazie, è utile.
thanks-back = Voto ritirato.

## What messages ask for

greeting = Ciao! Mandami una foto o scrivi cosa vorresti vedere, per esempio <i>un cane che corre</i>.
thanks = Prego! Vuoi vedere qualcos’altro?
goodbye = Ciao! Torna quando vuoi.
photo-for-caption = Mandami la foto o rispondi a quella, e la descrivo.
# $written: a misspelt word. $read: the word it was taken for.
corrected = Ho letto { $written } come { $read }.
problem-address = Non posso aprire link. Scrivi cosa vorresti vedere, per esempio <i>un cane che corre</i>.
problem-incomplete-analogy = Un’analogia ha bisogno di tre parole, per esempio: <i>uomo sta a uomini come donna sta a …?</i>
problem-only-negative = Hai detto cosa lasciare fuori. Cosa vorresti vedere? Per esempio: <i>una spiaggia senza persone</i>
problem-no-description = Non ho capito. Scrivi cosa vorresti vedere, per esempio <i>un cane che corre</i>, o mandami una foto. Di più in /help.
