"""Search for trust units by name, sign, address, pinyin or initials, whatever was mistyped.

``finder.answer`` answers; ``index.publish`` and ``index.unpublish`` keep it true. Why it needs no search engine:
docs/adr/0011-search-in-postgresql.md.
"""
