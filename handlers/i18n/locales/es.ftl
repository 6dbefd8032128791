# Sentences of the bot in Spanish; they address the user informally (tú). en.ftl documents the values.

language-name = Español

## Command menu: a few words each

menu-find = Buscar fotos de lo que describas
menu-similar = Palabras cercanas a otra
menu-analogy = Resolver un acertijo de palabras
menu-alike = Comparar dos palabras
menu-caption = En respuesta a una foto: qué se ve en ella
menu-tags = En respuesta a una foto: palabras sueltas
menu-random = Algunas de las fotos que conozco
menu-map = Un mapa de palabras o de fotos
menu-settings = Fotos por respuesta, sonido, idioma
menu-help = Qué sé hacer
menu-privacy = Qué pasa con tus fotos
menu-delete_me = Borrar tus ajustes
menu-start = Saludar
menu-stats = Uso, para quien lleva el bot

## General

start =
    <b>¡Hola, soy Kindred!</b>
    Mándame cualquier foto. La describo en inglés y te enseño otras parecidas.

    También puedes escribirme o tocar un botón:
sample-word = niño
sample-analogy = hombre:hombres::mujer:?
sample-description = un perro corriendo
sample-pair = niño niña
sample-sum = gato + sofá
sample-difference = buque - vela
start-group =
    <b>¡Hola, soy Kindred!</b>
    Responde a una foto con <code>/caption@{ $bot }</code> y la describo. Lo demás está en /help@{ $bot }.
hello-group =
    <b>¡Hola, soy Kindred!</b> Solo respondo a comandos.
    Responde a una foto con <code>/caption@{ $bot }</code> y la describo. Lo demás está en /help@{ $bot }.
help =
    <b>Mándame cualquier foto.</b> La describo en inglés y te enseño otras parecidas. También valen archivos, stickers, vídeos y álbumes.
    Un pie de foto orienta la búsqueda: <code>el perro</code> o <code>- hierba + playa</code>.

    <b>O escríbeme:</b> lo que quieres ver, una palabra o un acertijo de palabras. Toca uno para probarlo.

    En cualquier otro chat, escribe <code>@{ $bot }</code> y lo que buscas.
    /settings /privacy
help-group =
    <b>Responde a una foto con</b>
    • <code>/caption@{ $bot }</code>: la describo
    • <code>/similar@{ $bot }</code>: fotos parecidas
    • <code>/tags@{ $bot }</code>: palabras sueltas
    • <code>/find@{ $bot } - hierba</code>: parecidas, pero sin hierba

    <b>O pregúntame</b>
    • <code>/find@{ $bot } un perro corriendo</code>: fotos así
    • <code>/similar@{ $bot } niño</code>: palabras cercanas
    • <code>/analogy@{ $bot } hombre hombres mujer</code>: un acertijo de palabras
    • <code>/alike@{ $bot } niño niña</code>: comparar dos palabras

    Toca un comando para copiarlo.
privacy =
    <b>Tus fotos y tus palabras siguen siendo tuyas.</b>
    Guardo una foto en memoria solo mientras la respondo. Nunca la escribo en un disco, nunca aprendo de ella y nunca se la paso a nadie. Lo que escribes lo anoto solo hasta que está respondido, para que no se pierda si fallo; después lo borro. No conservo fotos, ni mensajes, ni una lista de quién me escribió.

    <b>Lo que sí conservo:</b>
    • lo que elegiste en /settings, junto con tu ID de Telegram, si cambiaste algo allí: hasta que elijas /delete_me, me bloquees o lleves un año sin escribirme
    • cuántas veces las respuestas recibieron un pulgar arriba o abajo: números, sin nombres, para siempre
    • con qué números guarda Telegram imágenes de mi propia galería y mis mapas, para no tener que enviarlas otra vez
    • cuánta gente me ha escrito desde que me pusieron en marcha: un solo número, solo en memoria

    Telegram guarda nuestro chat, como todos los demás: puedes borrarlo allí.
unknown-command = No conozco /{ $name }. En /help está lo que sé hacer.
unknown-command-near = No conozco /{ $name }. ¿Querías decir /{ $near }?
read-as = Leído como: { $text }
only-in-private = Mejor lo hacemos en nuestro chat.
open-private-chat = Abrir nuestro chat
random-photos =
    { $size ->
        [one] La única foto que conozco.
       *[other] Algunas de las { $size } fotos que conozco. Toca un número para ver más como esa.
    }
looking = Mirando…
map-rendering = Estoy dibujando el mapa. La primera vez tarda hasta un minuto.
# What the argument of /map may be called: commas between the names.
map-argument-words = palabra, palabras, las palabras
map-argument-images = foto, fotos, imagen, imágenes, imagenes, las fotos
map-of-words = Mis palabras. Las parecidas están cerca.
map-of-images = Mis fotos. Las parecidas están cerca.

## Settings

settings =
    <b>Ajustes</b>
    Fotos por respuesta, sonido, parecido en palabras o números, idioma:
settings-loud = Con sonido
settings-quiet = En silencio
settings-words = Muy parecido
settings-numbers = 0.87
settings-app-language = Como mi app
delete-me =
    <b>¿Borrar tus ajustes?</b>
    Es todo lo que guardo sobre ti. Más en /privacy.
delete-me-yes = Sí, bórralos
delete-me-no = No, consérvalos
delete-me-done = Hecho. Ya no guardo nada sobre ti.
delete-me-nothing = No había nada que borrar: no guardo nada sobre ti.
delete-me-kept = De acuerdo, no ha cambiado nada.

## Inline mode: @bot and a description, in any chat

inline-button = Más en nuestro chat
inline-query = «{ $query }»
inline-sure = encaja bien
inline-fits = encaja
inline-unsure = no es seguro

## Usage statistics: /stats, for the operator

stats = En marcha desde hace { $uptime }
stats-uptime = { $days } d { $hours } h { $minutes } min
stats-people = Personas que escribieron: { $count }
stats-gallery =
    Galería: { $name }, { $size ->
        [one] { $size } foto
       *[other] { $size } fotos
    }
gallery-indexing =
    { $count ->
        [one] Se está indexando { $count } foto más, que pronto se podrá encontrar.
       *[other] Se están indexando { $count } fotos más, que pronto se podrán encontrar.
    }
gallery-fetching = Se está descargando Flickr8K: { $percent } %. Hasta que esté completo, busco en unas pocas fotos de muestra.
stats-requests = Peticiones: { $answered } con respuesta, { $failed } con error
stats-files = Fotos que Telegram ya tenía: { $hits } de { $all }
stats-columns = Tipo, con respuesta, con error, mediana y 95 % en segundos:
stats-votes = Pulgares: { $up } arriba, { $down } abajo

## Errors of the bot, by `EngineError.key`

nothing-to-read = Ahí no veo palabras. Prueba con una de estas:
too-long = Es demasiado largo: { $length } caracteres. Usa como mucho { $limit }, por favor.
similar-of-what = ¿Qué palabra? Escríbela después de /similar o prueba esto:
one-word-only = Una sola palabra, por favor. Por ejemplo:
alike-what = ¿Qué dos palabras? Escríbelas después de /alike o prueba esto:
two-words-only = Dos palabras, por favor. Por ejemplo:
map-of-what = ¿Qué mapa quieres ver?
caption-of-what = Mándame una foto y la describo.
tags-of-what = ¿Qué foto? Responde a una con /tags.
analogy-of-what = Dame tres palabras y encuentro la cuarta. Por ejemplo:
three-words-only = Un acertijo necesita tres palabras. Por ejemplo:
find-what = ¿Qué quieres ver? Escríbelo después de /find o prueba esto:
file-too-large = Ese archivo pasa de 20 MB. Mándame una foto más pequeña, por favor.
refused = Lo siento, no puedo responderte. Pregunta a quien lleva este bot, por favor.
too-many-photos =
    Era tu última foto de esta hora. Mándame la próxima dentro de { $minutes ->
        [one] un minuto
       *[other] { $minutes } minutos
    }, por favor.

## Errors of the engine, by `EngineError.key`

busy = Ahora mismo tengo mucho trabajo. Inténtalo de nuevo en unos segundos, por favor.
unreadable-photo = No puedo abrir eso como imagen. Mándame una foto en JPEG, PNG o WebP, por favor.
photo-too-wide = Esa foto es demasiado grande: { $width } × { $height } píxeles. Mándame una más pequeña, por favor.
unknown-word = No conozco la palabra «{ $word }». Prueba con otra, por favor.
unknown-word-near = No conozco la palabra «{ $word }». ¿Querías decir { $near }?
unknown-image = Ya no tengo esa foto. Prueba con otra, por favor.
photos-away = Ahora mismo no puedo acceder a las fotos de mi galería. Vuelve a preguntarme más tarde, por favor.
unknown-words = No conozco esas palabras. Prueba con otras más sencillas, como perro o playa.
unknown-script = Leo español, inglés, alemán, francés, italiano, portugués y ruso. Escribe unas palabras en uno de estos idiomas o envíame una foto.
unknown-part = No conozco «{ $text }». Prueba con palabras más sencillas, como perro o playa.
which-word = ¿Qué palabra? Por ejemplo: niño
which-two-words = ¿Qué dos palabras? Por ejemplo: niño niña
look-for-what = ¿Qué quieres ver? Por ejemplo: un perro corriendo en la playa
change-what = ¿Qué debe cambiar en la foto? Por ejemplo: - hierba + playa
nothing-beside-sign = Falta algo junto a un signo. Por ejemplo: gato + sofá
only-minus = ¿Y qué quieres ver? Por ejemplo: buque - vela
no-signs = Aquí, una sola descripción, por favor, sin + ni -.
focus-on-what = ¿Qué parte de la foto? Por ejemplo: el perro
too-few-labels = Dame al menos dos etiquetas para elegir, por ejemplo: gato, perro, barco
too-many-labels = Son { $count } etiquetas. Dame { $limit } como mucho, por favor.
gallery-too-small =
    Un mapa necesita al menos { $fewest ->
        [one] { $fewest } foto
       *[other] { $fewest } fotos
    }, y mi galería tiene { $count }.

## Other failures and limits

unsupported-message = Lo siento, con eso no puedo hacer nada. Mándame una foto, un archivo de imagen, un sticker, un vídeo o palabras.
expired = Este botón ya no funciona. Pregúntame otra vez, por favor.
busy-for =
    Lo he recibido todo. Te respondo por orden, en { $seconds ->
        [one] un segundo
       *[other] unos { $seconds } segundos
    }.
queue-full = Es demasiado de una vez. Espera mis respuestas, por favor, y manda el resto otra vez.
retries-exhausted = Lo siento, lo intenté varias veces y no puedo responder a esto. Mándame otra cosa, por favor.
network-error = Algo se perdió entre Telegram y yo. Si falta una respuesta, pregunta otra vez, por favor.
internal-error = Lo siento, algo ha fallado por mi parte. Inténtalo de nuevo en un momento, por favor.
photos-not-allowed = Aquí no tengo permiso para enviar fotos. Un administrador de este grupo puede dármelo.
store-unavailable = Ahora mismo no puedo guardar ni borrar nada. Inténtalo de nuevo en unos minutos, por favor.

## Words

words-near = Palabras cercanas a <b>{ $word }</b>
analogy = { $a } es a { $b } como { $c } es a <b>{ $best }</b>
runners-up = También cerca: { $words }
alike = <b>{ $a }</b> y <b>{ $b }</b>:
alike-very = se parecen mucho, más que { $share } de 100 pares al azar.
alike-quite = se parecen bastante, más que { $share } de 100 pares al azar.
alike-little = no se parecen mucho: más que { $share } de 100 pares al azar.
alike-not = no se parecen: más que { $share } de 100 pares al azar.
alike-same = Es la misma palabra.
alike-score = En números: { $score }. Cuanto más alto, más se parecen.
no-words = Para esto no encuentro palabras.
not-sure-words = Esto no lo tengo claro.
very-close = Muy parecido:
close = Parecido:
loosely-related = Algo relacionado:

## Photos

cannot-tell-tags = No lo sé. Veo { $words }.
cannot-tell = No sé qué es esto.
caption-unsure = Podría ser esto:
recognised = Reconozco: { $names }
known-photo = Esta la conozco: { $page }
photo-page = su página
photo-matches = Lo más parecido a tu foto
photo-matches-focused = Como tu foto, sobre todo en <code>{ $words }</code>
photo-matches-changed = Como tu foto, pero <code>{ $words }</code>
search-results = <b>Fotos de</b> <code>{ $words }</code>
similar-images = <b>Parecidas a la foto que elegiste</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Tu foto
       *[other] Tus { $count } fotos
    }</b>
choose-photo = Toca un número para ver más sobre esa foto.
best-matches = Lo más parecido a cada una de tus fotos
not-sure = Creo que no tengo eso. Lo más cercano:
not-sure-photo = Creo que no tengo nada parecido. Lo más cercano:
near-duplicates =
    { $count ->
        [one] y otra casi igual
       *[other] y otras { $count } casi iguales
    }
no-matches = No tengo fotos para esto.
sources = Cada número abre la página de la foto.
credit = Fotos: { $name }.
credit-flickr8k = Fotos: Flickr8K, de sus autores.
only-still = Solo he visto la imagen fija, nada que se mueva.
# Under a photo: why its words were not followed.
photo-unknown-words = No conozco las palabras que van debajo, así que miré la foto entera.
photo-problem-address = No puedo abrir el enlace que va debajo, así que miré la foto entera.
photo-problem-incomplete-analogy = Una analogía no va con una foto, así que miré la foto entera.
photo-problem-no-description = No entendí las palabras que van debajo, así que miré la foto entera.
not-a-picture = Esto no es una imagen que pueda mirar.
download-failed = Lo siento, no he podido descargarla. Mándamela otra vez, por favor.
tags = <b>Palabras para tu foto</b>
why = { $caption } Lo claro muestra dónde vi cada palabra.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Más así
button-next = Página siguiente
button-caption = Otra descripción
button-why = ¿Por qué?
button-tags = Palabras
button-pick = Más como…
button-close = Volver
button-random = Fotos al azar
button-word-map = Mapa de palabras
button-photo-map = Mapa de fotos
button-photos-of = Fotos de «{ $word }»
thanks-up = ¡Gracias, me alegro!
thanks-down = Gracias, eso ayuda.
thanks-back = Voto retirado.

## What messages ask for

greeting = ¡Hola! Envíame una foto o escribe qué te gustaría ver, por ejemplo <i>un perro corriendo</i>.
thanks = ¡De nada! ¿Quieres ver algo más?
goodbye = ¡Adiós! Vuelve cuando quieras.
photo-for-caption = Envíame la foto o responde a ella, y la describo.
# $written: a misspelt word. $read: the word it was taken for.
corrected = He leído { $written } como { $read }.
problem-address = No puedo abrir enlaces. Escribe qué te gustaría ver, por ejemplo <i>un perro corriendo</i>.
problem-incomplete-analogy = Una analogía necesita tres palabras, por ejemplo: <i>hombre es a hombres como mujer es a …?</i>
problem-only-negative = Has dicho qué dejar fuera. ¿Qué te gustaría ver? Por ejemplo: <i>una playa sin gente</i>
problem-no-description = No lo he entendido. Escribe qué te gustaría ver, por ejemplo <i>un perro corriendo</i>, o envíame una foto. Más en /help.
