# Sentences of the bot in Spanish; they address the user informally (tú). en.ftl documents the values.

language-name = Español

## Command menu: a few words each

menu-find = Buscar fotos: /find un perro corriendo
menu-similar = Palabras afines: /similar niño
menu-analogy = Resolver un acertijo: /analogy hombre hombres mujer
menu-alike = ¿Cuánto se parecen dos palabras? /alike niño niña
menu-caption = En respuesta a una foto: qué se ve en ella
menu-tags = En respuesta a una foto: palabras sueltas
menu-random = Algunas de las fotos que conozco
menu-map = Cómo se agrupan las palabras o las fotos: /map palabras
menu-settings = Fotos por respuesta, sonido, idioma
menu-help = Qué sé hacer
menu-privacy = Qué pasa con tus fotos
menu-delete_me = Olvidar tus ajustes
menu-start = Saludar
menu-stats = Cifras para quien lleva el bot

## General

start =
    <b>¡Hola, soy Kindred!</b>
    Mándame una foto: te digo en inglés lo que veo y te enseño las fotos que conozco que más se le parecen.

    También sé algo de palabras. Escribe una palabra, un acertijo o lo que te gustaría ver, o pulsa un botón:
sample-word = niño
sample-analogy = hombre:hombres::mujer:?
sample-description = un perro corriendo
start-group =
    <b>¡Hola, soy Kindred!</b>
    Responde a una foto con /caption@{ $bot } y digo qué se ve en ella; con /similar@{ $bot }, y enseño fotos parecidas. Lo demás lo cuenta /help@{ $bot }.
hello-group =
    <b>¡Hola, soy Kindred!</b> Solo hablo cuando me preguntan.
    Responde a una foto con /caption@{ $bot } y digo qué se ve en ella. /help@{ $bot } cuenta qué más sé hacer.
help =
    <b>Mándame una foto</b> y te digo en inglés lo que veo y te enseño otras parecidas. Las palabras que pongas debajo dicen en qué fijarme: <i>el perro</i> o <i>- hierba + playa</i>. También valen archivos, stickers, vídeos y álbumes enteros.

    <b>Escríbeme:</b>
    • una palabra, como <i>niño</i>: te doy palabras afines. /similar niño hace lo mismo.
    • un acertijo, como <i>hombre:hombres::mujer:?</i>: completo la última palabra. /analogy hombre hombres mujer hace lo mismo.
    • una descripción, como <i>un perro corriendo</i>: busco fotos así. /find un perro corriendo hace lo mismo.
    • /find gato + sofá busca las dos cosas en una foto, /find buque - vela deja algo fuera.
    • /alike niño niña dice cuánto se parecen dos palabras.

    <b>Responde a una foto con</b>
    • /caption: qué se ve en ella; /tags: palabras sueltas
    • /similar: fotos parecidas; /find - hierba: parecidas, pero sin la hierba

    /random enseña algunas de las fotos que conozco; /map palabras y /map fotos, cómo se agrupan. En cualquier otro chat, escribe @{ $bot } y lo que buscas.

    Los números dicen lo cerca que están dos cosas: 1.00 es lo mismo, 0.00 no tiene nada que ver.

    /settings: cuántas fotos, sonido, idioma
    /privacy: qué pasa con tus fotos
help-group =
    Solo hablo cuando me preguntan: con un comando, por mi nombre o en respuesta a algo que dije.

    <b>Responde a una foto con</b>
    • /caption@{ $bot }: qué se ve en ella; /tags@{ $bot }: palabras sueltas
    • /similar@{ $bot }: fotos parecidas; /find@{ $bot } - hierba: parecidas, pero sin la hierba

    <b>O pregúntame</b>
    • /find@{ $bot } un perro corriendo: fotos así
    • /similar@{ $bot } niño: palabras afines
    • /analogy@{ $bot } hombre hombres mujer: la última palabra de un acertijo
    • /alike@{ $bot } niño niña: cuánto se parecen dos palabras
privacy =
    <b>Tus fotos y tus palabras siguen siendo tuyas.</b>
    Guardo una foto en memoria solo mientras la respondo. Nunca la escribo en un disco, nunca aprendo de ella y nunca se la paso a nadie. Lo que escribes lo anoto solo hasta que está respondido, para que no se pierda si fallo; después lo borro. No conservo fotos, ni mensajes, ni una lista de quién me escribió.

    <b>Lo que sí conservo:</b>
    • lo que elegiste en /settings, junto con tu ID de Telegram, si cambiaste algo allí: hasta que elijas /delete_me, me bloquees o lleves un año sin escribirme
    • cuántas veces las respuestas recibieron un pulgar arriba o abajo: números, sin nombres, para siempre
    • con qué números guarda Telegram imágenes de mi propia galería y mis mapas, para no tener que enviarlas otra vez
    • cuánta gente me ha escrito desde que me pusieron en marcha: un solo número, solo en memoria

    Telegram guarda nuestro chat, como todos los demás: puedes borrarlo allí.
unknown-command = No conozco /{ $name }. /help cuenta qué sé hacer.
unknown-command-near = No conozco /{ $name }. ¿Querías decir /{ $near }? /help cuenta qué sé hacer.
read-as = Lo leo así: { $text }
only-in-private = Eso queda entre tú y yo: el botón te lleva a nuestro chat.
open-private-chat = Abrir nuestro chat
random-photos =
    { $size ->
        [one] La única foto que conozco ({ $name })
       *[other] Algunas de las { $size } fotos que conozco ({ $name })
    }
map-rendering = Estoy dibujando el mapa. Tarda hasta un minuto, pero solo la primera vez.
map-of-words = Las palabras de mis descripciones: lo que me parece similar está junto.
map-of-images = Fotos que conozco: lo que me parece similar está junto.

## Settings

settings =
    <b>Ajustes</b>
    ¿Cuántas fotos debe mostrar una respuesta? ¿Con sonido o sin él? ¿En qué idioma?
settings-loud = Con sonido
settings-quiet = En silencio
settings-app-language = Como mi app
delete-me =
    <b>¿Quieres que olvide lo que elegiste en /settings?</b>
    Es todo lo que conservo sobre ti. /privacy cuenta más.
delete-me-yes = Sí, olvídalo
delete-me-no = No, consérvalo
delete-me-done = Hecho. He borrado lo que elegiste; ya no conservo nada sobre ti.
delete-me-nothing = No había nada que borrar: no conservo nada sobre ti.
delete-me-kept = De acuerdo, todo queda como está.

## Inline mode: @bot and a description, in any chat

inline-button = Más en nuestro chat
inline-query = «{ $query }»
inline-sure = encaja bien
inline-fits = encaja
inline-unsure = no lo tengo claro

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

nothing-to-read = Ahí no encuentro ninguna palabra. Prueba con «niño» o «un perro corriendo».
too-long = Son { $length } caracteres, demasiado para mí. Usa como mucho { $limit }, por favor: lo mejor es una frase.
similar-of-what = ¿De qué palabra busco afines? Por ejemplo: /similar niño
one-word-only = Solo puedo con una palabra cada vez, como /similar niño. Para varias palabras, prueba /find un perro corriendo.
alike-what = ¿Qué dos palabras comparo? Por ejemplo: /alike niño niña
two-words-only = Solo puedo comparar dos palabras cada vez, como /alike niño niña.
map-of-what = ¿Qué mapa te enseño? /map palabras o /map fotos.
caption-of-what = Responde a una foto con /caption y digo qué se ve en ella. O mándame una.
tags-of-what = Responde a una foto con /tags y nombro lo que hay en ella.
analogy-of-what = Dame tres palabras y encuentro la cuarta. Por ejemplo: /analogy hombre hombres mujer
three-words-only = Un acertijo necesita tres palabras, como /analogy hombre hombres mujer: hombre es a hombres como mujer es a…
find-what = ¿Qué busco? Por ejemplo: /find un perro corriendo
file-too-large = Ese archivo pasa de 20 MB. Mándame una foto más pequeña, por favor.
refused = Lo siento, no puedo responderte: quien me administra decide con quién hablo. Si es un error, pregunta allí, por favor.
too-many-photos =
    Es todo lo que puedo mirar para ti en una hora. Envíame la próxima foto dentro de { $minutes ->
        [one] un minuto
       *[other] { $minutes } minutos
    }, por favor.

## Errors of the engine, by `EngineError.key`

busy = Ahora mismo tengo las manos llenas. Inténtalo de nuevo en unos segundos, por favor.
photos-away = Ahora mismo no puedo acceder a las fotos de mi galería. Vuelve a preguntarme más tarde, por favor.
unreadable-photo = No puedo leer eso como imagen. Mándame una foto en JPEG, PNG o WebP, por favor.
photo-too-wide = Esa foto tiene { $width } × { $height } píxeles, más de los que puedo abrir. Mándame una más pequeña, por favor.
unknown-word = No conozco la palabra «{ $word }». Prueba con otra, por favor.
unknown-word-near = No conozco la palabra «{ $word }». ¿Querías decir { $near }?
unknown-image = Esa foto no está en mi galería. Pídeme otra, por favor.
unknown-words = No conozco ninguna de esas palabras. Dilo con otras, por favor, mejor en inglés.
unknown-part = No conozco ninguna de las palabras de «{ $text }». Dilo con otras, por favor, mejor en inglés.
which-word = ¿Afín a qué palabra? Por ejemplo: niño
which-two-words = ¿Qué dos palabras comparo? Por ejemplo: niño niña
look-for-what = ¿Qué busco? Dilo en pocas palabras, por ejemplo: un perro corriendo en la playa
change-what = ¿Qué le añado a la foto o qué le quito? Dilo en pocas palabras, por ejemplo: - hierba + playa
nothing-beside-sign = Junto a uno de los signos no hay nada. Ahí van palabras, por ejemplo: gato + sofá
only-minus = El signo menos dice qué dejar fuera. Dime también qué buscar, por ejemplo: buque - vela
no-signs = Así solo puedo buscar una descripción cada vez, sin + ni -.
focus-on-what = ¿En qué parte de la foto me fijo? Dilo en pocas palabras, por ejemplo: el perro
too-few-labels = Dame al menos dos etiquetas para elegir, por ejemplo: gato, perro, barco
too-many-labels = Son { $count } etiquetas. Dame { $limit } como mucho, por favor.
gallery-too-small =
    Un mapa necesita al menos { $fewest ->
        [one] { $fewest } foto
       *[other] { $fewest } fotos
    }, y mi galería tiene { $count }.

## Other failures and limits

unsupported-message = Con eso no puedo hacer nada, lo siento. Entiendo fotos, imágenes enviadas como archivo, stickers, vídeos y palabras.
expired = Este botón ha caducado. Pregúntame otra vez y te doy otros nuevos.
busy-for =
    Tengo mucho que hacer con lo que me enviaste. No se pierde nada: respondo a todo por orden, y tardaré { $seconds ->
        [one] un segundo
       *[other] unos { $seconds } segundos
    }.
queue-full = Es más de lo que puedo guardar a la vez. Espera mis respuestas, por favor, y después vuelve a enviarme lo que vino luego.
retries-exhausted = Lo intenté varias veces y no puedo responder a esto, lo siento. Envíame otra cosa, por favor.
network-error = Algo se perdió en el camino entre Telegram y yo. Si te falta una respuesta, pregunta otra vez, por favor.
internal-error = Algo ha fallado por mi parte, lo siento. Inténtalo de nuevo en un momento, por favor.

## Words

words-near = Palabras afines a <b>{ $word }</b>
analogy = { $a } es a { $b } como { $c } es a <b>{ $best }</b>
alike = <b>{ $a }</b> y <b>{ $b }</b>: <b>{ $score }</b>
alike-very = Se parecen mucho: más que { $share } de cada 100 pares de palabras.
alike-quite = Se parecen bastante: más que { $share } de cada 100 pares de palabras.
alike-little = Se parecen un poco: más que { $share } de cada 100 pares de palabras.
alike-not = No se parecen: solo superan a { $share } de cada 100 pares de palabras.
alike-same = Es la misma palabra.
no-words = Para esto no encuentro palabras.
hint-after-words =
    <i>¿Mejor fotos? /find { $query }
    ¿Un acertijo? hombre:hombres::mujer:?</i>
hint-after-analogy = <i>Con una sola palabra, como «niño», te doy palabras afines; con «un perro corriendo» busco fotos.</i>
not-sure = <i>Esto no lo tengo claro: es lo más cercano que pude encontrar.</i>

## Photos

no-caption = algo para lo que no tengo palabras
caption-unsure = No lo tengo claro, pero podría ser:
line-unsure = Quizás: { $caption }
photo-matches = <b>Lo más parecido a tu foto</b>
photo-matches-focused = <b>Lo más parecido a tu foto,</b> sobre todo en <code>{ $words }</code>
photo-matches-changed = <b>Como tu foto,</b> pero <code>{ $words }</code>
search-results = <b>Fotos para</b> <code>{ $words }</code>
similar-images = <b>Lo más parecido a la foto que elegiste</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Tu foto
       *[other] Tus { $count } fotos
    }</b>
best-matches = <b>Lo más cercano que conozco a cada una de tus fotos</b>
no-matches = Para esto no conozco fotos que enseñarte.
near-duplicates =
    { $count ->
        [one] y otra casi igual
       *[other] y otras { $count } casi iguales
    }
sources = <i>En el orden de las fotos; cada número lleva al lugar de donde viene la suya.</i>
credit =
    Galería: { $name }, { $size ->
        [one] { $size } foto
       *[other] { $size } fotos
    }. { $credit }
hint-after-find = <i>Con una sola palabra, como «niño», te doy palabras afines; hombre:hombres::mujer:? es para mí un acertijo.</i>
only-still = Solo he visto la imagen fija, nada que se mueva.
words-unknown = No conozco ninguna de las palabras que van debajo, así que miré la foto entera.
not-a-picture = Esto no es una imagen que yo pueda mirar.
download-failed = No he podido descargar esta, lo siento. Mándamela otra vez, por favor.
tags = <b>Palabras sueltas para tu foto</b>
why = { $caption } La imagen muestra para cada palabra dónde la vi: ahí tu foto sigue luminosa.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Más así
button-next = Página siguiente
button-caption = Otra descripción
button-why = ¿Por qué?
button-tags = Palabras
button-pick = Más como…
button-close = Volver
thanks-up = ¡Gracias, me alegro!
thanks-down = Gracias, eso me ayuda.
