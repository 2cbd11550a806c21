"""Function words by language, folded (lower case, no accents). Data only.

Short on purpose: the closed classes (articles, pronouns, prepositions, conjunctions, auxiliaries, question words).
The lists in circulation reach 1,300 English words, among them "us", "million", "states" and "against", which are what
questions to a news archive turn on. A language without a list loses little: BM25 weighs common words low by itself.
"""

from __future__ import annotations

STOP_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "a an the this that these those some any each every either neither both all such other another same own "
        "i me my mine myself you your yours yourself yourselves he him his himself she her hers herself it its itself "
        "we our ours ourselves they them their theirs themselves one who whom whose which what where when why how "
        "and or but nor so yet if then else than as because while although though whether unless until "
        "of in on at by to from for with without into onto upon about above below over under between among "
        "during before after through across within up down out off again further once here there "
        "am is are was were be been being have has had having do does did doing done will would shall should can could "
        "may might must ought not no only just very too also even ever still "
        "s t d ll m re ve don didn doesn isn aren wasn weren hasn haven hadn won wouldn couldn shouldn many much",
        "fr": "le la les l un une des du de d au aux ce cet cette ces c ca cela ceci celui celle ceux celles "
        "je j tu il elle on nous vous ils elles me m te t se s lui leur leurs eux moi toi soi y en "
        "mon ma mes ton ta tes son sa ses notre nos votre vos "
        "qui que qu quoi dont ou quel quelle quels quelles lequel laquelle lesquels quand comment pourquoi combien "
        "et mais donc or ni car si comme puis ainsi alors lorsque puisque afin "
        "a dans par pour sur sous avec sans vers chez entre pendant depuis avant apres lors jusque jusqu "
        "suis es est sommes etes sont etait etaient etais etions fut furent ete etre etant sera seront serait seraient "
        "soit soient ai as avons avez ont avait avaient avais eu avoir ayant aura auront aurait auraient ait aient "
        "fait faire font ne n pas plus aussi meme tres tout toute tous toutes autre autres",
        "de": "der die das den dem des ein eine einer eines einem einen kein keine keiner keinen dieser diese dieses "
        "diesem diesen jener jene jenes ich mich mir du dich dir er ihn ihm sie ihr ihre ihrer ihrem ihren es wir uns "
        "unser euch man sich sein seine seiner seinem seinen mein meine dein deine "
        "wer wen wem wessen was welche welcher welches welchen wann warum wieso wie wo wohin woher wieviel wieviele "
        "und oder aber denn sondern doch wenn als ob weil dass da damit "
        "in im an am auf aus bei beim mit nach von vom vor zu zum zur uber unter um durch fur gegen ohne zwischen bis "
        "bin ist sind war waren wird werden wurde wurden worden hat habe haben hatte hatten sei kann konnen konnte "
        "soll sollen muss mussen nicht auch nur noch schon sehr so",
        "es": "el la lo los las un una unos unas este esta estos estas ese esa esos esas aquel aquella "
        "yo me mi mis tu te ti tus el ella ello nos nosotros vos vosotros ellos ellas se si su sus le les "
        "que quien quienes cual cuales cuando cuanto cuanta cuantos cuantas donde como por porque "
        "y e o u pero sino ni aunque a al de del en con sin sobre entre desde hasta para durante tras segun "
        "soy es son era eran fue fueron ser sido siendo sera esta estan estaba estado ha han habia habian haber hay "
        "he no tambien mas muy ya",
        "it": "il lo la i gli le l un uno una questo questa questi queste quello quella quelli quelle "
        "io mi me tu ti te lui lei egli ella ci noi vi voi loro si suo sua suoi sue mio mia tuo tua nostro vostro "
        "che chi cui quale quali quando quanto quanti quante dove come perche "
        "e ed o ma se anche di a da in con su per tra fra del dello della dei degli delle al allo alla ai agli alle "
        "dal dalla dai dalle nel nello nella nei nelle sul sulla sui sulle "
        "sono sei e siamo siete era erano fu furono essere stato stata ha hanno aveva avevano avere non piu molto",
        "pt": "o a os as um uma uns umas este esta estes estas esse essa isso isto aquele aquela "
        "eu me mim tu te ele ela nos vos eles elas se si lhe lhes seu sua seus suas meu minha "
        "que quem qual quais quando quanto quantos quantas onde como porque "
        "e ou mas nem se de do da dos das em no na nos nas por pelo pela para com sem sobre entre ate desde ao aos "
        "sou e sao era eram foi foram ser sido esta estao estava tem tinha ter ha nao tambem mais muito ja",
        "nl": "de het een deze dit die dat ik me mij mijn je jij jou jouw hij hem zijn zij ze haar hun wij we ons onze "
        "u wie wat welke welk wanneer waarom hoe waar hoeveel en of maar want als dan omdat dus "
        "in op aan bij met van voor naar over onder tussen door uit tot om te er "
        "ben is bent was waren wordt worden werd werden heeft hebben had hadden kan kunnen niet geen ook nog al",
    }.items()
}
