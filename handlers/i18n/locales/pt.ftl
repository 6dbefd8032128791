# Sentences of the bot in Brazilian Portuguese; they address the user informally (você). en.ftl documents the values.

language-name = Português

## Command menu: a few words each

menu-find = Buscar fotos do que você descrever
menu-similar = Palavras próximas de outra
menu-analogy = Resolver uma charada de palavras
menu-alike = Comparar duas palavras
menu-caption = Em resposta a uma foto: o que se vê nela
menu-tags = Em resposta a uma foto: palavras soltas
menu-random = Algumas das fotos que conheço
menu-map = Um mapa de palavras ou de fotos
menu-settings = Fotos por resposta, som, idioma
menu-help = O que sei fazer
menu-privacy = O que acontece com suas fotos
menu-delete_me = Apagar suas configurações
menu-start = Dizer olá
menu-stats = Uso, para quem mantém o bot

## General

start =
    <b>Olá, eu sou Kindred.</b>
    Envie qualquer foto. Eu a descrevo em inglês e mostro outras parecidas.

    Você também pode escrever para mim ou tocar em um botão:
sample-word = menino
sample-analogy = homem:homens::mulher:?
sample-description = um cachorro correndo
sample-pair = menino menina
sample-sum = gato + sofá
sample-difference = navio - vela
start-group =
    <b>Olá, eu sou Kindred.</b>
    Responda a uma foto com <code>/caption@{ $bot }</code> e eu a descrevo. O resto está em /help@{ $bot }.
hello-group =
    <b>Olá, eu sou Kindred.</b> Só respondo a comandos.
    Responda a uma foto com <code>/caption@{ $bot }</code> e eu a descrevo. O resto está em /help@{ $bot }.
help =
    <b>Envie qualquer foto.</b> Eu a descrevo em inglês e mostro outras parecidas. Arquivos, figurinhas, vídeos e álbuns também servem.
    Uma legenda orienta a busca: <code>o cachorro</code> ou <code>- grama + praia</code>.

    <b>Ou escreva para mim:</b> o que você quer ver, uma palavra ou uma charada de palavras. Toque em uma para experimentar.

    Em qualquer outra conversa, escreva <code>@{ $bot }</code> e o que você procura.
    /settings /privacy
help-group =
    <b>Responda a uma foto com</b>
    • <code>/caption@{ $bot }</code>: eu a descrevo
    • <code>/similar@{ $bot }</code>: fotos parecidas
    • <code>/tags@{ $bot }</code>: palavras soltas
    • <code>/find@{ $bot } - grama</code>: parecidas, mas sem grama

    <b>Ou me pergunte</b>
    • <code>/find@{ $bot } um cachorro correndo</code>: fotos assim
    • <code>/similar@{ $bot } menino</code>: palavras próximas
    • <code>/analogy@{ $bot } homem homens mulher</code>: uma charada de palavras
    • <code>/alike@{ $bot } menino menina</code>: comparar duas palavras

    Toque em um comando para copiá-lo.
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
unknown-command-near = Não conheço /{ $name }. Você quis dizer /{ $near }?
read-as = Lido como: { $text }
only-in-private = Melhor fazer isso na nossa conversa.
open-private-chat = Abrir nossa conversa
random-photos =
    { $size ->
        [one] A única foto que conheço.
       *[other] Algumas das { $size } fotos que conheço. Toque em um número para ver mais como ela.
    }
looking = Olhando…
map-rendering = Estou desenhando o mapa. Na primeira vez leva até um minuto.
# What the argument of /map may be called: commas between the names.
map-argument-words = palavra, palavras, as palavras
map-argument-images = foto, fotos, imagem, imagens, as fotos, as imagens
map-of-words = Minhas palavras. As parecidas ficam perto.
map-of-images = Minhas fotos. As parecidas ficam perto.

## Settings

settings =
    <b>Configurações</b>
    Fotos por resposta, som, semelhança em palavras ou números, idioma:
settings-loud = Com som
settings-quiet = Sem som
settings-words = Muito parecido
settings-numbers = 0.87
settings-app-language = Como meu app
delete-me =
    <b>Apagar suas configurações?</b>
    É tudo o que guardo sobre você. Em /privacy há mais.
delete-me-yes = Sim, apague
delete-me-no = Não, guarde
delete-me-done = Pronto. Não guardo mais nada sobre você.
delete-me-nothing = Não havia nada para apagar: não guardo nada sobre você.
delete-me-kept = Tudo bem, nada mudou.

## Inline mode: @bot and a description, in any chat

inline-button = Mais na nossa conversa
inline-query = “{ $query }”
inline-sure = combina bem
inline-fits = combina
inline-unsure = não é certo

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

nothing-to-read = Não vejo palavras aí. Tente uma destas:
too-long = É longo demais: { $length } caracteres. Use no máximo { $limit }, por favor.
similar-of-what = Que palavra? Escreva depois de /similar ou tente esta:
one-word-only = Uma só palavra, por favor. Por exemplo:
alike-what = Que duas palavras? Escreva depois de /alike ou tente estas:
two-words-only = Duas palavras, por favor. Por exemplo:
map-of-what = Que mapa você quer ver?
caption-of-what = Envie uma foto e eu a descrevo.
tags-of-what = Que foto? Responda a uma com /tags.
analogy-of-what = Diga três palavras e eu encontro a quarta. Por exemplo:
three-words-only = Uma charada precisa de três palavras. Por exemplo:
find-what = O que você quer ver? Escreva depois de /find ou tente estas:
file-too-large = Esse arquivo tem mais de 20 MB. Envie uma foto menor, por favor.
refused = Desculpe, não posso responder a você. Pergunte a quem mantém este bot, por favor.
too-many-photos =
    Essa foi sua última foto desta hora. Envie a próxima daqui a { $minutes ->
        [one] um minuto
       *[other] { $minutes } minutos
    }, por favor.

## Errors of the engine, by `EngineError.key`

busy = Estou com muito trabalho agora. Tente de novo em alguns segundos, por favor.
unreadable-photo = Não consigo abrir isso como imagem. Envie uma foto JPEG, PNG ou WebP, por favor.
photo-too-wide = Essa foto é grande demais: { $width } × { $height } pixels. Envie uma menor, por favor.
unknown-word = Não conheço a palavra “{ $word }”. Tente outra, por favor.
unknown-word-near = Não conheço a palavra “{ $word }”. Você quis dizer { $near }?
unknown-image = Não tenho mais essa foto. Tente outra, por favor.
photos-away = No momento não consigo acessar as fotos da minha galeria. Pergunte de novo mais tarde, por favor.
unknown-words = Não conheço essas palavras. Tente outras mais simples, como cachorro ou praia.
unknown-script = Leio português, inglês, alemão, espanhol, francês, italiano e russo. Escreva algumas palavras em um desses idiomas ou me mande uma foto.
unknown-part = Não conheço “{ $text }”. Tente palavras mais simples, como cachorro ou praia.
which-word = Que palavra? Por exemplo: menino
which-two-words = Que duas palavras? Por exemplo: menino menina
look-for-what = O que você quer ver? Por exemplo: um cachorro correndo na praia
change-what = O que deve mudar na foto? Por exemplo: - grama + praia
nothing-beside-sign = Falta algo ao lado de um sinal. Por exemplo: gato + sofá
only-minus = E o que você quer ver? Por exemplo: navio - vela
no-signs = Aqui, uma só descrição, por favor, sem + nem -.
focus-on-what = O que na foto? Por exemplo: o cachorro
too-few-labels = Dê pelo menos dois rótulos para eu escolher, por exemplo: gato, cachorro, barco
too-many-labels = São { $count } rótulos. Dê no máximo { $limit }, por favor.
gallery-too-small =
    Um mapa precisa de pelo menos { $fewest ->
        [one] { $fewest } foto
       *[other] { $fewest } fotos
    }, e a minha galeria tem { $count }.

## Other failures and limits

unsupported-message = Desculpe, não consigo usar isso. Envie uma foto, um arquivo de imagem, uma figurinha, um vídeo ou palavras.
expired = Este botão não funciona mais. Pergunte de novo, por favor.
busy-for =
    Recebi tudo. Respondo em ordem, em { $seconds ->
        [one] um segundo
       *[other] uns { $seconds } segundos
    }.
queue-full = É demais de uma vez. Espere minhas respostas, por favor, e depois envie o resto de novo.
retries-exhausted = Desculpe, tentei várias vezes e não consigo responder a isto. Envie outra coisa, por favor.
network-error = Algo se perdeu entre o Telegram e mim. Se faltar uma resposta, pergunte de novo, por favor.
internal-error = Desculpe, algo deu errado do meu lado. Tente de novo daqui a pouco, por favor.
photos-not-allowed = Não tenho permissão para enviar fotos aqui. Um administrador deste grupo pode concedê-la.
store-unavailable = Não consigo guardar nem apagar nada agora. Tente de novo daqui a alguns minutos, por favor.

## Words

words-near = Palavras próximas de <b>{ $word }</b>
analogy = { $a } está para { $b } como { $c } está para <b>{ $best }</b>
runners-up = Também próximas: { $words }
alike = <b>{ $a }</b> e <b>{ $b }</b>:
alike-very = muito parecidas, mais que { $share } de 100 pares ao acaso.
alike-quite = bem parecidas, mais que { $share } de 100 pares ao acaso.
alike-little = não muito parecidas: mais que { $share } de 100 pares ao acaso.
alike-not = não são parecidas: mais que { $share } de 100 pares ao acaso.
alike-same = É a mesma palavra.
alike-score = Em números: { $score }. Quanto maior, mais parecidas.
no-words = Não encontrei palavras para isso.
not-sure-words = Aqui tenho dúvidas.
very-close = Muito parecido:
close = Parecido:
loosely-related = Um pouco parecido:

## Photos

cannot-tell-tags = Não sei dizer. Vejo { $words }.
cannot-tell = Não sei dizer o que é isto.
caption-unsure = Pode ser isto:
recognised = Reconheço: { $names }
known-photo = Esta eu conheço: { $page }
photo-page = a página dela
photo-matches = As mais parecidas com sua foto
photo-matches-focused = Como sua foto, principalmente em <code>{ $words }</code>
photo-matches-changed = Como sua foto, mas <code>{ $words }</code>
search-results = <b>Fotos de</b> <code>{ $words }</code>
similar-images = <b>Parecidas com a foto que você escolheu</b>
page = {" "}({ $first }–{ $last })
your-photos =
    <b>{ $count ->
        [one] Sua foto
       *[other] Suas { $count } fotos
    }</b>
choose-photo = Toque em um número para ver mais sobre essa foto.
best-matches = A mais parecida com cada uma das suas fotos
not-sure = Acho que não tenho isso. O mais próximo:
not-sure-photo = Acho que não tenho nada parecido. O mais próximo:
near-duplicates =
    { $count ->
        [one] e mais uma quase igual
       *[other] e mais { $count } quase iguais
    }
no-matches = Não tenho fotos para isso.
sources = Cada número abre a página da foto.
credit = Fotos: { $name }.
credit-flickr8k = Fotos: Flickr8K, dos seus autores.
only-still = Só vi a imagem parada, nada que se mexa.
# Under a photo: why its words were not followed.
photo-unknown-words = Não conheço as palavras embaixo, então olhei a foto inteira.
photo-problem-address = Não posso abrir o link embaixo, então olhei a foto inteira.
photo-problem-incomplete-analogy = Uma analogia não combina com uma foto, então olhei a foto inteira.
photo-problem-no-description = Não entendi as palavras embaixo, então olhei a foto inteira.
not-a-picture = Isto não é uma imagem que eu possa olhar.
download-failed = Desculpe, não consegui baixar esta. Envie de novo, por favor.
tags = <b>Palavras para sua foto</b>
why = { $caption } A parte clara mostra onde eu vi cada palavra.

## Buttons: at most 20 letters, as two share a row of a phone

button-more = Mais assim
button-next = Próxima página
button-caption = Outra descrição
button-why = Por quê?
button-tags = Palavras
button-pick = Mais como…
button-close = Voltar
button-random = Fotos ao acaso
button-word-map = Mapa de palavras
button-photo-map = Mapa de fotos
button-photos-of = Fotos de “{ $word }”
thanks-up = Que bom, agradeço!
thanks-down = Agradeço, isso ajuda.
thanks-back = Voto retirado.

## What messages ask for

greeting = Olá! Envie-me uma foto ou escreva o que gostaria de ver, por exemplo <i>um cachorro correndo</i>.
thanks = De nada! Quer ver mais alguma coisa?
goodbye = Tchau! Volte quando quiser.
photo-for-caption = Envie-me a foto ou responda a ela, e eu a descrevo.
# $written: a misspelt word. $read: the word it was taken for.
corrected = Li { $written } como { $read }.
problem-address = Não posso abrir links. Escreva o que gostaria de ver, por exemplo <i>um cachorro correndo</i>.
problem-incomplete-analogy = Uma analogia precisa de três palavras, por exemplo: <i>homem está para homens como mulher está para …?</i>
problem-only-negative = Você disse o que deixar de fora. O que gostaria de ver? Por exemplo: <i>uma praia sem pessoas</i>
problem-no-description = Não entendi. Escreva o que gostaria de ver, por exemplo <i>um cachorro correndo</i>, ou envie-me uma foto. Mais em /help.
