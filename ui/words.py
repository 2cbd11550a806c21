"""The page's own words, in English and French. One table: mypy sees a missing word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.scope import Scope


@dataclass(frozen=True, slots=True)
class Words:
    """Everything the page says; `{n}` and the like are filled in where it is said."""

    language: str
    brand: str
    chat: str
    documents: str
    settings: str
    conversations: str
    close: str
    # conversations
    new_chat: str
    find_chats: str
    no_chats: str
    none_found: str
    rename: str
    delete: str
    really_delete: str
    # asking
    ask: str
    ask_label: str
    send: str
    stop: str
    keys: str
    sent: str
    editing: str
    # which documents are searched
    only: str
    only_from: str
    only_until: str
    only_languages: str
    only_path: str
    dates_hint: str
    paths_hint: str
    apply: str
    cancel: str
    not_only: str
    from_day: str
    until_day: str
    searched_only: str
    undated_out: str
    # the welcome
    empty_title: str
    empty_text: str
    try_asking: str
    first_title: str
    first_text: str
    add_documents: str
    try_examples: str
    # an answer under way
    waiting_one: str
    waiting: str
    searching: str
    reading: str
    writing: str
    checking: str
    stopped: str
    # an answer
    you: str
    answer: str
    edit: str
    retry: str
    copy: str
    copied: str
    good: str
    bad: str
    expected: str
    save: str
    thanks: str
    not_in_documents: str
    weak_evidence: str
    failed: str
    missing: str
    unknown: str
    unknown_there: str
    reason: str
    closest: str
    comment: str
    speaking: str
    also_in: str
    page: str
    ocr: str  # said with a quote whose words were recognised on a picture
    pages: str
    undated: str
    sources: str
    source: str
    sources_empty: str
    back: str
    earlier: str
    later: str
    changed: str
    gone: str
    # a page of a source
    views: str
    view_page: str
    view_text: str
    page_of: str
    page_labelled: str
    previous_page: str
    next_page: str
    zoom_in: str
    zoom_fit: str
    not_located: str
    also_on: str
    stand_on: str
    file_gone: str
    file_changed: str
    no_page: str
    # documents
    library: str
    none_yet: str
    drop: str
    path: str
    path_hint: str
    add: str
    find: str
    find_hint: str
    nothing_found: str
    indexing: str
    indexed: str
    outcomes: Mapping[str, str]
    not_read: str
    refused: str
    read_again: str
    read_all_again: str
    remove: str
    column_title: str
    column_date: str
    column_language: str
    column_size: str
    column_sentences: str
    column_state: str
    state_ready: str
    state_copy: str
    many_more: str
    # settings
    style: str
    style_written: str
    style_quotes: str
    amount: str
    amount_short: str
    amount_usual: str
    amount_more: str
    interface: str
    automatic: str
    theme: str
    light: str
    dark: str
    system: str
    # what the chat runs with
    setup: str
    setup_text: str
    column_setting: str
    column_value: str
    column_origin: str
    origins: Mapping[str, str]
    models: str
    model_kinds: Mapping[str, str]
    model_used: str
    model_off: str
    model_here: str
    models_besides: str
    fits: Mapping[str, str]
    size_unknown: str
    takes_memory: str
    gated: str
    fetch: str
    fetch_hint: str
    asking: str
    really_fetch: str
    present: str
    licence: str
    hub_says: str
    into: str
    memory: str
    agree: str
    fetching: str
    fetched: str
    fetch_stopped: str
    months: tuple[str, ...]
    day: str


ENGLISH = Words(
    language="en",
    brand="Chapter and verse",
    chat="Chat",
    documents="Documents",
    settings="Settings",
    conversations="Conversations",
    close="Close",
    new_chat="New chat",
    find_chats="Find a conversation",
    no_chats="Your conversations will be kept here.",
    none_found="No conversation has these words.",
    rename="Rename",
    delete="Delete",
    really_delete="Really delete?",
    ask="Ask a question…",
    ask_label="Question",
    send="Ask",
    stop="Stop",
    keys="Enter asks, Shift+Enter starts a new line, Esc stops, / comes back here",
    sent="Questions and quoted passages are sent to {host}",
    editing="You are changing an earlier question; what follows it will be replaced. Esc leaves it as it was.",
    only="Search only in…",
    only_from="From",
    only_until="Until",
    only_languages="Languages",
    only_path="Files or folders",
    dates_hint="YYYY, YYYY-MM or YYYY-MM-DD",
    paths_hint="reports, *.pdf",
    apply="Apply",
    cancel="Cancel",
    not_only="Search not only: {what}",
    from_day="from {day}",
    until_day="until {day}",
    searched_only="Searched only in: {what}",
    undated_out="undated documents left out: {n}",
    empty_title="What would you like to know?",
    empty_text="Every sentence of the answer shows the words of a document behind it. What your documents don't say, "
    "it doesn't say.",
    try_asking="For example",
    first_title="Begin with your documents",
    first_text="Answers come from your own files and from nothing else. They stay on this computer.",
    add_documents="Add documents",
    try_examples="Try it with example articles",
    waiting_one="One question is before yours",
    waiting="{n} questions are before yours",
    searching="Searching your documents",
    reading="Reading {n} passages",
    writing="Writing, not checked yet",
    checking="Checking each sentence against its source",
    stopped="Stopped before the answer was complete.",
    you="You",
    answer="Answer",
    edit="Edit",
    retry="Ask again",
    copy="Copy with sources",
    copied="Copied",
    good="Good answer",
    bad="Bad answer",
    expected="What should it have said? (optional)",
    save="Save",
    thanks="Thank you, noted.",
    not_in_documents="The documents don't say.",
    weak_evidence="The documents may not answer this. What comes near it:",
    failed="The language model failed. This is the evidence itself, quoted:",
    missing="The documents don't say: {what}",
    unknown="No document mentions: {what}",
    unknown_there="No document searched mentions: {what}",
    reason="Reason: {what}",
    closest="Closest I found",
    comment="a reader's comment",
    speaking="{who} speaking",
    also_in="also in {names}",
    page="page {n}",
    ocr="read by OCR",
    pages="pages {first}–{last}",
    undated="undated",
    sources="Sources",
    source="Source {n}",
    sources_empty="The sources of an answer stand here. Choose one to read it in its document.",
    back="Back",
    earlier="Show what comes before",
    later="Show what comes after",
    changed="The document has changed since; these words are no longer where they were.",
    gone="The document is no longer in the library. The quoted words were:",
    views="How the source is shown",
    view_page="Page",
    view_text="Text",
    page_of="page {n} of {count}",
    page_labelled="page {label} ({n} of {count})",
    previous_page="Previous page",
    next_page="Next page",
    zoom_in="Larger",
    zoom_fit="Fit to width",
    not_located="The words could not be located on the page.",
    also_on="The quoted words are also on",
    stand_on="The quoted words are on",
    file_gone="The file is no longer where it was read; this is the text that was read.",
    file_changed="The file has changed since it was read; this is the text that was read.",
    no_page="The page can't be shown ({what}); this is its text.",
    library="{documents} documents, {passages} passages",
    none_yet="No documents yet.",
    drop="Drop files here, or click to choose them",
    path="File or folder on this computer",
    path_hint="~/Documents/articles",
    add="Add",
    find="Search the documents",
    find_hint="words to look for, without an answer",
    nothing_found="Nothing found.",
    indexing="Reading {done} of {total}",
    indexed="Done: {what}",
    outcomes={"added": "added", "updated": "updated", "moved": "moved", "removed": "removed", "unchanged": "unchanged"},
    not_read="Not read ({n})",
    refused="Not taken",
    read_again="Read again",
    read_all_again="Read everything again",
    remove="Remove",
    column_title="Document",
    column_date="Date",
    column_language="Language",
    column_size="Size",
    column_sentences="Sentences",
    column_state="State",
    state_ready="ready",
    state_copy="near copy of {name} ({percent}%)",
    many_more="and {n} more; narrow the list with the search above",
    style="Answers",
    style_written="Written and checked",
    style_quotes="Quotations only",
    amount="Evidence",
    amount_short="Little",
    amount_usual="Usual",
    amount_more="Much",
    interface="Language of this page",
    automatic="As the browser",
    theme="Colours",
    light="Light",
    dark="Dark",
    system="As the system",
    setup="Settings and models",
    setup_text="What this chat was started with. rag.toml, RAG_* variables and options change it; then start it again.",
    column_setting="Setting",
    column_value="Value",
    column_origin="From",
    origins={"default": "default", "the environment": "the environment", "the command line": "the command line"},
    models="Models",
    model_kinds={
        "generator": "Write the answer",
        "embedder": "Find by meaning",
        "reranker": "Rank again what was found (optional)",
        "entailment": "Check what was written (optional)",
    },
    model_used="in use",
    model_off="off: rag models use no-{kind}",
    model_here="here",
    models_besides="Also here: {names}",
    fits={"fits": "fits this machine", "slow": "fits, but makes you wait", "too big": "needs more memory"},
    size_unknown="size unknown so far",
    takes_memory="{amount} of memory",
    gated="to be accepted on its page",
    fetch="Fetch…",
    fetch_hint="“Fetch…” asks the Hugging Face hub for size and licence. Nothing is fetched before you agree to them.",
    asking="Asking the hub about {name}",
    really_fetch="Fetch {name}?",
    present="of which {amount} are here",
    licence="Licence",
    hub_says="the hub says: {licence}",
    into="Into",
    memory="Memory to run it",
    agree="Agree and fetch",
    fetching="Fetching {name}: {done} of {total}",
    fetched="{name} is here. To use it: rag models use {name}, then start the chat again.",
    fetch_stopped="Stopped. What has come of {name} is kept, and gone on with the next time.",
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    day="{day} {month} {year}",
)  # fmt: skip

FRENCH = Words(
    language="fr",
    brand="Chapter and verse",
    chat="Discussion",
    documents="Documents",
    settings="Réglages",
    conversations="Conversations",
    close="Fermer",
    new_chat="Nouvelle discussion",
    find_chats="Chercher une conversation",
    no_chats="Vos conversations seront gardées ici.",
    none_found="Aucune conversation ne contient ces mots.",
    rename="Renommer",
    delete="Supprimer",
    really_delete="Supprimer vraiment ?",
    ask="Posez une question…",
    ask_label="Question",
    send="Demander",
    stop="Arrêter",
    keys="Entrée pour demander, Maj+Entrée pour aller à la ligne, Échap pour arrêter, / pour revenir ici",
    sent="Les questions et les passages cités sont envoyés à {host}",
    editing="Vous modifiez une question posée plus tôt ; la suite sera remplacée. Échap la laisse telle quelle.",
    only="Chercher seulement dans…",
    only_from="Depuis",
    only_until="Jusqu’à",
    only_languages="Langues",
    only_path="Fichiers ou dossiers",
    dates_hint="AAAA, AAAA-MM ou AAAA-MM-JJ",
    paths_hint="rapports, *.pdf",
    apply="Appliquer",
    cancel="Annuler",
    not_only="Ne plus se limiter à : {what}",
    from_day="depuis le {day}",
    until_day="jusqu’au {day}",
    searched_only="Cherché seulement dans : {what}",
    undated_out="documents sans date écartés : {n}",
    empty_title="Que voulez-vous savoir ?",
    empty_text="Chaque phrase de la réponse montre les mots d’un document. Ce que vos documents ne disent pas, "
    "elle ne le dit pas.",
    try_asking="Par exemple",
    first_title="Commencez par vos documents",
    first_text="Les réponses viennent de vos fichiers et de rien d’autre. Ils restent sur cet ordinateur.",
    add_documents="Ajouter des documents",
    try_examples="Essayer avec des articles d’exemple",
    waiting_one="Une question passe avant la vôtre",
    waiting="{n} questions passent avant la vôtre",
    searching="Recherche dans vos documents",
    reading="Lecture de {n} passages",
    writing="En cours de rédaction, pas encore vérifié",
    checking="Vérification de chaque phrase dans sa source",
    stopped="Arrêtée avant la fin de la réponse.",
    you="Vous",
    answer="Réponse",
    edit="Modifier",
    retry="Redemander",
    copy="Copier avec les sources",
    copied="Copié",
    good="Bonne réponse",
    bad="Mauvaise réponse",
    expected="Qu’aurait-elle dû dire ? (facultatif)",
    save="Enregistrer",
    thanks="Merci, c’est noté.",
    not_in_documents="Les documents ne le disent pas.",
    weak_evidence="Les documents n’y répondent peut-être pas. Ce qui s’en approche :",
    failed="Le modèle de langue a échoué. Voici les passages eux-mêmes, cités :",
    missing="Les documents ne disent pas : {what}",
    unknown="Aucun document ne mentionne : {what}",
    unknown_there="Aucun document consulté ne mentionne : {what}",
    reason="Raison : {what}",
    closest="Le plus proche que j’aie trouvé",
    comment="commentaire d’un lecteur",
    speaking="paroles de {who}",
    also_in="aussi dans {names}",
    page="page {n}",
    ocr="lu par OCR",
    pages="pages {first}–{last}",
    undated="sans date",
    sources="Sources",
    source="Source {n}",
    sources_empty="Les sources d’une réponse s’affichent ici. Choisissez-en une pour la lire dans son document.",
    back="Retour",
    earlier="Montrer ce qui précède",
    later="Montrer ce qui suit",
    changed="Le document a changé depuis ; ces mots n’y sont plus à la même place.",
    gone="Le document n’est plus dans la bibliothèque. Les mots cités étaient :",
    views="Affichage de la source",
    view_page="Page",
    view_text="Texte",
    page_of="page {n} sur {count}",
    page_labelled="page {label} ({n} sur {count})",
    previous_page="Page précédente",
    next_page="Page suivante",
    zoom_in="Agrandir",
    zoom_fit="Ajuster à la largeur",
    not_located="Les mots n’ont pas pu être situés sur la page.",
    also_on="Les mots cités sont aussi ici :",
    stand_on="Les mots cités sont ici :",
    file_gone="Le fichier n’est plus là où il a été lu ; voici le texte tel qu’il a été lu.",
    file_changed="Le fichier a changé depuis qu’il a été lu ; voici le texte tel qu’il a été lu.",
    no_page="La page ne peut pas être affichée ({what}) ; voici son texte.",
    library="{documents} documents, {passages} passages",
    none_yet="Aucun document pour l’instant.",
    drop="Déposez des fichiers ici, ou cliquez pour les choisir",
    path="Fichier ou dossier de cet ordinateur",
    path_hint="~/Documents/articles",
    add="Ajouter",
    find="Chercher dans les documents",
    find_hint="des mots à trouver, sans réponse",
    nothing_found="Rien trouvé.",
    indexing="Lecture de {done} sur {total}",
    indexed="Terminé : {what}",
    outcomes={
        "added": "ajoutés", "updated": "mis à jour", "moved": "déplacés", "removed": "retirés",
        "unchanged": "inchangés",
    },
    not_read="Non lus ({n})",
    refused="Non acceptés",
    read_again="Relire",
    read_all_again="Tout relire",
    remove="Retirer",
    column_title="Document",
    column_date="Date",
    column_language="Langue",
    column_size="Taille",
    column_sentences="Phrases",
    column_state="État",
    state_ready="prêt",
    state_copy="presque une copie de {name} ({percent} %)",
    many_more="et {n} autres ; affinez la liste avec la recherche ci-dessus",
    style="Réponses",
    style_written="Rédigées et vérifiées",
    style_quotes="Citations seules",
    amount="Passages cités",
    amount_short="Peu",
    amount_usual="Normal",
    amount_more="Beaucoup",
    interface="Langue de cette page",
    automatic="Comme le navigateur",
    theme="Couleurs",
    light="Clair",
    dark="Sombre",
    system="Comme le système",
    setup="Réglages et modèles",
    setup_text="Ce avec quoi cette discussion a été lancée. rag.toml, les variables RAG_* et les options le changent ; "
    "relancez-la ensuite.",
    column_setting="Réglage",
    column_value="Valeur",
    column_origin="Origine",
    origins={"default": "par défaut", "the environment": "l’environnement", "the command line": "la ligne de commande"},
    models="Modèles",
    model_kinds={
        "generator": "Rédiger la réponse",
        "embedder": "Trouver par le sens",
        "reranker": "Reclasser ce qui a été trouvé (facultatif)",
        "entailment": "Vérifier ce qui a été rédigé (facultatif)",
    },
    model_used="utilisé",
    model_off="désactiver : rag models use no-{kind}",
    model_here="présent",
    models_besides="Également ici : {names}",
    fits={
        "fits": "convient à cette machine", "slow": "convient, mais fait attendre", "too big": "veut plus de mémoire",
    },
    size_unknown="taille encore inconnue",
    takes_memory="{amount} de mémoire",
    gated="à accepter sur sa page",
    fetch="Télécharger…",
    fetch_hint="« Télécharger… » demande taille et licence au dépôt Hugging Face. Rien n’arrive avant votre accord.",
    asking="Demande de renseignements sur {name}",
    really_fetch="Télécharger {name} ?",
    present="dont {amount} déjà ici",
    licence="Licence",
    hub_says="selon le dépôt : {licence}",
    into="Vers",
    memory="Mémoire pour l’utiliser",
    agree="Accepter et télécharger",
    fetching="Téléchargement de {name} : {done} sur {total}",
    fetched="{name} est là. Pour l’utiliser : rag models use {name}, puis relancez la discussion.",
    fetch_stopped="Arrêté. Ce qui est arrivé de {name} est gardé et sera complété la prochaine fois.",
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ),
    day="{day} {month} {year}",
)  # fmt: skip

_OWN_NAMES = {
    "ar": "العربية", "ca": "Català", "da": "Dansk", "de": "Deutsch", "el": "Ελληνικά", "en": "English", "es": "Español",
    "et": "Eesti", "eu": "Euskara", "fi": "Suomi", "fr": "Français", "ga": "Gaeilge", "hi": "हिन्दी", "hu": "Magyar",
    "hy": "Հայերեն", "id": "Bahasa Indonesia", "it": "Italiano", "lt": "Lietuvių", "ne": "नेपाली", "nl": "Nederlands",
    "no": "Norsk", "pt": "Português", "ro": "Română", "ru": "Русский", "sr": "Српски", "sv": "Svenska", "ta": "தமிழ்",
    "tr": "Türkçe",
}  # fmt: skip

LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "fr": FRENCH}


def choose_words(chosen: str | None, accepted: str | None) -> Words:
    """Pick the page's language: the one chosen in the settings, or the first known one of an Accept-Language header."""
    if chosen and chosen in LANGUAGES:
        return LANGUAGES[chosen]
    wishes: list[tuple[float, str]] = []
    for part in (accepted or "").lower().split(","):
        tag, _, weight = "".join(part.split()).partition(";q=")
        try:
            wishes.append((-float(weight or 1), tag.split("-")[0]))
        except ValueError:
            continue
    known = [tag for weight, tag in sorted(wishes, key=lambda wish: wish[0]) if tag in LANGUAGES and weight < 0]
    return LANGUAGES[known[0]] if known else ENGLISH


def long_date(date: str | None, words: Words) -> str:
    """Write "2025-06-02" as people do in the page's language."""
    if not date:
        return words.undated
    year, month, day = (int(part) for part in date.split("-"))
    shown = "1er" if words.language == "fr" and day == 1 else str(day)
    return words.day.format(day=shown, month=words.months[month - 1], year=year)


def language_name(code: str) -> str:
    """Call a language as its speakers do."""
    return _OWN_NAMES.get(code, code)


def scope_texts(scope: Scope, words: Words) -> dict[str, str]:
    """Say what a scope asks for, by the name of its field; nothing for the fields that say nothing."""
    texts = {
        "since": words.from_day.format(day=long_date(scope.since, words)) if scope.since else "",
        "until": words.until_day.format(day=long_date(scope.until, words)) if scope.until else "",
        "languages": ", ".join(map(language_name, scope.languages)),
        "paths": ", ".join(scope.paths),
    }
    return {name: text for name, text in texts.items() if text}


def searched_only(scope: Scope, undated: int, words: Words) -> str:
    """Say in one line where it was searched; nothing when that was everywhere."""
    texts = list(scope_texts(scope, words).values())
    texts += [words.undated_out.format(n=undated)] if undated else []
    return words.searched_only.format(what=" · ".join(texts)) if texts else ""
