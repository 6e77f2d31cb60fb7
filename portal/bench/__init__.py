"""``./run bench [GROUP…] [--data DIR] [--json]``: speed as ratios, on throw-away servers, never on anybody's data."""
