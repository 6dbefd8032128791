# Sentences of the bot in Italian; they address the user informally (tu). en.ftl documents the values.

language-name = Italiano

## Command menu: a few words each

menu-find = Trovare foto: /find un cane che corre
menu-similar = Parole affini: /similar ragazzo
menu-analogy = Risolvere un indovinello: /analogy uomo uomini donna
menu-alike = Quanto si somigliano due parole? /alike ragazzo ragazza
menu-caption = In risposta a una foto: che cosa si vede
menu-tags = In risposta a una foto: singole parole
menu-random = Alcune delle foto che conosco
menu-map = Come si raggruppano parole o foto: /map parole
menu-settings = Foto per risposta, suono, lingua
menu-help = Che cosa so fare
menu-privacy = Che cosa succede alle tue foto
menu-delete_me = Dimenticare le tue impostazioni
menu-start = Un saluto
menu-stats = Numeri per chi gestisce il bot

## General

start =
    <b>Ciao, sono Kindred.</b>
    Mandami una foto: ti dico in inglese che cosa ci vedo e ti mostro le foto più simili che conosco.

    So qualcosa anche di parole. Scrivi una parola, un indovinello o quello che vorresti vedere, oppure premi un pulsante:
sample-word = ragazzo
sample-analogy = uomo:uomini::donna:?
sample-description = un cane che corre
start-group =
    <b>Ciao, sono Kindred.</b>
    Rispondi a una foto con /caption@{ $bot } e dico che cosa si vede; con /similar@{ $bot } e mostro foto simili. Il resto è in /help@{ $bot }.
hello-group =
    <b>Ciao, sono Kindred.</b> Parlo solo quando mi si chiede qualcosa.
    Rispondi a una foto con /caption@{ $bot } e dico che cosa si vede. Che cos’altro so fare è in /help@{ $bot }.
help =
    <b>Mandami una foto</b>: ti dico in inglese che cosa ci vedo e te ne mostro di simili. Le parole scritte sotto dicono che cosa guardare: <i>il cane</i> o <i>- erba + spiaggia</i>. Vanno bene anche file, sticker, video e interi album.

    <b>Scrivimi:</b>
    • una parola, come <i>ragazzo</i>: ti do parole affini. /similar ragazzo fa lo stesso.
    • un indovinello, come <i>uomo:uomini::donna:?</i>: trovo l’ultima parola. /analogy uomo uomini donna fa lo stesso.
    • una descrizione, come <i>un cane che corre</i>: trovo foto così. /find un cane che corre fa lo stesso.
    • /find gatto + divano cerca tutti e due in una foto, /find nave - vela lascia fuori qualcosa.
    • /alike ragazzo ragazza dice quanto si somigliano due parole.

    <b>Rispondi a una foto con</b>
    • /caption: che cosa si vede; /tags: singole parole
    • /similar: foto simili; /find - erba: simili, ma senza l’erba

    /random mostra alcune delle foto che conosco, /map parole e /map foto come si raggruppano. In qualsiasi altra chat scrivi @{ $bot } e quello che cerchi.

    I numeri dicono quanto due cose sono vicine: 1.00 è la stessa cosa, 0.00 non c’entra niente.

    /settings: quante foto, suono, lingua
    /privacy: che cosa succede alle tue foto
help-group =
    Parlo solo quando mi si chiede qualcosa: con un comando, per nome o in risposta a qualcosa che ho detto.

    <b>Rispondi a una foto con</b>
    • /caption@{ $bot }: che cosa si vede; /tags@{ $bot }: singole parole
    • /similar@{ $bot }: foto simili; /find@{ $bot } - erba: simili, ma senza l’erba

    <b>Oppure chiedimi</b>
    • /find@{ $bot } un cane che corre: foto così
    • /similar@{ $bot } ragazzo: parole affini
    • /analogy@{ $bot } uomo uomini donna: l’ultima parola di un indovinello
    • /alike@{ $bot } ragazzo ragazza: quanto si somigliano due parole
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
unknown-command-near = Non conosco /{ $name }. Intendevi /{ $near }? In /help c’è quello che so fare.
read-as = Lo leggo così: { $text }
only-in-private = Questo resta tra te e me: il pulsante ti porta nella nostra chat.
open-private-chat = Apri la nostra chat
random-photos =
    { $size ->
        [one] L’unica foto che conosco ({ $name })
       *[other] Alcune delle { $size } foto che conosco ({ $name })
    }
map-rendering = Sto disegnando la mappa. Ci vuole fino a un minuto, ma solo la prima volta.
map-of-words = Le parole delle mie descrizioni: quelle che mi sembrano simili stanno vicine.
map-of-images = Foto che conosco: quelle che mi sembrano simili stanno vicine.

## Settings

settings =
    <b>Impostazioni</b>
    Quante foto deve mostrare una risposta? Con o senza suono? In quale lingua?
settings-loud = Con suono
settings-quiet = In silenzio
settings-app-language = Come la mia app
delete-me =
    <b>Vuoi che dimentichi quello che hai scelto in /settings?</b>
    È tutto ciò che conservo su di te. Di più in /privacy.
delete-me-yes = Sì, dimentica
delete-me-no = No, conserva
delete-me-done = Fatto. Le tue scelte sono cancellate; non conservo più nulla su di te.
delete-me-nothing = Non c’era nulla da cancellare: non conservo nulla su di te.
delete-me-kept = Va bene, resta tutto com’è.

## Inline mode: @bot and a description, in any chat

inline-button = Altro nella nostra chat
inline-query = «{ $query }»
inline-sure = corrisponde bene
inline-fits = corrisponde
inline-unsure = ho qualche dubbio

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

nothing-to-read = Qui non trovo nessuna parola. Prova con «ragazzo» o «un cane che corre».
too-long = Sono { $length } caratteri, troppi per me. Usane al massimo { $limit }, per favore: una frase è l’ideale.
similar-of-what = Di quale parola cerco le affini? Per esempio: /similar ragazzo
one-word-only = Posso cercare una parola alla volta, come /similar ragazzo. Per più parole prova /find un cane che corre.
alike-what = Quali due parole confronto? Per esempio: /alike ragazzo ragazza
two-words-only = Posso confrontare due parole alla volta, come /alike ragazzo ragazza.
map-of-what = Quale mappa ti mostro? /map parole o /map foto.
caption-of-what = Rispondi a una foto con /caption e dico che cosa si vede. Oppure mandamene una.
tags-of-what = Rispondi a una foto con /tags e dico i nomi di ciò che si vede.
analogy-of-what = Dammi tre parole e trovo la quarta. Per esempio: /analogy uomo uomini donna
three-words-only = Un indovinello ha bisogno di tre parole, come /analogy uomo uomini donna: uomo sta a uomini come donna sta a…?
find-what = Che cosa cerco? Per esempio: /find un cane che corre
file-too-large = Questo file supera i 20 MB. Mandami una foto più piccola, per favore.
refused = Mi dispiace, non posso risponderti: chi mi gestisce decide con chi parlo. Se è un errore, chiedi lì, per favore.
too-many-photos =
    È tutto quello che posso guardare per te in un’ora. Inviami la prossima foto tra { $minutes ->
        [one] un minuto
       *[other] { $minutes } minuti
    }, per favore.

## Errors of the engine, by `EngineError.key`

busy = In questo momento ho le mani piene. Riprova tra qualche secondo, per favore.
photos-away = In questo momento non riesco a raggiungere le foto della mia galleria. Richiedimelo più tardi, per favore.
unreadable-photo = Non riesco a leggerlo come immagine. Mandami una foto JPEG, PNG o WebP, per favore.
photo-too-wide = Questa foto ha { $width } × { $height } pixel, più di quanti ne posso aprire. Mandamene una più piccola, per favore.
unknown-word = Non conosco la parola «{ $word }». Prova con un’altra, per favore.
unknown-word-near = Non conosco la parola «{ $word }». Intendevi { $near }?
unknown-image = Questa foto non è nella mia galleria. Chiedimene un’altra, per favore.
unknown-words = Non conosco nessuna di queste parole. Usane altre, per favore, meglio se in inglese.
unknown-part = Non conosco nessuna delle parole di «{ $text }». Usane altre, per favore, meglio se in inglese.
which-word = Affini a quale parola? Per esempio: ragazzo
which-two-words = Quali due parole confronto? Per esempio: ragazzo ragazza
look-for-what = Che cosa cerco? Dillo in poche parole, per esempio: un cane che corre sulla spiaggia
change-what = Che cosa aggiungo alla foto o che cosa tolgo? Dillo in poche parole, per esempio: - erba + spiaggia
nothing-beside-sign = Accanto a uno dei segni non c’è niente. Lì vanno delle parole, per esempio: gatto + divano
only-minus = Il meno dice che cosa lasciare fuori. Dimmi anche che cosa cercare, per esempio: nave - vela
no-signs = Così posso cercare una descrizione alla volta, senza + né -.
focus-on-what = Che cosa guardo nella foto? Dillo in poche parole, per esempio: il cane
too-few-labels = Dammi almeno due etichette tra cui scegliere, per esempio: gatto, cane, barca
too-many-labels = Sono { $count } etichette. Dammene al massimo { $limit }, per favore.
gallery-too-small = Per una mappa servono almeno { $fewest } foto, e nella mia galleria ce ne sono { $count }.

## Other failures and limits

unsupported-message = Con questo non so che fare, mi dispiace. Capisco foto, immagini inviate come file, sticker, video e parole.
expired = Questo pulsante è scaduto. Chiedimi di nuovo e ne avrai di nuovi.
busy-for =
    Ho molto da fare con quello che mi hai inviato. Nulla va perso: rispondo a tutto in ordine, e { $seconds ->
        [one] ci vorrà circa un secondo
       *[other] ci vorranno circa { $seconds } secondi
    }.
queue-full = È più di quanto possa tenere in una volta. Aspetta le mie risposte, per favore, e poi inviami di nuovo quello che veniva dopo.
retries-exhausted = Ho provato più volte e non riesco a rispondere a questo, mi dispiace. Inviami qualcos’altro, per favore.
network-error = Qualcosa si è perso per strada tra Telegram e me. Se ti manca una risposta, chiedi di nuovo, per favore.
internal-error = Qualcosa è andato storto da parte mia, mi dispiace. Riprova tra un momento, per favore.

## Words

words-near = Parole affini a <b>{ $word }</b>
analogy = { $a } sta a { $b } come { $c } sta a <b>{ $best }</b>
alike = <b>{ $a }</b> e <b>{ $b }</b>: <b>{ $score }</b>
alike-very = Si somigliano molto: più di { $share } coppie di parole su 100.
alike-quite = Si somigliano abbastanza: più di { $share } coppie di parole su 100.
alike-little = Si somigliano un po’: più di { $share } coppie di parole su 100.
alike-not = Non si somigliano: superano solo { $share } coppie di parole su 100.
alike-same = È la stessa parola.
no-words = Per questo non trovo parole.
hint-after-words =
    <i>Meglio delle foto? /find { $query }
    Un indovinello? uomo:uomini::donna:?</i>
hint-after-analogy = <i>Con una sola parola, come «ragazzo», ti do parole affini; con «un cane che corre» trovo foto.</i>
not-sure = <i>Qui ho qualche dubbio: è quanto di più vicino ho saputo trovare.</i>

## Photos

no-caption = qualcosa per cui non ho parole
caption-unsure = Ho qualche dubbio, ma potrebbe essere:
line-unsure = Forse: { $caption }
photo-matches = <b>Le più simili alla tua foto</b>
photo-matches-focused = <b>Le più simili alla tua foto,</b> soprattutto in <code>{ $words }</code>
photo-matches-changed = <b>Come la tua foto,</b> ma <code>{ $words }</code>
search-results = <b>Foto per</b> <code>{ $words }</code>
similar-images = <b>Le più simili alla foto che hai scelto</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] La tua foto
       *[other] Le tue { $count } foto
    }</b>
best-matches = <b>La più vicina che conosco a ciascuna delle tue foto</b>
no-matches = Per questo non conosco foto da mostrarti.
near-duplicates =
    { $count ->
        [one] e un’altra quasi uguale
       *[other] e altre { $count } quasi uguali
    }
sources = <i>Nell’ordine delle foto; ogni numero porta al luogo da cui viene la sua.</i>
credit = Galleria: { $name }, { $size } foto. { $credit }
hint-after-find = <i>Con una sola parola, come «ragazzo», ti do parole affini; uomo:uomini::donna:? per me è un indovinello.</i>
only-still = Ne ho visto solo l’immagine ferma, niente che si muova.
words-unknown = Non conosco nessuna delle parole che ci sono sotto, così ho guardato la foto intera.
not-a-picture = Questa non è un’immagine che posso guardare.
download-failed = Questa non si è lasciata scaricare, mi dispiace. Mandamela di nuovo, per favore.
tags = <b>Singole parole per la tua foto</b>
why = { $caption } L’immagine mostra per ogni parola dove l’ho vista: lì la tua foto resta luminosa.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Altre così
button-next = Pagina successiva
button-caption = Altra descrizione
button-why = Perché?
button-tags = Parole
button-pick = Altre come…
button-close = Indietro
thanks-up = Grazie, mi fa piacere!
thanks-down = Grazie, mi è utile.
