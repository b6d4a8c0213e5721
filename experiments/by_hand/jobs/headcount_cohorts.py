"""Headcount by cohort: months of each employee are counted into nested dictionaries by year of hire, unit and month. New hires come
in units of their own, so that the dictionaries grow to the end; then they are written out year by year (kept on purpose, not declared)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 9_000, "nested_dictionaries", "objects", False, False
FIRST_YEAR, HORIZON = 2009, 180


class Months(dict):
    """{month: [heads, hours, cost]}."""

    def __missing__(self, month):
        self[month] = [0, 0.0, 0.0]
        return self[month]


def run(job):
    import json
    import random
    import sys

    cohorts = {}

    def tree(year, unit):
        return cohorts.setdefault(year, {}).setdefault(unit, Months())

    def size(months):
        # A list of three and its two floats, 32 bytes each; the counts are small and shared.
        return sys.getsizeof(months) + len(months) * (80 + 64)

    def career(number):
        rng = random.Random(number)
        pay, hours = 2_400 + rng.random() * 5_000, rng.choice((20, 32, 40, 40, 40))
        for month in range(HORIZON):
            if rng.random() < 0.004:
                return
            if month % 12 == 11:
                pay *= 1.0 + 0.05 * rng.random()
            yield month, hours * 4.3, pay * hours / 40

    def work(start, n):
        touched, careers = {}, [(number, list(career(number))) for number in range(start, start + n)]
        for number, months in careers:
            year, unit = FIRST_YEAR + number * 15 // TOTAL, f"unit-{number // 2:05d}"
            node = tree(year, unit)
            touched.setdefault((year, unit), size(node) if node else 0)
            for month, hours, cost in months:
                cell = node[month]
                cell[0] += 1
                cell[1] += hours
                cell[2] += cost
        job.kept(sum(size(cohorts[year][unit]) - before for (year, unit), before in touched.items()))
        job.wait(0.0004 * n)

    with job.stage("count"):
        job.batches("count", 0, TOTAL, work)
    with job.outside("write"), open("cohorts.jsonl", "w", encoding="utf-8") as file:
        for year in sorted(cohorts):
            units = cohorts.pop(year)
            file.writelines(json.dumps({"year": year, "unit": unit, "months": months}) + "\n" for unit, months in units.items())
            job.kept(-sum(size(months) for months in units.values()))
