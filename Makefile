# Everything sets itself up: the first target you make creates .venv and installs into it. llama-cpp-python has no
# wheel on PyPI, so pip compiles it once, which takes 4-8 minutes; pip says "still running" meanwhile.
PYTHON ?= python3
Q ?= what does Russia demand?
BIN := .venv/bin
CORPUS := eval/corpus
# Virtual machines often announce AMX and then refuse it, and llama.cpp built for it dies with "Illegal instruction".
NO_AMX := $(shell echo | $(or $(CC),cc) -mno-amx-tile -E - >/dev/null 2>&1 && echo "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16")
export CFLAGS := $(CFLAGS) $(NO_AMX)
export CXXFLAGS := $(CXXFLAGS) $(NO_AMX)

.PHONY: ask chat web test check eval bench profile clean
ask: .venv/ready  ## answer Q from the example documents
	@$(BIN)/rag index --library example $(CORPUS)
	@$(BIN)/rag ask --library example "$(Q)"

chat: .venv/ready  ## the same, question after question
	@$(BIN)/rag index --library example $(CORPUS)
	@$(BIN)/rag chat --library example

web: .venv/ready  ## the same, in the browser
	@$(BIN)/rag index --library example $(CORPUS)
	@$(BIN)/rag web --library example

test: .venv/ready  ## all tests, with the real models, in two processes that share out the files
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term --cov-fail-under=90

check: .venv/ready  ## style and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

eval: .venv/ready  ## the project's own questions: product against the naive pipeline
	$(BIN)/rag eval eval/gold/peace-talks.jsonl --documents $(CORPUS) --baseline --standalone

bench: .venv/ready  ## speed and memory beside what people would use instead, and how they grow; DOCUMENTS=set for other texts
	$(BIN)/python -m eval.bench $(DOCUMENTS)

profile: .venv/ready  ## where the time of a cold question goes: what is imported, what runs (profile.json: speedscope.app)
	@$(BIN)/rag index --library example $(CORPUS)
	$(BIN)/python -X importtime -m ui.cli search --library example "$(Q)" 2>&1 >/dev/null | sort -t'|' -k2 -n | tail -25
	$(BIN)/py-spy record --rate 200 --format speedscope --output profile.json -- $(BIN)/python -m ui.cli ask --library example "$(Q)"

.venv/ready: pyproject.toml
	@echo "Setting up .venv (the first time: some minutes, most of them for compiling llama-cpp-python)"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --editable ".[dev]"
	@touch $@

clean:  ## forget the virtual environment
	rm -rf .venv
