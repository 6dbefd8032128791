# Sentences of the bot in Brazilian Portuguese; they address the user informally (você). en.ftl documents the values.

language-name = Português

## Command menu: a few words each

menu-find = Buscar fotos: /find um cachorro correndo
menu-similar = Palavras próximas: /similar menino
menu-analogy = Resolver uma charada: /analogy homem homens mulher
menu-alike = Quanto duas palavras se parecem? /alike menino menina
menu-caption = Em resposta a uma foto: o que se vê nela
menu-tags = Em resposta a uma foto: palavras soltas
menu-random = Algumas das fotos que conheço
menu-map = Como as palavras ou as fotos se agrupam: /map palavras
menu-settings = Fotos por resposta, som, idioma
menu-help = O que sei fazer
menu-privacy = O que acontece com suas fotos
menu-delete_me = Esquecer suas configurações
menu-start = Dizer olá
menu-stats = Números para quem mantém o bot

## General

start =
    <b>Olá, eu sou Kindred.</b>
    Envie uma foto: eu digo em inglês o que vejo e mostro as fotos mais parecidas que conheço.

    Também entendo um pouco de palavras. Escreva uma palavra, uma charada ou o que você gostaria de ver, ou toque em um botão:
sample-word = menino
sample-analogy = homem:homens::mulher:?
sample-description = um cachorro correndo
start-group =
    <b>Olá, eu sou Kindred.</b>
    Responda a uma foto com /caption@{ $bot } e eu digo o que se vê nela; com /similar@{ $bot } e eu mostro fotos parecidas. O resto está em /help@{ $bot }.
hello-group =
    <b>Olá, eu sou Kindred.</b> Só falo quando me perguntam.
    Responda a uma foto com /caption@{ $bot } e eu digo o que se vê nela. O que mais sei fazer está em /help@{ $bot }.
help =
    <b>Envie uma foto</b> e eu digo em inglês o que vejo e mostro outras parecidas. As palavras escritas embaixo dizem o que olhar: <i>o cachorro</i> ou <i>- grama + praia</i>. Arquivos, figurinhas, vídeos e álbuns inteiros também servem.

    <b>Escreva para mim:</b>
    • uma palavra, como <i>menino</i>: eu dou palavras próximas. /similar menino faz o mesmo.
    • uma charada, como <i>homem:homens::mulher:?</i>: eu completo a última palavra. /analogy homem homens mulher faz o mesmo.
    • uma descrição, como <i>um cachorro correndo</i>: eu busco fotos assim. /find um cachorro correndo faz o mesmo.
    • /find gato + sofá busca os dois na mesma foto, /find navio - vela deixa algo de fora.
    • /alike menino menina diz quanto duas palavras se parecem.

    <b>Responda a uma foto com</b>
    • /caption: o que se vê nela; /tags: palavras soltas
    • /similar: fotos parecidas; /find - grama: parecidas, mas sem a grama

    /random mostra algumas das fotos que conheço; /map palavras e /map fotos, como elas se agrupam. Em qualquer outra conversa, escreva @{ $bot } e o que você procura.

    Os números dizem o quanto duas coisas são próximas: 1.00 é a mesma coisa, 0.00 não tem nada a ver.

    /settings: quantas fotos, som, idioma
    /privacy: o que acontece com suas fotos
help-group =
    Só falo quando me perguntam: com um comando, pelo meu nome ou em resposta a algo que eu disse.

    <b>Responda a uma foto com</b>
    • /caption@{ $bot }: o que se vê nela; /tags@{ $bot }: palavras soltas
    • /similar@{ $bot }: fotos parecidas; /find@{ $bot } - grama: parecidas, mas sem a grama

    <b>Ou me pergunte</b>
    • /find@{ $bot } um cachorro correndo: fotos assim
    • /similar@{ $bot } menino: palavras próximas
    • /analogy@{ $bot } homem homens mulher: a última palavra de uma charada
    • /alike@{ $bot } menino menina: quanto duas palavras se parecem
privacy =
    <b>Suas fotos e suas palavras continuam sendo suas.</b>
    Guardo uma foto na memória só enquanto respondo. Nunca a gravo em um disco, nunca aprendo com ela e nunca a passo adiante. O que você escreve eu anoto só até responder, para que não se perca se eu parar; depois apago. Não guardo fotos, nem mensagens, nem uma lista de quem me escreveu.

    <b>O que eu guardo:</b>
    • o que você escolheu em /settings, junto com seu ID do Telegram, se você mudou algo ali: até você escolher /delete_me, me bloquear ou ficar um ano sem me escrever
    • quantas vezes as respostas receberam um polegar para cima ou para baixo: números, sem nomes, para sempre
    • com que números o Telegram guarda imagens da minha própria galeria e meus mapas, para eu não precisar enviar tudo de novo
    • quantas pessoas me escreveram desde que comecei a funcionar: um único número, só na memória

    O Telegram guarda nossa conversa, como todas as outras: você pode apagá-la lá.
unknown-command = Não conheço /{ $name }. Em /help está o que sei fazer.
unknown-command-near = Não conheço /{ $name }. Você quis dizer /{ $near }? Em /help está o que sei fazer.
read-as = Eu li assim: { $text }
only-in-private = Isso fica entre nós: o botão leva você à nossa conversa.
open-private-chat = Abrir nossa conversa
random-photos =
    { $size ->
        [one] A única foto que conheço ({ $name })
       *[other] Algumas das { $size } fotos que conheço ({ $name })
    }
map-rendering = Estou desenhando o mapa. Leva até um minuto, mas só na primeira vez.
map-of-words = As palavras das minhas descrições: as que me parecem próximas ficam juntas.
map-of-images = Fotos que conheço: as que me parecem próximas ficam juntas.

## Settings

settings =
    <b>Configurações</b>
    Quantas fotos uma resposta deve mostrar? Com ou sem som? Em que idioma?
settings-loud = Com som
settings-quiet = Sem som
settings-app-language = Como meu app
delete-me =
    <b>Quer que eu esqueça o que você escolheu em /settings?</b>
    É tudo o que guardo sobre você. Em /privacy há mais.
delete-me-yes = Sim, esqueça
delete-me-no = Não, guarde
delete-me-done = Pronto. Suas escolhas foram apagadas; não guardo mais nada sobre você.
delete-me-nothing = Não havia nada para apagar: não guardo nada sobre você.
delete-me-kept = Tudo bem, fica tudo como está.

## Inline mode: @bot and a description, in any chat

inline-button = Mais na nossa conversa
inline-query = “{ $query }”
inline-sure = combina bem
inline-fits = combina
inline-unsure = tenho dúvidas

## Usage statistics: /stats, for the operator

stats = No ar há { $uptime }
stats-uptime = { $days } d { $hours } h { $minutes } min
stats-people = Pessoas que escreveram: { $count }
stats-gallery =
    Galeria: { $name }, { $size ->
        [one] { $size } foto
       *[other] { $size } fotos
    }
gallery-indexing =
    { $count ->
        [one] Mais { $count } foto está sendo indexada e logo poderá ser encontrada.
       *[other] Mais { $count } fotos estão sendo indexadas e logo poderão ser encontradas.
    }
gallery-fetching = O Flickr8K está sendo baixado: { $percent }%. Até ficar completo, procuro em algumas fotos de exemplo.
stats-requests = Pedidos: { $answered } com resposta, { $failed } com erro
stats-files = Fotos que o Telegram já tinha: { $hits } de { $all }
stats-columns = Tipo, com resposta, com erro, mediana e 95 % em segundos:
stats-votes = Polegares: { $up } para cima, { $down } para baixo

## Errors of the bot, by `EngineError.key`

nothing-to-read = Não encontrei nenhuma palavra aí. Tente “menino” ou “um cachorro correndo”.
too-long = São { $length } caracteres, longo demais para mim. Use no máximo { $limit }, por favor: uma frase é o ideal.
similar-of-what = De que palavra devo buscar as próximas? Por exemplo: /similar menino
one-word-only = Só posso buscar uma palavra de cada vez, como /similar menino. Para várias palavras, tente /find um cachorro correndo.
alike-what = Que duas palavras devo comparar? Por exemplo: /alike menino menina
two-words-only = Só posso comparar duas palavras de cada vez, como /alike menino menina.
map-of-what = Que mapa devo mostrar? /map palavras ou /map fotos.
caption-of-what = Responda a uma foto com /caption e eu digo o que se vê nela. Ou envie uma.
tags-of-what = Responda a uma foto com /tags e eu dou nome ao que há nela.
analogy-of-what = Diga três palavras e eu encontro a quarta. Por exemplo: /analogy homem homens mulher
three-words-only = Uma charada precisa de três palavras, como /analogy homem homens mulher: homem está para homens como mulher está para…?
find-what = O que devo buscar? Por exemplo: /find um cachorro correndo
file-too-large = Esse arquivo tem mais de 20 MB. Envie uma foto menor, por favor.
refused = Desculpe, não posso responder a você: quem me administra decide com quem eu falo. Se for um engano, pergunte lá, por favor.
too-many-photos =
    Isso é tudo o que posso olhar para você em uma hora. Envie a próxima foto daqui a { $minutes ->
        [one] um minuto
       *[other] { $minutes } minutos
    }, por favor.

## Errors of the engine, by `EngineError.key`

busy = Estou com as mãos cheias agora. Tente de novo em alguns segundos, por favor.
photos-away = No momento não consigo acessar as fotos da minha galeria. Pergunte de novo mais tarde, por favor.
unreadable-photo = Não consegui ler isso como imagem. Envie uma foto JPEG, PNG ou WebP, por favor.
photo-too-wide = Essa foto tem { $width } × { $height } pixels, mais do que consigo abrir. Envie uma menor, por favor.
unknown-word = Não conheço a palavra “{ $word }”. Tente outra, por favor.
unknown-word-near = Não conheço a palavra “{ $word }”. Você quis dizer { $near }?
unknown-image = Essa foto não está na minha galeria. Peça outra, por favor.
unknown-words = Não conheço nenhuma dessas palavras. Use outras, por favor, de preferência em inglês.
unknown-part = Não conheço nenhuma das palavras de “{ $text }”. Use outras, por favor, de preferência em inglês.
which-word = Próximas de que palavra? Por exemplo: menino
which-two-words = Que duas palavras devo comparar? Por exemplo: menino menina
look-for-what = O que devo buscar? Diga em poucas palavras, por exemplo: um cachorro correndo na praia
change-what = O que devo acrescentar à foto ou tirar dela? Diga em poucas palavras, por exemplo: - grama + praia
nothing-beside-sign = Não há nada ao lado de um dos sinais. Ali vão palavras, por exemplo: gato + sofá
only-minus = O sinal de menos diz o que deixar de fora. Diga também o que buscar, por exemplo: navio - vela
no-signs = Assim só posso buscar uma descrição de cada vez, sem + nem -.
focus-on-what = O que devo olhar na foto? Diga em poucas palavras, por exemplo: o cachorro
too-few-labels = Dê pelo menos dois rótulos para eu escolher, por exemplo: gato, cachorro, barco
too-many-labels = São { $count } rótulos. Dê no máximo { $limit }, por favor.
gallery-too-small =
    Um mapa precisa de pelo menos { $fewest ->
        [one] { $fewest } foto
       *[other] { $fewest } fotos
    }, e a minha galeria tem { $count }.

## Other failures and limits

unsupported-message = Não consigo fazer nada com isso, desculpe. Entendo fotos, imagens enviadas como arquivo, figurinhas, vídeos e palavras.
expired = Este botão expirou. Pergunte de novo e você recebe outros.
busy-for =
    Estou com as mãos cheias com o que você me enviou. Nada se perde: respondo a tudo em ordem, o que leva { $seconds ->
        [one] um segundo
       *[other] uns { $seconds } segundos
    }.
queue-full = Isso é mais do que consigo guardar de uma vez. Espere minhas respostas, por favor, e depois me envie de novo o que veio em seguida.
retries-exhausted = Tentei várias vezes e não consigo responder a isto, desculpe. Envie outra coisa, por favor.
network-error = Algo se perdeu no caminho entre o Telegram e mim. Se faltar uma resposta, pergunte de novo, por favor.
internal-error = Algo deu errado do meu lado, desculpe. Tente de novo daqui a pouco, por favor.

## Words

words-near = Palavras próximas de <b>{ $word }</b>
analogy = { $a } está para { $b } como { $c } está para <b>{ $best }</b>
alike = <b>{ $a }</b> e <b>{ $b }</b>: <b>{ $score }</b>
alike-very = Muito parecidas: mais que { $share } de cada 100 pares de palavras.
alike-quite = Bem parecidas: mais que { $share } de cada 100 pares de palavras.
alike-little = Um pouco parecidas: mais que { $share } de cada 100 pares de palavras.
alike-not = Não se parecem: só superam { $share } de cada 100 pares de palavras.
alike-same = É a mesma palavra.
no-words = Não encontrei palavras para isso.
hint-after-words =
    <i>Prefere fotos? /find { $query }
    Uma charada? homem:homens::mulher:?</i>
hint-after-analogy = <i>Com uma só palavra, como “menino”, eu dou palavras próximas; com “um cachorro correndo”, busco fotos.</i>
not-sure = <i>Aqui tenho dúvidas: é o mais próximo que encontrei.</i>

## Photos

no-caption = algo para o qual não tenho palavras
caption-unsure = Tenho dúvidas, mas pode ser:
line-unsure = Talvez: { $caption }
photo-matches = <b>As mais parecidas com sua foto</b>
photo-matches-focused = <b>As mais parecidas com sua foto,</b> principalmente em <code>{ $words }</code>
photo-matches-changed = <b>Como sua foto,</b> mas <code>{ $words }</code>
search-results = <b>Fotos para</b> <code>{ $words }</code>
similar-images = <b>As mais parecidas com a foto que você escolheu</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Sua foto
       *[other] Suas { $count } fotos
    }</b>
best-matches = <b>A mais próxima que conheço de cada uma das suas fotos</b>
no-matches = Não conheço fotos para mostrar aqui.
near-duplicates =
    { $count ->
        [one] e mais uma quase igual
       *[other] e mais { $count } quase iguais
    }
sources = <i>Na ordem das fotos; cada número leva ao lugar de onde a foto vem.</i>
credit =
    Galeria: { $name }, { $size ->
        [one] { $size } foto
       *[other] { $size } fotos
    }. { $credit }
hint-after-find = <i>Com uma só palavra, como “menino”, eu dou palavras próximas; homem:homens::mulher:? é uma charada para mim.</i>
only-still = Vi só a imagem parada, nada que se mexa.
words-unknown = Não conheço nenhuma das palavras escritas embaixo, então olhei a foto inteira.
not-a-picture = Isto não é uma imagem que eu possa olhar.
download-failed = Não consegui baixar esta, desculpe. Envie de novo, por favor.
tags = <b>Palavras soltas para sua foto</b>
why = { $caption } A imagem mostra, para cada palavra, onde eu a vi: ali sua foto continua clara.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Mais assim
button-next = Próxima página
button-caption = Outra descrição
button-why = Por quê?
button-tags = Palavras
button-pick = Mais como…
button-close = Voltar
thanks-up = Que bom, fico feliz!
thanks-down = Agradeço, isso ajuda.
