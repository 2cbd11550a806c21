"""What people would use instead, each as its own documentation shows it, for `eval.bench` to measure beside this.

Every file is one contestant and runs in an environment of its own, made from the requirements next to it. What could
tilt the scales is the same for all: documents, embedding model, language model, passages per answer, context, length
of the answer, temperature 0 and all processor cores, whatever the defaults are.
"""
