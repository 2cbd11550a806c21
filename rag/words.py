"""Word tables for English and French: single words as written, phrases without accents. Data only.

The check reads them all; rag/times.py reads the months and numbers too, rag/answertype.py the months.

Closed classes in full; of open ones, the general vocabulary of reports: what a model writes for what it has read. A
group of SYNONYMS holds words that may stand for each other in any report; its opposites are in another group or none.
"""

from __future__ import annotations


def _table(text: str) -> dict[str, str]:
    """Read lines of "key: words"; in a phrase, underscores stand between the words and # for a number."""
    lines = (line.partition(":") for line in text.strip().splitlines())
    return {word.replace("_", " "): key.strip() for key, _, words in lines for word in words.replace(",", " ").split()}


# Word or phrase -> "kind" or "kind key". A prefix tells the kind:
#   !  changes its clause (negation, modality, condition)   ~  changes the next word (quantity, restriction)
#   >  preposition   +  opens a clause   ?  opens a relative clause   =  to be, to have   *  pronoun   .  nothing
#   @  names who says it   #  a word
FUNCTION_WORDS = {
    "en": _table(
        """
        !not: not no never none nobody nothing neither nor
        !may: may might could perhaps possibly, could_possibly
        !can: can able
        !must: must, has_to, have_to, had_to, is_required_to, are_required_to, is_obliged_to, are_obliged_to
        !mustnot: must_not, may_not, shall_not, can_not, is_not_allowed_to, are_not_allowed_to
        !mustnot: is_not_permitted_to, are_not_permitted_to, is_prohibited_from, is_forbidden_to, is_not_allowed
        !must: shall
        !should: should, ought_to
        !will: will ll, is_going_to, are_going_to
        !would: would
        !due: is_due_to, are_due_to, was_due_to, were_due_to, is_scheduled_to, are_scheduled_to, was_scheduled_to
        !due: is_set_to, are_set_to, is_planned_to, are_planned_to
        !likely: likely probably reportedly allegedly
        !fail: fail fails failed
        +if: if provided
        +unless: unless, except_if
        +otherwise: otherwise, or_else
        ~only: only solely exclusively just merely
        ~mainly: mainly mostly chiefly primarily largely
        ~most: most, the_majority_of, a_majority_of
        ~few: few
        ~some: some several certain
        ~about: some_# about around roughly approximately nearly almost
        ~partly: partly partially
        ~all: all every entire whole both always
        ~exactly: exactly precisely
        ~atleast: at_least, no_less_than, no_fewer_than, not_less_than, a_minimum_of
        ~atmost: at_most, no_more_than, not_more_than, up_to, a_maximum_of
        ~morethan: more_than, over_#, greater_than, above_#
        ~lessthan: less_than, fewer_than, under_#, below_#
        ~first: first
        ~former: former ex-
        ~alleged: alleged suspected attempted potential possible
        >in: in at on within inside, on_board
        >of: of
        >by: by via through
        >to: to into towards, in_order_to
        >from: from, out_of
        >with: with
        >without: without
        >for: for
        >against: against
        >before: before, prior_to, ahead_of
        >after: after following
        >since: since
        >until: until till
        >during: during, in_the_course_of, throughout
        >between: between among
        >under: under
        >near: near, close_to
        >over: over above upon
        >below: below
        >about: concerning regarding
        >off: off
        >as: as like
        >than: than
        >compared: compared_with, compared_to, in_comparison_with
        >through: across
        +cause: because, because_of, due_to, owing_to, as_a_result_of, thanks_to, on_account_of, caused_by
        +when: when, as_soon_as
        +despite: despite although though, in_spite_of, even_though
        +and: and or
        +but: but while whereas so
        ?: which who whom whose that where
        =: has have had having do does did
        =be: is are was were be been being am
        #abandon: give_up, gives_up, gave_up, given_up, giving_up
        #resign: step_down, steps_down, stepped_down
        #peryear: a_year, per_year, each_year, every_year, annually
        #perday: a_day, per_day, each_day, every_day, daily
        #permonth: a_month, per_month, each_month, monthly
        *: it he she they
        @by: according_to, in_the_view_of, in_the_words_of, in_the_opinion_of
        .: the a an this these those such there here s t d m re ve and/or him them we us you i me its
        .: his her their our your my itself themselves himself herself also then too very even still again however
        .: per additionally moreover furthermore meanwhile each any own, a_total_of, as_well, in_addition
        """
    ),
    "fr": _table(
        """
        !not: ne pas jamais aucun aucune rien ni nul nulle
        !may: peut peuvent pourrait pourraient peut-etre, peut_etre
        !must: doit doivent, est_tenu_de, est_oblige_de, sont_tenus_de
        !should: devrait devraient
        !mustnot: n_a_pas_le_droit_de, n_ont_pas_le_droit_de, il_est_interdit_de, ne_peut_pas, ne_peuvent_pas
        !mustnot: ne_doit_pas, ne_doivent_pas
        !will: va vont, est_prevu, devra devront
        !likely: probablement vraisemblablement
        +if: si
        +unless: sauf, a_moins_que, a_moins_de, excepté
        ~only: seulement uniquement seul seule seuls seules exclusivement
        ~mainly: principalement surtout essentiellement
        ~most: plupart, la_plupart_des, une_majorite_de, la_majorite_des, la_majorite_de
        ~some: quelques certains certaines plusieurs
        ~about: environ quelque, a_peu_pres, autour_de_#
        ~about: pres_de_#
        ~partly: partiellement
        ~all: tous toutes tout toute chaque toujours
        ~exactly: exactement précisément
        ~atleast: au_moins
        ~atmost: au_plus, au_maximum
        ~morethan: plus_de, plus_d, de_plus_de, superieur_a
        ~lessthan: moins_de, moins_d, de_moins_de, inferieur_a
        ~former: ancien ancienne anciens anciennes
        ~alleged: présumé présumée présumés supposé supposée éventuel éventuelle
        >in: à au aux en dans sur, au_sein_de
        >of: de du des d
        >by: par
        >for: pour
        >with: avec
        >without: sans
        >against: contre
        >before: avant
        >after: après, a_la_suite_de, a_l_issue_de
        >since: depuis, a_partir_de, a_compter_de
        >until: jusque jusqu, d_ici, d_ici_a
        >during: pendant durant, lors_de, lors_d, au_cours_de
        >between: entre
        >under: sous
        >near: près vers, a_proximite_de, aupres_de, pres_de
        >compared: par_rapport_a, par_rapport_au, compare_a
        +cause: parce, parce_que, parce_qu, a_cause_de, a_cause_d, en_raison_de, en_raison_d, grace_a, du_fait_de
        +cause: puisque car, du_fait_d
        +when: when, as_soon_as
        +when: lorsque lorsqu quand
        +despite: malgré, bien_que
        +and: et ou
        +but: mais donc, tandis_que, tandis_qu, alors_que, alors_qu
        ?: qui dont que qu lequel laquelle lesquels
        =be: est sont était étaient fut furent été être étant
        =be: sera seront serait seraient
        =: aura auront aurait auraient a ai as avons ont avait avaient eu avoir ayant soit faire
        #peryear: par_an
        #perday: par_jour
        #permonth: par_mois
        *: il elle ils elles
        @by: selon, d_apres, aux_yeux_de, de_l_avis_de
        .: le la les l un une ce cet cette ces c cela celui celle ceux celles on nous vous je tu y se s
        .: m t lui leur leurs son sa ses notre nos votre vos n aussi ainsi alors puis également même très or où
        """
    ),
}

# To say: who is quoted. The weak ones are other words too, and quote somebody only before "that". The check compares
# their stems; rag.voice, which finds a speaker by the forms that stand beside one, has a list of those.
SAYING = {
    "en": "say says said state states stated announce announces announced claim claims claimed argue argues argued "
    "believe believes believed think thinks thought declare declares declared insist insists insisted "
    "explain explains explained tell tells told inform informs informed maintain maintains maintained assert asserts "
    "asserted warn warns warned",
    "fr": "dit affirme affirment declare declarent annonce annoncent indique indiquent estime estiment assure assurent "
    "soutient soutiennent pretend pretendent precise precisent explique expliquent previent avertit",
}
WEAK_SAYING = {
    "en": "report reports reported suggest suggests suggested write writes wrote find finds found show shows showed "
    "conclude concludes concluded indicate indicates indicated reveal reveals revealed estimate estimates estimated "
    "confirm confirms confirmed note notes noted add adds added rule rules ruled",
    "fr": "juge jugent ajoute ajoutent rapporte rapportent ecrit conclut montre revele souligne soulignent confirme",
}

# One group a line; the irregular forms are listed, the regular ones share their stem.
SYNONYMS = {
    "en": """
        buy bought purchase acquire acquisition takeover
        sell sold sale
        rise rose risen raise increase grow grew grown growth climb hike
        fall fell fallen decrease drop decline lower reduce cut lessen diminish reduction
        begin began begun start
        end finish conclude
        stop halt cease
        build built construct
        die died kill killed dead
        postpone delay defer
        dismiss reject refuse rejection refusal
        accept agree agreed acceptance
        approve pass adopt approval
        plan intend intention
        need require
        receive get got
        use consume consumption
        spend spent invest
        feed eat ate fed
        make made produce
        rise rose originate
        leave left
        lead led head
        ask request
        eliminate cut axe
        forbid prohibit ban
        try attempt
        show showed shown demonstrate
        vote ballot
        give gave given
        take took taken
        find found
        write wrote written
        choose chose chosen select
        send sent
        see saw seen
        know knew known
        bring brought
        pay paid payment
        lose lost loss
        win won
        speak spoke spoken talk
        meet met meeting
        break broke broken
        go went gone
        come came arrive arrival
        hide hid hidden conceal
        steal stole stolen
        help assist aid
        keep kept retain
        think thought believe
        occur happen place
        scheduled due expected planned
        electricity power
        firm company business
        predecessor previous earlier
        car automobile
        house home
        town city
        main principal key
        people persons
        yearly annual annually
        large big
        small little
        quick rapid fast
        job post
        law statute
        attorney lawyer
        child children
        man men
        woman women
        foot feet
        criticise criticize
        recognise recognize acknowledge
        organise organize
        authorise authorize
        centre center
        programme program
        labour labor
        defence defense
        settle resolve resolution settlement
        seize seizure capture
        open opened launch launched begin start
        shrink shrank shrunk contract fall decline
        release free freed liberate
        travel go visit trip journey
        ruling verdict judgment decision decide decided
        unlawful illegal
        lawful legal
        government administration cabinet
        agreement deal accord pact
        occur happen take
        injure wound hurt
        arrest detain
        attack strike assault raid
        destroy ruin wreck
        damage harm
        talks negotiations negotiation discussions
        restriction limit curb
        fire blaze
        sink sank sunk
        shut close closure closed
        employ employee worker staff
        employ hire recruit
        develop create development
        found establish set founded creation
        name appoint appointment
        pull withdraw withdrew withdrawn withdrawal retreat
        abandon drop renounce
        resign resignation quit
        expand expansion
        oppose opposition
        publish publication release
        succeed successor replace
        total overall
        start onset
        doctor physician
        medicine drug medication
        illness disease
        film movie
        street road
        border frontier
        vessel ship boat
        aircraft plane airplane
        lorry truck
        crew sailors
        weapon arm
        inquiry investigation probe investigate enquiry
        wage salary pay
        allow let enable permit
        describe description
        obtain gain secure
        terminate cancel
        notify inform
        commence start begin
        breach violate violation
        remove delete
        restart reboot
        error fault failure
        located situated
        approximately roughly
        huge enormous
        nearby near
        entire whole
        delay postpone push
        recover recovery
        promise pledge vow
        threaten threat
        deliver delivery
        depart departure
        discover discovery
        analyse analyze analysis
        compare comparison
        consist comprise
        destroy destruction
        divide division
        explode explosion
        invade invasion
        marry marriage
        obey comply
        rescue save
        serve service
        suspend suspension
        win victory
        rival competitor
        further additional more extra
        next following
        prior previous
        shorter short
        again anew
    """,
    "fr": """
        acheter achete racheter rachat acquerir acquis acquisition
        vendre vend vendu vente
        augmenter augmentation hausse grimper progresser progression
        baisser baisse diminuer diminution reduire reduit reduction recul reculer
        commencer commence debuter debut
        finir fini achever terminer fin
        construire construit construite construits construction batir bati
        fermer fermeture
        recevoir recu recevra
        promettre promis promesse
        fournir fournit fourniture alimenter
        detruire detruit detruits detruite destruction ravager
        mener mene menees diriger dirige dirigees conduire
        logement habitation
        bailleur proprietaire
        locataire preneur
        salarie employe
        entreprise societe compagnie
        emploi poste
        utiliser employer
        interroge sonde
        mort decede tue deces
        ville commune
        accord autorisation consentement
        concurrent rival
        obtenir obtenu
        rejoindre rejoint adherer adhere adhesion
        quitter quitte depart
        nouveau nouvelle nouveaux nouvelles
        exiger exige exigence reclamer
        prendre pris prend
        mettre mis met
        voir vu
        tenir tenu
        perdre perdu perte
        gagner gagne gain
        ecrire ecrit
        elire elu election
        accorder accorde octroyer octroye
        ouvrir ouverte ouvert ouverture lancer lance commencer
        retirer retrait retirent retire
        liberer libere liberation relacher
        signer signature
        attaque attaquer attaquent
        detenir arreter arrestation
        accord pacte
        negociation discussion pourparler
        negocier discuter
        enquete investigation enqueter
        adopter adoption approuver approbation
        rejeter refuser repousser
        nommer nomination designer
        demissionner demission
        remplacer succeder
        soutenir soutien appuyer
        creer creation fonder fondation
        developper developpement elaborer
        decouvrir decouverte
        foyer menage
        electricite courant
        region zone
        proposer proposition
        salaire remuneration
        maladie pathologie
        medecin docteur
        medicament traitement
        etudier etude
        bateau navire
        avion appareil
        route voie
        arme armement
        interdire interdiction
        permettre autoriser autorisation
        payer paiement regler
        livrer livraison
        produire production fabriquer fabrication
        fournir approvisionner
        deceder mourir mort
        construire eriger edifier
        demolir detruire
        envahir invasion
        suspendre suspension
        prevoir prevu
        incendie feu
    """,
}

UNITS = _table(
    """
    %: % percent pct, per_cent, pour_cent
    points: points point, percentage_points, percentage_point, points_de_pourcentage
    eur: € euro euros eur
    usd: $ dollar dollars usd
    gbp: £ pound pounds
    km: km kilometre kilometres kilometer kilometers
    mi: mile miles
    m: metre metres meter meters
    kg: kg kilo kilos kilogram kilograms kilogramme kilogrammes
    g: g gram grams gramme grammes
    mg: mg milligram milligrams milligramme milligrammes
    t: tonne tonnes ton tons
    l: litre litres liter liters
    ha: ha hectare hectares
    kw: kw kilowatt kilowatts
    mw: mw megawatt megawatts
    deg: degrees degree degres degre
    hour: hour hours heure heures
    minute: minute minutes
    day: day days jour jours
    week: week weeks semaine semaines
    month: month months mois
    year: year years an ans annee annees
    """
)
SCALES = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "millions": 10**6, "billion": 10**9, "billions": 10**9,
    "bn": 10**9, "trillion": 10**12, "cent": 100, "mille": 1000, "milliard": 10**9, "milliards": 10**9,
}  # fmt: skip
FRACTIONS = {"half": "1/2", "third": "1/3", "quarter": "1/4", "moitie": "1/2", "tiers": "1/3", "quart": "1/4"}
MONTHS = {
    month: number
    for names in (
        "january february march april may june july august september october november december",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    )
    for number, month in enumerate(names.split(), start=1)
}
NUMBERS = {
    word: number
    for words in (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen",
        "- - deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    )
    for number, word in enumerate(words.split())
    if word != "-"
} | {
    word: number
    for words in ("twenty thirty forty fifty sixty seventy eighty ninety", "vingt trente quarante cinquante soixante")
    for number, word in zip(range(20, 100, 10), words.split(), strict=False)
}
