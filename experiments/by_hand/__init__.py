"""Jobs written by hand, by someone who did not know the rules: what real libraries do in usual work."""
