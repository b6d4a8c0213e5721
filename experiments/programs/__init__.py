"""A family of real Python jobs, each drawn from a seed, with the truth of what each does with memory. See README.md."""
