#!/usr/bin/env bash
# sqlite-utils finds out the type of each column of a CSV. "nan", as pandas and many a tool write a missing sample, is a number to it, so
# the column is REAL, but SQLite has no NaN and keeps the text: max() of 300, nan, 900 and 1000 is "nan", since texts are above numbers,
# and avg() takes it for 0, 550 where the three samples have 733.
# Seen with sqlite-utils 4.2.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check sqlite-utils==4.2.1
printf 'second,rss\n1,300\n2,nan\n3,900\n4,1000\n' > run.csv
venv/bin/sqlite-utils insert run.db run run.csv --csv --silent > /dev/null
kind=$(venv/bin/sqlite-utils schema run.db | tr -d '\n"' | tr -s ' ')
figures=$(venv/bin/sqlite-utils run.db 'select max(rss), min(rss), avg(rss), typeof(max(rss)) from run' --csv --no-headers | tr -d '\r')
echo "a column of 300, nan, 900 and 1000: $kind; largest, smallest, average, type of the largest: $figures"
[[ $kind == *"rss REAL"* ]] && [ "$figures" = "nan,300.0,550.0,text" ]
