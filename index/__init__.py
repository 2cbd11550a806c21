"""Documents -> a searchable library. Knows documents, not questions.

Import from its modules (`index.library`, `index.sync`): a question needs none of what reads files, and shouldn't wait
for it to load.
"""
