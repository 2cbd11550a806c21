"""Real cross-encoders of one layer and 32 dimensions, whose weights are set by hand so that they look for a word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

ENTAILMENT = ("contradiction", "neutral", "Entailment")


def cross_encoder(folder: Path, word: str, labels: Sequence[str] = ("",)) -> Path:
    """Save a model that tells whether the second text of a pair holds a word.

    With one label its score is high where it does. With those of an entailment model the first is likeliest where it
    does, else the last.
    """
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir(parents=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", word]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=1, num_attention_heads=1, intermediate_size=32,
        id2label=dict(enumerate(labels)), label2id={label: number for number, label in enumerate(labels)},
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    bert, layer = model.bert, model.bert.encoder.layer[0]
    with torch.no_grad():
        for name, weights in model.named_parameters():
            weights.fill_(1.0 if name.endswith("LayerNorm.weight") else 0.0)
        # Each thing has a pair of dimensions, of mean 0 since layers are normalised. Normalised, dimensions 0 and 4 of
        # a token add up to 5.7 where it is the word in the second text, to 4 where it is one of the two, else to 0.
        for of, number, dimension in (
            (bert.embeddings.word_embeddings, 5, 0),
            (bert.embeddings.token_type_embeddings, 1, 4),
            (bert.embeddings.word_embeddings, 2, 6),
        ):
            of.weight[number, dimension : dimension + 2] = torch.tensor([1.0, -1.0])
        attention = layer.attention.self
        attention.query.bias[0] = 20.0  # each token looks for the largest such sum
        attention.key.weight[0, [0, 4]] = 10.0
        for dimension, sign in ((8, 1.0), (9, -1.0)):  # and brings back whether it is above 4.8
            attention.value.weight[dimension, [0, 4]] = sign
            attention.value.bias[dimension] = -4.8 * sign
        layer.attention.output.dense.weight.copy_(torch.eye(32))
        bert.pooler.dense.weight[0, 8] = 10.0
        model.classifier.weight[0, 0] = 5.0
        if len(labels) > 1:
            model.classifier.weight[-1, 0] = -5.0
    model.save_pretrained(folder)
    return folder
