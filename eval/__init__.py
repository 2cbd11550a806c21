"""Gold questions put to the assistant, and what comes of it as figures. Imports rag and index, never ui."""
