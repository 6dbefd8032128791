# Sentences of the bot in Russian; they address the user informally (ты). en.ftl documents the values.
# Bot and user have no grammatical gender here: no verb in the past tense refers to "I" or "you".

language-name = Русский

## Command menu: a few words each

menu-find = Найти фото по описанию
menu-similar = Близкие слова
menu-analogy = Решить загадку из слов
menu-alike = Сравнить два слова
menu-caption = В ответ на фото: что на нём
menu-tags = В ответ на фото: отдельные слова о нём
menu-random = Несколько фото, которые я знаю
menu-map = Карта слов или фото
menu-settings = Сколько фото в ответе, звук, язык
menu-help = Что я умею
menu-privacy = Что происходит с твоими фото
menu-delete_me = Удалить твои настройки
menu-start = Поздороваться
menu-stats = Статистика для хозяина бота

## General

start =
    <b>Привет, я Kindred.</b>
    Пришли мне любое фото. Я опишу его по-английски и покажу похожие.

    Ещё мне можно писать. Или нажми на кнопку:
sample-word = мальчик
sample-analogy = мужчина:мужчины::женщина:?
sample-description = собака бежит
sample-pair = мальчик девочка
sample-sum = кошка + диван
sample-difference = корабль - парус
start-group =
    <b>Привет, я Kindred.</b>
    Ответь на фото командой <code>/caption@{ $bot }</code>, и я опишу его. Остальное — в /help@{ $bot }.
hello-group =
    <b>Привет, я Kindred.</b> Я отвечаю только на команды.
    Ответь на фото командой <code>/caption@{ $bot }</code>, и я опишу его. Остальное — в /help@{ $bot }.
help =
    <b>Пришли мне любое фото.</b> Я опишу его по-английски и покажу похожие. Файлы, стикеры, видео и альбомы тоже подойдут.
    Подпись под фото уточняет поиск: <code>собака</code> или <code>- трава + пляж</code>.

    <b>Или напиши мне:</b> что хочешь увидеть, одно слово или загадку из слов. Нажми на любой пример.

    В любом другом чате набери <code>@{ $bot }</code> и то, что ищешь.
    /settings /privacy
help-group =
    <b>Ответь на фото командой</b>
    • <code>/caption@{ $bot }</code> — описание
    • <code>/similar@{ $bot }</code> — похожие фото
    • <code>/tags@{ $bot }</code> — отдельные слова о нём
    • <code>/find@{ $bot } - трава</code> — похожие, но без травы

    <b>Или спроси меня</b>
    • <code>/find@{ $bot } собака бежит</code> — такие фото
    • <code>/similar@{ $bot } мальчик</code> — близкие слова
    • <code>/analogy@{ $bot } мужчина мужчины женщина</code> — загадка из слов
    • <code>/alike@{ $bot } мальчик девочка</code> — сравнить два слова

    Нажми на команду, чтобы скопировать её.
privacy =
    <b>Твои фото и слова остаются твоими.</b>
    Я держу фото в памяти, только пока отвечаю. Я никогда не записываю его на диск, не учусь на нём и никому его не передаю. То, что ты пишешь, я записываю, только пока не отвечу, чтобы ничего не потерялось при сбое; потом удаляю. Я не храню ни фотографий, ни сообщений, ни списка тех, кто мне пишет.

    <b>Что я храню:</b>
    • твой выбор в /settings вместе с твоим ID в Telegram, если там что-то изменено, — пока ты не выберешь /delete_me, не заблокируешь меня или пока не пройдёт год без твоих сообщений
    • сколько раз ответам ставили палец вверх или вниз: числа без имён — навсегда
    • под какими номерами Telegram хранит картинки из моей собственной галереи и мои карты, чтобы не отправлять их заново
    • сколько человек мне написало с момента запуска: одно число, только в памяти

    Telegram хранит нашу переписку, как и любую другую: удалить её можно там.
unknown-command = Я не знаю команду /{ $name }. Что я умею — в /help.
unknown-command-near = Я не знаю команду /{ $name }. Может быть, /{ $near }?
read-as = Понято как: { $text }
only-in-private = Это лучше сделать в нашем чате.
open-private-chat = Открыть наш чат
random-photos =
    { $size ->
        [1] Единственное фото, которое я знаю.
        [one] Несколько из { $size } фотографии, которые я знаю. Нажми на номер, чтобы увидеть похожие.
       *[other] Несколько из { $size } фотографий, которые я знаю. Нажми на номер, чтобы увидеть похожие.
    }
looking = Смотрю…
map-rendering = Рисую карту. В первый раз это займёт до минуты.
# What the argument of /map may be called: commas between the names.
map-argument-words = слово, слова, слов
map-argument-images = фото, фотографии, фотография, фоток, картинки, картинок, снимки
map-of-words = Мои слова. Похожие лежат рядом.
map-of-images = Мои фото. Похожие лежат рядом.

## Settings

settings =
    <b>Настройки</b>
    Сколько фото в ответе, звук, сходство словами или числом, язык:
settings-loud = Со звуком
settings-quiet = Без звука
settings-words = Очень похоже
settings-numbers = 0.87
settings-app-language = Как в Telegram
delete-me =
    <b>Удалить твои настройки?</b>
    Больше я о тебе ничего не храню. Подробнее — в /privacy.
delete-me-yes = Да, удалить
delete-me-no = Нет, оставить
delete-me-done = Готово. Я ничего о тебе не храню.
delete-me-nothing = Удалять нечего: я ничего о тебе не храню.
delete-me-kept = Хорошо, всё остаётся как есть.

## Inline mode: @bot and a description, in any chat

inline-button = Больше — в нашем чате
inline-query = «{ $query }»
inline-sure = очень подходит
inline-fits = подходит
inline-unsure = сомневаюсь

## Usage statistics: /stats, for the operator

stats = В работе { $uptime }
stats-uptime = { $days } д { $hours } ч { $minutes } мин
stats-people = Сколько человек написало: { $count }
stats-gallery =
    Галерея: { $name }, { $size ->
        [one] { $size } фотография
        [few] { $size } фотографии
       *[many] { $size } фотографий
    }
gallery-indexing =
    { $count ->
        [one] Индексируется ещё { $count } фотография: скоро её можно будет найти.
        [few] Индексируются ещё { $count } фотографии: скоро их можно будет найти.
       *[many] Индексируется ещё { $count } фотографий: скоро их можно будет найти.
    }
gallery-fetching = Flickr8K загружается: { $percent } %. Пока он загружен не полностью, поиск идёт по нескольким фотографиям для начала.
stats-requests = Запросы: с ответом — { $answered }, с ошибкой — { $failed }
stats-files = Фото, которые уже были у Telegram: { $hits } из { $all }
stats-columns = Вид, с ответом, с ошибкой, медиана и 95 % в секундах:
stats-votes = Пальцы: вверх — { $up }, вниз — { $down }

## Errors of the bot, by `EngineError.key`

nothing-to-read = Здесь нет слов. Попробуй, например, так:
too-long =
    Слишком длинно: { $length ->
        [one] { $length } символ
        [few] { $length } символа
       *[many] { $length } символов
    }. Уложись, пожалуйста, в { $limit }.
similar-of-what = Какое слово? Напиши его после /similar или попробуй так:
one-word-only = Одно слово, пожалуйста. Например:
alike-what = Какие два слова? Напиши их после /alike или попробуй так:
two-words-only = Два слова, пожалуйста. Например:
map-of-what = Какую карту показать?
caption-of-what = Пришли мне фото, и я опишу его.
tags-of-what = О каком фото? Ответь на него командой /tags.
analogy-of-what = Дай мне три слова, и я найду четвёртое. Например:
three-words-only = Для загадки нужны три слова. Например:
find-what = Что хочешь увидеть? Напиши это после /find или попробуй так:
file-too-large = Этот файл больше 20 МБ. Пришли, пожалуйста, фото поменьше.
refused = Прости, мне нельзя тебе отвечать. Спроси, пожалуйста, у того, кто меня запустил.
too-many-photos =
    Это было последнее фото на этот час. Пришли следующее, пожалуйста, через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }.

## Errors of the engine, by `EngineError.key`

busy = Сейчас много работы. Попробуй, пожалуйста, ещё раз через несколько секунд.
unreadable-photo = Не получается открыть это как картинку. Пришли, пожалуйста, фото в JPEG, PNG или WebP.
photo-too-wide = Это фото слишком большое: { $width } × { $height } пикселей. Пришли, пожалуйста, поменьше.
unknown-word = Я не знаю слова «{ $word }». Попробуй, пожалуйста, другое.
unknown-word-near = Я не знаю слова «{ $word }». Может быть, { $near }?
unknown-image = Этого фото у меня больше нет. Попробуй, пожалуйста, другое.
photos-away = Сейчас мне не добраться до фото моей галереи. Спроси, пожалуйста, ещё раз попозже.
unknown-words = Я не знаю этих слов. Попробуй попроще, например мяч или пляж.
unknown-script = Я читаю по-русски, по-английски, по-немецки, по-испански, по-французски, по-итальянски и по-португальски. Напиши несколько слов на одном из этих языков или пришли мне фото.
unknown-part = Я не знаю «{ $text }». Попробуй слова попроще, например мяч или пляж.
which-word = Какое слово? Например: мальчик
which-two-words = Какие два слова? Например: мальчик девочка
look-for-what = Что хочешь увидеть? Например: собака бежит по пляжу
change-what = Что изменить на фото? Например: - трава + пляж
nothing-beside-sign = Рядом со знаком чего-то не хватает. Например: кошка + диван
only-minus = А что ты хочешь увидеть? Например: корабль - парус
no-signs = Здесь можно только одно описание, без + и -.
focus-on-what = Что на фото? Например: собака
too-few-labels = Дай мне, пожалуйста, хотя бы два варианта на выбор, например: кошка, собака, лодка
too-many-labels =
    Это { $count ->
        [one] { $count } вариант
        [few] { $count } варианта
       *[many] { $count } вариантов
    }. Дай мне, пожалуйста, не больше { $limit }.
gallery-too-small =
    Для карты нужно не меньше { $fewest ->
        [one] { $fewest } фотографии
       *[other] { $fewest } фотографий
    }, а в моей галерее их { $count }.

## Other failures and limits

unsupported-message = Прости, с этим я ничего не могу сделать. Пришли фото, картинку файлом, стикер, видео или слова.
expired = Эта кнопка больше не работает. Спроси, пожалуйста, ещё раз.
busy-for = Всё пришло. Я отвечу по порядку, примерно за { $seconds } с.
queue-full = Это слишком много сразу. Дождись, пожалуйста, моих ответов и пришли остальное ещё раз.
retries-exhausted = Прости, даже после нескольких попыток не получается на это ответить. Пришли, пожалуйста, что-нибудь другое.
network-error = Что-то потерялось между Telegram и мной. Если не хватает ответа, спроси, пожалуйста, ещё раз.
internal-error = Прости, у меня что-то пошло не так. Попробуй, пожалуйста, ещё раз чуть позже.
photos-not-allowed = Мне нельзя отправлять сюда фото. Это может разрешить администратор группы.
store-unavailable = Сейчас я не могу ничего сохранить или удалить. Попробуй, пожалуйста, ещё раз через несколько минут.

## Words

words-near = Слова, близкие к <b>{ $word }</b>
analogy = { $a } относится к { $b } так же, как { $c } к <b>{ $best }</b>
runners-up = Тоже близко: { $words }
alike = <b>{ $a }</b> и <b>{ $b }</b>:
alike-very = очень похожи, ближе, чем { $share } из 100 случайных пар.
alike-quite = довольно похожи, ближе, чем { $share } из 100 случайных пар.
alike-little = не очень похожи: ближе, чем { $share } из 100 случайных пар.
alike-not = не похожи: ближе, чем { $share } из 100 случайных пар.
alike-same = Это одно и то же слово.
alike-score = Числом: { $score }. Чем больше число, тем больше сходство.
no-words = Слов для этого не нахожу.
not-sure-words = Здесь полной уверенности нет.
very-close = Очень похоже:
close = Похоже:
loosely-related = Отдалённо похоже:

## Photos

cannot-tell-tags = Трудно сказать. Вижу: { $words }.
cannot-tell = Трудно сказать, что это.
caption-unsure = Возможно, это:
recognised = Узнаю: { $names }
known-photo = Это фото я знаю: { $page }
photo-page = его страница
photo-matches = Больше всего похоже на твоё фото
photo-matches-focused = Как твоё фото, прежде всего вот это: <code>{ $words }</code>
photo-matches-changed = Как твоё фото, но <code>{ $words }</code>
search-results = <b>Фото по запросу</b> <code>{ $words }</code>
similar-images = <b>Похожие на выбранное фото</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Твоя { $count } фотография
        [few] Твои { $count } фотографии
       *[many] Твои { $count } фотографий
    }</b>
choose-photo = Нажми на номер, чтобы увидеть больше об этом фото.
best-matches = К каждому твоему фото — самое похожее
not-sure = Кажется, такого у меня нет. Самое близкое:
not-sure-photo = Кажется, ничего похожего у меня нет. Самое близкое:
near-duplicates =
    { $count ->
        [one] и ещё { $count } такая же
        [few] и ещё { $count } такие же
       *[many] и ещё { $count } таких же
    }
no-matches = Для этого у меня нет фото.
sources = Номер открывает страницу фото.
credit = Фото: { $name }.
credit-flickr8k = Фото: Flickr8K, права у авторов.
only-still = Виден только неподвижный кадр, без движения.
# Under a photo: why its words were not followed.
photo-unknown-words = Я не знаю слов под фото, поэтому смотрю на него целиком.
photo-problem-address = Ссылку под фото открыть не могу, поэтому смотрю на него целиком.
photo-problem-incomplete-analogy = Аналогия к фото не подходит, поэтому смотрю на него целиком.
photo-problem-no-description = Слова под фото непонятны, поэтому смотрю на него целиком.
not-a-picture = Это не картинка, которую можно посмотреть.
download-failed = Прости, это не получается скачать. Пришли, пожалуйста, ещё раз.
tags = <b>Слова о твоём фото</b>
why = { $caption } Светлым показано, где я вижу каждое слово.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Ещё похожие
button-next = Следующая страница
button-caption = Другое описание
button-why = Почему?
button-tags = Слова
button-pick = Похожие на…
button-close = Назад
button-random = Случайные фото
button-word-map = Карта слов
button-photo-map = Карта фото
button-photos-of = Фото: «{ $word }»
thanks-up = Спасибо, очень приятно!
thanks-down = Спасибо, это поможет.
thanks-back = Голос убран.

## What messages ask for

greeting = Привет! Пришли мне фото или напиши, что хочешь увидеть, например <i>собака бежит</i>.
thanks = Пожалуйста! Показать что-нибудь ещё?
goodbye = До свидания! Заходи ещё.
photo-for-caption = Пришли мне фото или ответь на него, и я его опишу.
# $written: a misspelt word. $read: the word it was taken for.
corrected = Читаю «{ $written }» как «{ $read }».
problem-address = Я не открываю ссылки. Напиши, что хочешь увидеть, например <i>собака бежит</i>.
problem-incomplete-analogy = Для аналогии нужны три слова, например: <i>мужчина относится к мужчинам как женщина к …?</i>
problem-only-negative = Понятно, чего не показывать. А что хочешь увидеть? Например: <i>пляж без людей</i>
problem-no-description = Я не понял. Напиши, что хочешь увидеть, например <i>собака бежит</i>, или пришли фото. Подробнее: /help.
