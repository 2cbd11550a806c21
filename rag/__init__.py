"""A question -> a checked, cited answer. Knows nothing of screens. Begin with `rag.assistant.open_assistant`."""
