"""How fast the chat is, as ratios measured in one run: `python -m benchmarks`. See README.md in this directory."""
