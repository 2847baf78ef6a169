"""The words of the scenes: what agents of a data scientist really write."""
# ruff: noqa: E501  (their lines are as long as they come)

SHORT = "I looked at the frame first: 398 rows, 6 of them without `horsepower`."

STREAMING = """Cars from **Japan** go furthest on a gallon, 30.5 mpg on average against 27.9 for
Europe and 20.1 for the United States. Part of that is weight:

| origin | cars | mean mpg | mean weight |
|:-------|-----:|---------:|------------:|
| japan  |   79 |     30.5 |       2,221 |
| europe |   70 |     27.9 |       2,423 |
| usa    |  249 |     20.1 |       3,362 |

To tell the two apart I fit a line on weight and add the ori"""

ANSWER = """### Japan leads, and not only by weight

Cars from **Japan** go furthest on a gallon, 30.5 mpg on average, against 27.9 for Europe and 20.1
for the United States. Most of that is weight, but not all of it: at the same weight a Japanese car
still goes **2.4 mpg** further than an American one, and that difference is larger than chance
would make it (*p* < 0.001).

1. Weight alone explains **69 %** of the variance.
2. With the origin it is **71 %**.
3. The model year adds more than the origin does:
   - each year since 1970 brings 0.76 mpg,
   - which over the twelve years is 9 mpg.

```python
import statsmodels.formula.api as smf

fit = smf.ols("mpg ~ weight + C(origin) + year", data=cars.dropna()).fit()
fit.params.round(3)  # one number a term
```

> The six cars without `horsepower` were left out. Filling them with the median of their origin
> changes no number above by more than 0.1.

See [the data's own page](https://archive.ics.uci.edu/dataset/9/auto+mpg) for what each column is."""

LONG_TABLE = "All of them, by origin and year:\n\n" + "\n".join(
    [
        "| # | name | origin | year | mpg | cylinders | displacement | horsepower | weight | 0-60 |",
        "|--:|:-----|:-------|-----:|----:|----------:|-------------:|-----------:|-------:|-----:|",
        *(
            f"| {row} | {name} | {origin} | {1970 + row % 13} | {18 + row % 20}.5 | {4 + row % 3 * 2}"
            f" | {97 + row * 7}.0 | {67 + row * 3} | {2065 + row * 41} | {12 + row % 9}.{row % 10} |"
            for row, (name, origin) in enumerate(
                [
                    ("chevrolet chevelle malibu", "usa"),
                    ("volkswagen 1131 deluxe sedan", "europe"),
                    ("toyota corona mark ii", "japan"),
                    ("plymouth fury iii", "usa"),
                    ("peugeot 504", "europe"),
                    ("datsun pl510", "japan"),
                    ("oldsmobile cutlass supreme", "usa"),
                ]
                * 4
            )
        ),
    ]
)

LONG_CODE = '''By hand it is a groupby and a fit; the one long line is the formula:

```python
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf


@dataclass(frozen=True)
class Effect:
    """What one term adds, and how sure that is."""

    term: str
    mpg: float
    interval: tuple[float, float]


def effects(cars: pd.DataFrame, *, base: str = "usa", drop: Iterable[str] = ()) -> Mapping[str, Effect]:
    # The reference is the largest group, so that every effect reads as "compared with an American car of that weight".
    frame = cars.dropna(subset=["horsepower"]).drop(columns=list(drop)).assign(weight=lambda rows: rows["weight"] / 1000)
    fit = smf.ols(f"mpg ~ weight + year + C(origin, Treatment({base!r})) + cylinders:displacement", data=frame).fit(cov_type="HC3")
    bounds = fit.conf_int(alpha=0.05)
    return {
        name: Effect(name, float(value), (float(bounds.loc[name, 0]), float(bounds.loc[name, 1])))
        for name, value in fit.params.items()
        if not np.isclose(value, 0.0)
    }


for term, effect in effects(cars).items():
    print(f"{term:<40} {effect.mpg:+.3f}  [{effect.interval[0]:+.3f}, {effect.interval[1]:+.3f}]")
```

and the same as one query:

```sql
SELECT origin, COUNT(*) AS cars, ROUND(AVG(mpg), 1) AS mpg FROM cars WHERE horsepower IS NOT NULL GROUP BY origin ORDER BY mpg DESC;
```
'''

CODE = '''Every kind of word:

```python
@decorated(name="x")
class Thing(Base):
    """A docstring."""
    count: int = 42  # a comment
    def method(self, *items: str) -> bool:
        return print(f"{self.count!r}") is None and True
```

```diff
- what went
+ what came
@@ -1,2 +1,2 @@
```

```html
<!-- note --><a href="#x" class="y">words &amp; more</a>
```

```json
{"name": "cars", "rows": 398, "whole": true, "gaps": null}
```

```bash
for file in *.csv; do echo "$file"; done  # each
```

Inline `code`, ~~struck~~, *leaning*, **strong**, a footnote[^1], and tasks:

- [x] read
- [ ] written

[^1]: The note itself.
'''

HEBREW_QUESTION = "לאיזה מקור יש את צריכת הדלק הטובה ביותר?"

HEBREW = """### התוצאה

המכוניות מ**יפן** נוסעות הכי רחוק בגלון אחד, 30.5 mpg בממוצע, לעומת 27.9 באירופה.

- משקל בלבד מסביר 69 % מהשונות
- עם המקור זה 71 %

> שש מכוניות ללא `horsepower` הושמטו.

ومن حيث الوزن، فإن السيارات اليابانية أخف بكثير من الأمريكية.

1. أولا: الوزن
2. ثانيا: السنة

And a sentence from left to right, with `code` in it."""

TRACEBACK = """\x1b[31m---------------------------------------------------------------------------\x1b[39m
\x1b[31mKeyError\x1b[39m                                  Traceback (most recent call last)
\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[3]\x1b[39m\x1b[32m, line 7\x1b[39m, in \x1b[36msummary\x1b[39m\x1b[34m(column)\x1b[39m
\x1b[32m      5\x1b[39m     column: The column's name.
\x1b[32m      6\x1b[39m \x1b[33m\"\"\"\x1b[39m
\x1b[32m----> \x1b[39m\x1b[32m7\x1b[39m \x1b[38;5;28;01mreturn\x1b[39;00m cars[[column]].describe()

\x1b[31mKeyError\x1b[39m: "None of [Index(['horse_power'], dtype='object')] are in the [columns]\""""

FRAME_HTML = """<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th>origin</th>
<th>count</th><th>mean</th><th>std</th></tr></thead><tbody>
<tr><th>europe</th><td>70</td><td>27.89</td><td>6.72</td></tr>
<tr><th>japan</th><td>79</td><td>30.45</td><td>6.09</td></tr>
<tr><th>usa</th><td>249</td><td>20.08</td><td>6.40</td></tr></tbody></table>"""
