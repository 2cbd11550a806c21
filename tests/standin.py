"""A multilingual stand-in embedder, made in a second: a real sentence-transformers model that knows a few words.

Each word has a vector of its own, but a French word and the English one of the same meaning have one together, and
function words hardly count. So sentences fall together with their translations, as they do in a multilingual model.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from index.analysis import analyse, fold
from tests.index_helpers import CORPUS

DIMENSION = 128
_LEAST, _OTHER = 0.02, 0.4  # weight of a function word, and at most of one that has no other word of its meaning
_EPSILON = 1.0  # so large that the layer norm leaves long vectors longer than short ones
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# Words of one meaning, as they are in the questions across languages and in the sentences that answer them.
SAME = """
acheter buy / achetes bought / affirme say says / americaines americains americain american americans / applique applied
argent paid money / armes weapons / abattus launched / batiment building / belge belgian / chargerait look / noire black
compagnies companies / deplaces taken / deviendrait becomes / dure spoke / employee said / enfants children child
engagement engagements pledged / europeen europe european / fevrier february / flammes feu fire / fil phone call coup
gouvernement government / grimpe gained / heures temps hours / intermediaires between go / jouent act / juridique legal
kiev kyiv / langue language / mars march / mer sea / mineurs minors / ministre minister / montant worth dollars
memorandum / nuit night / officielle official / pays country countries / petrolieres oil / premier prime / reassurance
refuse against / resterait left / retrouves sitting together / retour ramener bring home / rouble / funds avoirs fonds
russe russes russie russian russia / saisie seizing / sanctionnees sanctions / securite security / huit eight
ukrainiens ukrainien ukrainian ukrainians / veut plan / vingt twenty / ville city / formule moquer tiger paper
tete guest
"""


def words_of(text: str) -> list[str]:
    """Split a text as the model's tokeniser does."""
    return re.findall(r"\w+", fold(text))


def make(folder: Path, dimension: int = DIMENSION, layers: int = 0, seed: int = 0) -> Path:
    """Make the model in a folder, knowing the words of the example documents; return the folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    known = {word for text in (SAME, *_corpus()) for word in words_of(text)}
    vocabulary = [*_SPECIAL, *sorted(known)]
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=dimension, num_hidden_layers=layers, num_attention_heads=2,
        intermediate_size=8, max_position_embeddings=512, layer_norm_eps=_EPSILON,
    )  # fmt: skip
    bert = BertModel(config)
    with torch.no_grad():
        for table in (bert.embeddings.position_embeddings, bert.embeddings.token_type_embeddings):
            table.weight.zero_()
        bert.embeddings.word_embeddings.weight.copy_(torch.tensor(_vectors(vocabulary, dimension, seed)))
    parts = folder.with_name(f"{folder.name}-parts")
    bert.save_pretrained(parts, safe_serialization=True)
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_max_length=512,
    )  # fmt: skip
    wrapped.save_pretrained(parts)
    transformer = Transformer(str(parts))
    SentenceTransformer(modules=[transformer, Pooling(dimension)], device="cpu").save_pretrained(str(folder))
    return folder


def _corpus() -> list[str]:
    gold = CORPUS.parent / "gold" / "peace-talks.jsonl"
    questions = [json.loads(line)["question"] for line in gold.read_text(encoding="utf-8").splitlines()]
    return [file.read_text(encoding="utf-8") for file in sorted(CORPUS.iterdir())] + questions


def _vectors(vocabulary: list[str], dimension: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """One direction a meaning; the more texts have a word, the less it weighs, and function words hardly anything."""
    texts = [set(words_of(text)) for text in _corpus()]
    meanings = {word: group.split()[0] for group in re.split("[/\n]", SAME) for word in group.split()}
    vectors = np.zeros((len(vocabulary), dimension), np.float32)
    for i, word in enumerate(vocabulary):
        meaning = meanings.get(word) or (stem(word) if i >= len(_SPECIAL) else "")
        weight = 1 / (1 + sum(word in text for text in texts) / 8) * (1 if word in meanings else _OTHER)
        weight = weight if meaning else _LEAST
        vectors[i] = np.random.default_rng([seed, *(meaning or word).encode()]).standard_normal(dimension) * weight
    return vectors


def stem(word: str) -> str:
    """Bring a word to its stem; "" for a function word of either language."""
    found = [analyse(fold(word), language) for language in ("fr", "en")]
    return (found[1] or [""])[0] if all(found) else ""
