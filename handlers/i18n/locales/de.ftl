# Sentences of the bot in German; they address the user informally (du). en.ftl documents the values.

language-name = Deutsch

## Command menu: a few words each

menu-find = Fotos finden: /find ein Hund rennt
menu-similar = Verwandte Wörter: /similar Junge
menu-analogy = Ein Rätsel lösen: /analogy Mann Männer Frau
menu-alike = Wie ähnlich sind zwei Wörter? /alike Junge Mädchen
menu-caption = Als Antwort auf ein Foto: was darauf ist
menu-tags = Als Antwort auf ein Foto: Stichwörter dazu
menu-random = Ein paar der Fotos, die ich kenne
menu-map = Wie Wörter oder Fotos beieinanderliegen: /map Wörter
menu-settings = Fotos pro Antwort, Ton, Sprache
menu-help = Was ich kann
menu-privacy = Was mit deinen Fotos geschieht
menu-delete_me = Vergessen, was du eingestellt hast
menu-start = Hallo sagen
menu-stats = Zahlen für den Betrieb

## General

start =
    <b>Hallo, ich bin Kindred.</b>
    Schick mir ein Foto: Ich sage dir auf Englisch, was ich sehe, und zeige dir die Fotos, die ihm am ähnlichsten sind.

    Mit Wörtern kenne ich mich auch ein wenig aus. Schreib ein Wort, ein Rätsel oder was du sehen möchtest – oder drück auf einen Knopf:
sample-word = Junge
sample-analogy = Mann:Männer::Frau:?
sample-description = ein Hund rennt
start-group =
    <b>Hallo, ich bin Kindred.</b>
    Antworte auf ein Foto mit /caption@{ $bot }, und ich sage, was darauf ist; mit /similar@{ $bot }, und ich zeige ähnliche Fotos. Alles Weitere steht in /help@{ $bot }.
hello-group =
    <b>Hallo, ich bin Kindred.</b> Ich rede nur, wenn man mich fragt.
    Antworte auf ein Foto mit /caption@{ $bot }, und ich sage, was darauf ist. Was ich sonst noch kann, steht in /help@{ $bot }.
help =
    <b>Schick mir ein Foto</b>, und ich sage dir auf Englisch, was ich sehe, und zeige dir ähnliche Fotos. Wörter darunter sagen, worauf es ankommt: <i>der Hund</i> oder <i>- Gras + Strand</i>. Dateien, Sticker, Videos und ganze Alben gehen auch.

    <b>Schreib mir:</b>
    • ein einzelnes Wort wie <i>Junge</i> – ich nenne dir verwandte Wörter. /similar Junge tut dasselbe.
    • ein Rätsel wie <i>Mann:Männer::Frau:?</i> – ich ergänze das letzte Wort. /analogy Mann Männer Frau tut dasselbe.
    • eine Beschreibung wie <i>ein Hund rennt</i> – ich finde Fotos dazu. /find ein Hund rennt tut dasselbe.
    • /find Katze + Sofa findet beides auf einem Foto, /find Schiff - Segel lässt etwas weg.
    • /alike Junge Mädchen sagt, wie ähnlich sich zwei Wörter sind.

    <b>Antworte auf ein Foto mit</b>
    • /caption – was darauf ist; /tags – einzelne Wörter dazu
    • /similar – ähnliche Fotos; /find - Gras – ähnliche, aber ohne das Gras

    /random zeigt ein paar der Fotos, die ich kenne, /map Wörter und /map Fotos, wie sie beieinanderliegen. In jedem anderen Chat kannst du @{ $bot } tippen und dahinter, was du suchst.

    Die Zahlen sagen, wie nah sich zwei Dinge sind: 1.00 ist dasselbe, 0.00 hat nichts damit zu tun.

    /settings – wie viele Fotos, Ton, Sprache
    /privacy – was mit deinen Fotos geschieht
help-group =
    Ich rede nur, wenn man mich fragt: mit einem Befehl, mit meinem Namen oder als Antwort auf etwas von mir.

    <b>Antworte auf ein Foto mit</b>
    • /caption@{ $bot } – was darauf ist; /tags@{ $bot } – einzelne Wörter dazu
    • /similar@{ $bot } – ähnliche Fotos; /find@{ $bot } - Gras – ähnliche, aber ohne das Gras

    <b>Oder frag mich</b>
    • /find@{ $bot } ein Hund rennt – Fotos dazu
    • /similar@{ $bot } Junge – verwandte Wörter
    • /analogy@{ $bot } Mann Männer Frau – das letzte Wort eines Rätsels
    • /alike@{ $bot } Junge Mädchen – wie ähnlich sich zwei Wörter sind
privacy =
    <b>Deine Fotos und Worte bleiben deine.</b>
    Ein Foto halte ich nur so lange im Arbeitsspeicher, bis ich geantwortet habe. Ich schreibe es nie auf eine Festplatte, lerne nie daraus und gebe es nie weiter. Was du schreibst, notiere ich nur, bis es beantwortet ist, damit es nicht verloren geht, wenn ich ausfalle; dann lösche ich es. Ich behalte keine Fotos, keine Nachrichten und keine Liste, wer mir geschrieben hat.

    <b>Das behalte ich:</b>
    • was du in /settings eingestellt hast, zusammen mit deiner Telegram-ID, falls du dort etwas geändert hast – bis du /delete_me wählst, mich blockierst oder mir ein Jahr lang nicht geschrieben hast
    • wie oft Antworten einen Daumen nach oben oder unten bekommen haben: Zahlen ohne Namen – auf Dauer
    • unter welchen Nummern Telegram Bilder aus meiner eigenen Galerie und meine Karten aufbewahrt, damit ich sie nicht noch einmal schicken muss
    • wie viele Leute mir geschrieben haben, seit ich gestartet wurde: eine einzige Zahl, nur im Arbeitsspeicher

    Telegram bewahrt unseren Chat auf, wie jeden anderen auch: Dort kannst du ihn löschen.
unknown-command = /{ $name } kenne ich nicht. In /help steht, was ich kann.
unknown-command-near = /{ $name } kenne ich nicht. Meinst du /{ $near }? In /help steht, was ich kann.
read-as = Ich lese das so: { $text }
only-in-private = Das bleibt unter uns: Der Knopf bringt dich in unseren Chat.
open-private-chat = Unseren Chat öffnen
random-photos =
    { $size ->
        [one] Das eine Foto, das ich kenne ({ $name })
       *[other] Ein paar der { $size } Fotos, die ich kenne ({ $name })
    }
map-rendering = Ich zeichne die Karte. Das dauert bis zu einer Minute, aber nur beim ersten Mal.
map-of-words = Die Wörter meiner Beschreibungen: Was ich für ähnlich halte, liegt beisammen.
map-of-images = Fotos, die ich kenne: Was ich für ähnlich halte, liegt beisammen.

## Settings

settings =
    <b>Einstellungen</b>
    Wie viele Fotos soll eine Antwort zeigen? Mit Ton oder ohne? In welcher Sprache?
settings-loud = Mit Ton
settings-quiet = Leise
settings-app-language = Wie meine App
delete-me =
    <b>Soll ich vergessen, was du in /settings eingestellt hast?</b>
    Mehr behalte ich nicht über dich. Genaueres steht in /privacy.
delete-me-yes = Ja, vergiss es
delete-me-no = Nein, behalte es
delete-me-done = Erledigt. Deine Einstellungen sind gelöscht; ich behalte nichts über dich.
delete-me-nothing = Es gab nichts zu löschen: Ich behalte nichts über dich.
delete-me-kept = Gut, alles bleibt, wie es ist.

## Inline mode: @bot and a description, in any chat

inline-button = Mehr in unserem Chat
inline-query = „{ $query }“
inline-sure = passt gut
inline-fits = passt
inline-unsure = da bin ich mir nicht sicher

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

nothing-to-read = Darin finde ich kein Wort. Versuch es mit „Junge“ oder „ein Hund rennt“.
too-long = Das sind { $length } Zeichen, zu lang für mich. Nimm bitte höchstens { $limit }: Ein Satz ist am besten.
similar-of-what = Zu welchem Wort soll ich verwandte suchen? Zum Beispiel: /similar Junge
one-word-only = Ich kann immer nur zu einem Wort verwandte suchen, etwa /similar Junge. Für mehrere Wörter gibt es /find ein Hund rennt.
alike-what = Welche zwei Wörter soll ich vergleichen? Zum Beispiel: /alike Junge Mädchen
two-words-only = Ich kann immer nur zwei Wörter vergleichen, etwa /alike Junge Mädchen.
map-of-what = Welche Karte soll ich zeigen? /map Wörter oder /map Fotos.
caption-of-what = Antworte auf ein Foto mit /caption, und ich sage, was darauf ist. Oder schick mir eins.
tags-of-what = Antworte auf ein Foto mit /tags, und ich nenne, was darauf ist.
analogy-of-what = Gib mir drei Wörter, und ich finde das vierte. Zum Beispiel: /analogy Mann Männer Frau
three-words-only = Ein Rätsel braucht drei Wörter, etwa /analogy Mann Männer Frau: Mann verhält sich zu Männer wie Frau zu …?
find-what = Was soll ich finden? Zum Beispiel: /find ein Hund rennt
file-too-large = Diese Datei hat mehr als 20 MB. Schick mir bitte ein kleineres Foto.
refused = Mit dir darf ich leider nicht reden: Wer mich betreibt, entscheidet, wem ich antworte. Frag bitte dort nach, wenn das ein Irrtum ist.
too-many-photos =
    Mehr darf ich mir in einer Stunde für dich nicht ansehen. Schick mir das nächste Foto bitte in { $minutes ->
        [one] einer Minute
       *[other] { $minutes } Minuten
    }.

## Errors of the engine, by `EngineError.key`

busy = Ich habe gerade alle Hände voll zu tun. Versuch es bitte in ein paar Sekunden noch einmal.
photos-away = An die Fotos meiner Galerie komme ich gerade nicht heran. Frag mich bitte später noch einmal.
unreadable-photo = Das kann ich nicht als Bild lesen. Schick mir bitte ein Foto als JPEG, PNG oder WebP.
photo-too-wide = Dieses Foto hat { $width } × { $height } Pixel, mehr, als ich öffnen kann. Schick mir bitte ein kleineres.
unknown-word = Das Wort „{ $word }“ kenne ich nicht. Versuch es bitte mit einem anderen.
unknown-word-near = Das Wort „{ $word }“ kenne ich nicht. Meinst du { $near }?
unknown-image = Dieses Foto habe ich nicht in meiner Galerie. Frag mich bitte nach einem anderen.
unknown-words = Ich kenne keines dieser Wörter. Sag es bitte mit anderen, am besten auf Englisch.
unknown-part = Aus „{ $text }“ kenne ich kein Wort. Sag es bitte mit anderen, am besten auf Englisch.
which-word = Verwandt mit welchem Wort? Zum Beispiel: Junge
which-two-words = Welche zwei Wörter soll ich vergleichen? Zum Beispiel: Junge Mädchen
look-for-what = Wonach soll ich suchen? Sag es in ein paar Wörtern, zum Beispiel: ein Hund rennt am Strand
change-what = Was soll auf dem Foto dazukommen oder wegfallen? Sag es in ein paar Wörtern, zum Beispiel: - Gras + Strand
nothing-beside-sign = Neben einem der Zeichen steht nichts. Dort gehören Wörter hin, zum Beispiel: Katze + Sofa
only-minus = Minus sagt nur, was wegbleiben soll. Sag bitte auch, wonach ich suchen soll, zum Beispiel: Schiff - Segel
no-signs = So kann ich immer nur nach einer Beschreibung suchen, ohne + oder -.
focus-on-what = Was auf dem Foto meinst du? Sag es in ein paar Wörtern, zum Beispiel: der Hund
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

unsupported-message = Damit kann ich leider nichts anfangen. Ich verstehe Fotos, Bilder als Datei, Sticker, Videos und Wörter.
expired = Dieser Knopf ist abgelaufen. Frag mich einfach noch einmal, dann bekommst du neue.
busy-for =
    Ich habe mit dem, was du geschickt hast, alle Hände voll zu tun. Nichts geht verloren: Ich antworte auf alles der Reihe nach; das dauert etwa { $seconds ->
        [one] eine Sekunde
       *[other] { $seconds } Sekunden
    }.
queue-full = Das ist mehr, als ich auf einmal behalten kann. Warte bitte auf meine Antworten und schick mir dann noch einmal, was danach kam.
retries-exhausted = Ich habe es mehrmals versucht und kann darauf nicht antworten, entschuldige. Schick mir bitte etwas anderes.
network-error = Zwischen Telegram und mir ist etwas verloren gegangen. Wenn dir eine Antwort fehlt, frag bitte noch einmal.
internal-error = Bei mir ist etwas schiefgegangen, entschuldige. Versuch es bitte gleich noch einmal.

## Words

words-near = Verwandt mit <b>{ $word }</b>
analogy = { $a } verhält sich zu { $b } wie { $c } zu <b>{ $best }</b>
alike = <b>{ $a }</b> und <b>{ $b }</b>: <b>{ $score }</b>
alike-very = Sehr ähnlich: einander näher als { $share } von 100 Wortpaaren.
alike-quite = Ziemlich ähnlich: einander näher als { $share } von 100 Wortpaaren.
alike-little = Ein wenig ähnlich: einander näher als { $share } von 100 Wortpaaren.
alike-not = Nicht ähnlich: einander näher als { $share } von 100 Wortpaaren.
alike-same = Das ist dasselbe Wort.
no-words = Dazu finde ich keine Wörter.
hint-after-words =
    <i>Lieber Fotos? /find { $query }
    Ein Rätsel? Mann:Männer::Frau:?</i>
hint-after-analogy = <i>Zu einem einzelnen Wort wie „Junge“ nenne ich verwandte Wörter; zu „ein Hund rennt“ finde ich Fotos.</i>
not-sure = <i>Hier bin ich mir nicht sicher: Näheres konnte ich nicht finden.</i>

## Photos

no-caption = etwas, wofür mir die Worte fehlen
caption-unsure = Ich bin mir nicht sicher, aber es könnte das sein:
line-unsure = Vielleicht: { $caption }
photo-matches = <b>Deinem Foto am ähnlichsten</b>
photo-matches-focused = <b>Deinem Foto am ähnlichsten,</b> vor allem hierin: <code>{ $words }</code>
photo-matches-changed = <b>Wie dein Foto,</b> aber <code>{ $words }</code>
search-results = <b>Fotos zu</b> <code>{ $words }</code>
similar-images = <b>Dem Foto am ähnlichsten, das du gewählt hast</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Dein Foto
       *[other] Deine { $count } Fotos
    }</b>
best-matches = <b>Zu jedem deiner Fotos das ähnlichste, das ich kenne</b>
no-matches = Dazu kenne ich keine Fotos, die ich dir zeigen könnte.
near-duplicates =
    { $count ->
        [one] und ein fast gleiches
       *[other] und { $count } fast gleiche
    }
sources = <i>In der Reihenfolge der Fotos; jede Zahl führt dorthin, wo das Foto herkommt.</i>
credit =
    Galerie: { $name }, { $size ->
        [one] { $size } Foto
       *[other] { $size } Fotos
    }. { $credit }
hint-after-find = <i>Zu einem einzelnen Wort wie „Junge“ nenne ich verwandte Wörter; Mann:Männer::Frau:? ist für mich ein Rätsel.</i>
only-still = Ich habe nur das Standbild gesehen, nichts, was sich bewegt.
words-unknown = Von den Wörtern darunter kenne ich keines, deshalb habe ich mir das ganze Foto angesehen.
not-a-picture = Das ist kein Bild, das ich mir ansehen kann.
download-failed = Das hier konnte ich leider nicht abholen. Schick es mir bitte noch einmal.
tags = <b>Einzelne Wörter zu deinem Foto</b>
why = { $caption } Das Bild zeigt zu jedem Wort, wo ich es gesehen habe: Dort bleibt dein Foto hell.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Mehr davon
button-next = Nächste Seite
button-caption = Andere Beschreibung
button-why = Warum?
button-tags = Stichwörter
button-pick = Mehr wie …
button-close = Zurück
thanks-up = Danke, das freut mich!
thanks-down = Danke, das hilft mir weiter.
