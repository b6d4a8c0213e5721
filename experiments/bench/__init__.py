"""Does memtool keep real jobs alive, and what does it cost them? See ../README.md."""
