# Sentences of the bot in German; they address the user informally (du). en.ftl documents the values.

language-name = Deutsch

## Command menu: a few words each

menu-find = Fotos zu einer Beschreibung finden
menu-similar = Verwandte Wörter
menu-analogy = Ein Worträtsel lösen
menu-alike = Zwei Wörter vergleichen
menu-caption = Als Antwort auf ein Foto: was darauf ist
menu-tags = Als Antwort auf ein Foto: Stichwörter dazu
menu-random = Ein paar der Fotos, die ich kenne
menu-map = Eine Karte von Wörtern oder Fotos
menu-settings = Fotos pro Antwort, Ton, Sprache
menu-help = Was ich kann
menu-privacy = Was mit deinen Fotos geschieht
menu-delete_me = Deine Einstellungen löschen
menu-start = Hallo sagen
menu-stats = Nutzung, für den Betrieb

## General

start =
    <b>Hallo, ich bin Kindred.</b>
    Schick mir ein Foto. Ich beschreibe es auf Englisch und zeige dir ähnliche.

    Du kannst mir auch schreiben oder einen Knopf antippen:
sample-word = Junge
sample-analogy = Mann:Männer::Frau:?
sample-description = ein Hund rennt
sample-pair = Junge Mädchen
sample-sum = Katze + Sofa
sample-difference = Schiff - Segel
start-group =
    <b>Hallo, ich bin Kindred.</b>
    Antworte auf ein Foto mit <code>/caption@{ $bot }</code>, und ich beschreibe es. Alles Weitere: /help@{ $bot }
hello-group =
    <b>Hallo, ich bin Kindred.</b> Ich reagiere nur auf Befehle.
    Antworte auf ein Foto mit <code>/caption@{ $bot }</code>, und ich beschreibe es. Alles Weitere: /help@{ $bot }
help =
    <b>Schick mir ein Foto.</b> Ich beschreibe es auf Englisch und zeige dir ähnliche. Dateien, Sticker, Videos und Alben gehen auch.
    Eine Bildunterschrift lenkt die Suche: <code>der Hund</code> oder <code>- Gras + Strand</code>.

    <b>Oder schreib mir:</b> was du sehen möchtest, ein einzelnes Wort oder ein Worträtsel. Tipp zum Ausprobieren auf eines.

    In jedem anderen Chat: Tippe <code>@{ $bot }</code> und dahinter, was du suchst.
    /settings /privacy
help-group =
    <b>Antworte auf ein Foto mit</b>
    • <code>/caption@{ $bot }</code> – beschreiben
    • <code>/similar@{ $bot }</code> – ähnliche Fotos
    • <code>/tags@{ $bot }</code> – Stichwörter dazu
    • <code>/find@{ $bot } - Gras</code> – ähnliche Fotos, aber ohne Gras

    <b>Oder frag mich</b>
    • <code>/find@{ $bot } ein Hund rennt</code> – Fotos dazu
    • <code>/similar@{ $bot } Junge</code> – verwandte Wörter
    • <code>/analogy@{ $bot } Mann Männer Frau</code> – ein Worträtsel
    • <code>/alike@{ $bot } Junge Mädchen</code> – zwei Wörter vergleichen

    Tipp auf einen Befehl, um ihn zu kopieren.
privacy =
    <b>Deine Fotos und Worte bleiben deine.</b>
    Ein Foto halte ich nur so lange im Arbeitsspeicher, bis ich geantwortet habe. Ich schreibe es nie auf eine Festplatte, lerne nie daraus und gebe es nie weiter. Was du schreibst, notiere ich nur, bis es beantwortet ist, damit es nicht verloren geht, wenn ich ausfalle; dann lösche ich es. Ich behalte keine Fotos, keine Nachrichten und keine Liste, wer mir geschrieben hat.

    <b>Das behalte ich:</b>
    • was du in /settings eingestellt hast, zusammen mit deiner Telegram-ID, falls du dort etwas geändert hast – bis du /delete_me wählst, mich blockierst oder mir ein Jahr lang nicht geschrieben hast
    • wie oft Antworten einen Daumen nach oben oder unten bekommen haben: Zahlen ohne Namen – auf Dauer
    • unter welchen Nummern Telegram Bilder aus meiner eigenen Galerie und meine Karten aufbewahrt, damit ich sie nicht noch einmal schicken muss
    • wie viele Leute mir geschrieben haben, seit ich gestartet wurde: eine einzige Zahl, nur im Arbeitsspeicher

    Telegram bewahrt unseren Chat auf, wie jeden anderen auch: Dort kannst du ihn löschen.
unknown-command = /{ $name } kenne ich nicht. Was ich kann, steht in /help.
unknown-command-near = /{ $name } kenne ich nicht. Meinst du /{ $near }?
read-as = Gelesen als: { $text }
only-in-private = Das machen wir besser in unserem eigenen Chat.
open-private-chat = Unseren Chat öffnen
random-photos =
    { $size ->
        [one] Das einzige Foto, das ich kenne.
       *[other] Ein paar der { $size } Fotos, die ich kenne. Tipp auf eine Zahl für ähnliche.
    }
looking = Ich sehe nach …
map-rendering = Ich zeichne die Karte. Beim ersten Mal dauert das bis zu einer Minute.
# What the argument of /map may be called: commas between the names.
map-argument-words = wort, wörter, worte, die wörter
map-argument-images = foto, fotos, bild, bilder, die fotos, die bilder
map-of-words = Meine Wörter. Ähnliche liegen nah beieinander.
map-of-images = Meine Fotos. Ähnliche liegen nah beieinander.

## Settings

settings =
    <b>Einstellungen</b>
    Fotos pro Antwort, Ton, Ähnlichkeit in Worten oder Zahlen, Sprache:
settings-loud = Mit Ton
settings-quiet = Leise
settings-words = Sehr ähnlich
settings-numbers = 0.87
settings-app-language = Wie meine App
delete-me =
    <b>Deine Einstellungen löschen?</b>
    Mehr speichere ich nicht über dich. Genaueres: /privacy
delete-me-yes = Ja, löschen
delete-me-no = Nein, behalten
delete-me-done = Erledigt. Ich habe nichts mehr über dich gespeichert.
delete-me-nothing = Es gab nichts zu löschen: Ich habe nichts über dich gespeichert.
delete-me-kept = Gut, alles bleibt, wie es ist.

## Inline mode: @bot and a description, in any chat

inline-button = Mehr in unserem Chat
inline-query = „{ $query }“
inline-sure = passt gut
inline-fits = passt
inline-unsure = nicht sicher

## Usage statistics: /stats, for the operator

stats = In Betrieb seit { $uptime }
stats-uptime = { $days } T { $hours } Std. { $minutes } Min.
stats-people = Menschen, die geschrieben haben: { $count }
stats-gallery =
    Galerie: { $name }, { $size ->
        [one] { $size } Foto
       *[other] { $size } Fotos
    }
gallery-indexing =
    { $count ->
        [one] { $count } weiteres Foto wird gerade erfasst und ist bald zu finden.
       *[other] { $count } weitere Fotos werden gerade erfasst und sind bald zu finden.
    }
gallery-fetching = Flickr8K wird geladen: { $percent } %. Bis es vollständig ist, suche ich in ein paar Beispielfotos.
stats-requests = Anfragen: { $answered } beantwortet, { $failed } fehlgeschlagen
stats-files = Fotos, die Telegram schon hatte: { $hits } von { $all }
stats-columns = Art, beantwortet, fehlgeschlagen, Median und 95 % in Sekunden:
stats-votes = Daumen: { $up } nach oben, { $down } nach unten

## Errors of the bot, by `EngineError.key`

nothing-to-read = Darin sehe ich keine Wörter. Versuch es zum Beispiel so:
too-long = Das ist zu lang: { $length } Zeichen. Bitte höchstens { $limit }.
similar-of-what = Welches Wort? Schreib es hinter /similar, oder probier es so:
one-word-only = Bitte nur ein Wort. Zum Beispiel:
alike-what = Welche zwei Wörter? Schreib sie hinter /alike, oder probier es so:
two-words-only = Bitte zwei Wörter. Zum Beispiel:
map-of-what = Welche Karte möchtest du sehen?
caption-of-what = Schick mir ein Foto, und ich beschreibe es.
tags-of-what = Zu welchem Foto? Antworte auf eines mit /tags.
analogy-of-what = Gib mir drei Wörter, und ich finde das vierte. Zum Beispiel:
three-words-only = Ein Rätsel braucht drei Wörter. Zum Beispiel:
find-what = Was möchtest du sehen? Schreib es hinter /find, oder probier es so:
file-too-large = Diese Datei hat mehr als 20 MB. Schick mir bitte ein kleineres Foto.
refused = Entschuldige, dir darf ich nicht antworten. Frag bitte bei meinem Betreiber nach.
too-many-photos =
    Das war dein letztes Foto für diese Stunde. Schick mir das nächste bitte in { $minutes ->
        [one] einer Minute
       *[other] { $minutes } Minuten
    }.

## Errors of the engine, by `EngineError.key`

busy = Ich habe gerade viel zu tun. Versuch es bitte in ein paar Sekunden noch einmal.
unreadable-photo = Das kann ich nicht als Bild öffnen. Schick mir bitte ein Foto als JPEG, PNG oder WebP.
photo-too-wide = Dieses Foto ist zu groß: { $width } × { $height } Pixel. Schick mir bitte ein kleineres.
unknown-word = Das Wort „{ $word }“ kenne ich nicht. Versuch es bitte mit einem anderen.
unknown-word-near = Das Wort „{ $word }“ kenne ich nicht. Meinst du { $near }?
unknown-image = Dieses Foto habe ich nicht mehr. Versuch es bitte mit einem anderen.
photos-away = An die Fotos meiner Galerie komme ich gerade nicht heran. Frag mich bitte später noch einmal.
unknown-words = Diese Wörter kenne ich nicht. Versuch es mit einfacheren, zum Beispiel Hund oder Strand.
unknown-script = Ich lese Deutsch, Englisch, Spanisch, Französisch, Italienisch, Portugiesisch und Russisch. Schreib ein paar Wörter in einer dieser Sprachen, oder schick mir ein Foto.
unknown-part = „{ $text }“ kenne ich nicht. Versuch es mit einfacheren Wörtern, zum Beispiel Hund oder Strand.
which-word = Welches Wort? Zum Beispiel: Junge
which-two-words = Welche zwei Wörter? Zum Beispiel: Junge Mädchen
look-for-what = Was möchtest du sehen? Zum Beispiel: ein Hund rennt am Strand
change-what = Was soll auf dem Foto anders sein? Zum Beispiel: - Gras + Strand
nothing-beside-sign = Neben einem Zeichen fehlt etwas. Zum Beispiel: Katze + Sofa
only-minus = Was möchtest du stattdessen sehen? Zum Beispiel: Schiff - Segel
no-signs = Hier bitte nur eine Beschreibung, ohne + oder -.
focus-on-what = Was auf dem Foto? Zum Beispiel: der Hund
too-few-labels = Gib mir bitte mindestens zwei Begriffe zur Auswahl, zum Beispiel: Katze, Hund, Boot
too-many-labels = Das sind { $count } Begriffe. Gib mir bitte höchstens { $limit }.
gallery-too-small =
    Eine Karte braucht mindestens { $fewest ->
        [one] { $fewest } Foto
       *[other] { $fewest } Fotos
    }, und in meiner Galerie { $count ->
        [one] ist nur eines
       *[other] sind nur { $count }
    }.

## Other failures and limits

unsupported-message = Damit kann ich leider nichts anfangen. Schick mir ein Foto, eine Bilddatei, einen Sticker, ein Video oder Wörter.
expired = Dieser Knopf geht nicht mehr. Frag mich bitte noch einmal.
busy-for =
    Alles angekommen. Ich antworte der Reihe nach, in etwa { $seconds ->
        [one] einer Sekunde
       *[other] { $seconds } Sekunden
    }.
queue-full = Das ist zu viel auf einmal. Warte bitte auf meine Antworten und schick den Rest dann noch einmal.
retries-exhausted = Entschuldige, ich habe es mehrmals versucht und kann darauf nicht antworten. Schick mir bitte etwas anderes.
network-error = Zwischen Telegram und mir ist etwas verloren gegangen. Fehlt eine Antwort, frag bitte noch einmal.
internal-error = Entschuldige, bei mir ist etwas schiefgegangen. Versuch es bitte gleich noch einmal.
photos-not-allowed = Ich darf hier keine Fotos senden. Ein Administrator dieser Gruppe kann es erlauben.
store-unavailable = Ich kann gerade nichts speichern oder löschen. Versuch es bitte in ein paar Minuten noch einmal.

## Words

words-near = Verwandt mit <b>{ $word }</b>
analogy = { $a } verhält sich zu { $b } wie { $c } zu <b>{ $best }</b>
runners-up = Auch nah dran: { $words }
alike = <b>{ $a }</b> und <b>{ $b }</b>:
alike-very = sehr ähnlich, näher als { $share } von 100 zufälligen Paaren.
alike-quite = ziemlich ähnlich, näher als { $share } von 100 zufälligen Paaren.
alike-little = nicht sehr ähnlich: näher als { $share } von 100 zufälligen Paaren.
alike-not = nicht ähnlich: näher als { $share } von 100 zufälligen Paaren.
alike-same = Das ist dasselbe Wort.
alike-score = In Zahlen: { $score }. Je höher die Zahl, desto ähnlicher.
no-words = Dazu finde ich keine Wörter.
not-sure-words = Hier bin ich mir nicht sicher.
very-close = Sehr ähnlich:
close = Ähnlich:
loosely-related = Entfernt verwandt:

## Photos

cannot-tell-tags = Das kann ich nicht sagen. Ich sehe: { $words }.
cannot-tell = Ich kann nicht sagen, was das ist.
caption-unsure = Vielleicht ist es das:
recognised = Ich erkenne: { $names }
known-photo = Das kenne ich: { $page }
photo-page = seine Seite
photo-matches = Deinem Foto am ähnlichsten
photo-matches-focused = Wie dein Foto, vor allem hierin: <code>{ $words }</code>
photo-matches-changed = Wie dein Foto, aber <code>{ $words }</code>
search-results = <b>Fotos zu</b> <code>{ $words }</code>
similar-images = <b>Ähnlich wie das Foto, das du gewählt hast</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Dein Foto
       *[other] Deine { $count } Fotos
    }</b>
choose-photo = Tipp auf eine Zahl für mehr zu diesem Foto.
best-matches = Zu jedem deiner Fotos das ähnlichste
not-sure = Das habe ich wohl nicht. Am nächsten kommt:
not-sure-photo = So etwas habe ich wohl nicht. Am nächsten kommt:
near-duplicates =
    { $count ->
        [one] und ein fast gleiches
       *[other] und { $count } fast gleiche
    }
no-matches = Dazu habe ich keine Fotos.
sources = Jede Zahl öffnet die Seite des Fotos.
credit = Fotos: { $name }.
credit-flickr8k = Fotos: Flickr8K, von ihren Urhebern.
only-still = Ich habe nur das Standbild gesehen, keine Bewegung.
# Under a photo: why its words were not followed.
photo-unknown-words = Die Wörter darunter kenne ich nicht, deshalb habe ich mir das ganze Foto angesehen.
photo-problem-address = Den Link darunter kann ich nicht öffnen, deshalb habe ich mir das ganze Foto angesehen.
photo-problem-incomplete-analogy = Rätsel passen nicht zu einem Foto, deshalb habe ich mir das ganze Foto angesehen.
photo-problem-no-description = Die Wörter darunter habe ich nicht verstanden, deshalb habe ich mir das ganze Foto angesehen.
not-a-picture = Das ist kein Bild, das ich mir ansehen kann.
download-failed = Das konnte ich leider nicht laden. Schick es mir bitte noch einmal.
tags = <b>Stichwörter zu deinem Foto</b>
why = { $caption } Hell ist, wo ich das jeweilige Wort gesehen habe.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Mehr davon
button-next = Nächste Seite
button-caption = Andere Beschreibung
button-why = Warum?
button-tags = Stichwörter
button-pick = Mehr wie …
button-close = Zurück
button-random = Zufällige Fotos
button-word-map = Karte der Wörter
button-photo-map = Karte der Fotos
button-photos-of = Fotos zu „{ $word }“
thanks-up = Danke, das freut mich!
thanks-down = Danke, das hilft mir.
thanks-back = Zurückgenommen.

## What messages ask for

greeting = Hallo! Schick mir ein Foto oder schreib, was du sehen möchtest, zum Beispiel <i>ein Hund rennt</i>.
thanks = Gern geschehen! Möchtest du noch etwas sehen?
goodbye = Tschüss! Komm gern wieder.
photo-for-caption = Schick mir das Foto oder antworte darauf, dann beschreibe ich es.
# $written: a misspelt word. $read: the word it was taken for.
corrected = { $written } als { $read } gelesen.
problem-address = Links kann ich nicht öffnen. Schreib, was du sehen möchtest, zum Beispiel <i>ein Hund rennt</i>.
problem-incomplete-analogy = Ein Rätsel braucht drei Wörter, zum Beispiel: <i>Mann ist zu Männer wie Frau zu …?</i>
problem-only-negative = Du hast gesagt, was fehlen soll. Was möchtest du sehen? Zum Beispiel: <i>ein Strand ohne Menschen</i>
problem-no-description = Das habe ich nicht verstanden. Schreib, was du sehen möchtest, zum Beispiel <i>ein Hund rennt</i>, oder schick mir ein Foto. Mehr unter /help.
