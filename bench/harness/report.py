"""From rounds to a table and JSON: medians, what makes a ratio worthless, ratios."""
import math
import statistics

WIDTH_MAX = 0.20  # of the interval that has the ratio, as a share of the ratio
CONFIDENCE = 0.95
CHURN_SHARE = 0.001  # new origin connections a request, beyond one for each client connection


class Result:
    """What one peer did at one row."""

    def __init__(self, row, peer):
        self.row, self.peer, self.rounds, self.instructions, self.trouble = row, peer, [], None, None

    def median(self, key):
        return statistics.median(one[key] for one in self.rounds) if self.rounds else None

    def spread(self):
        values = [one["cpu_us"] for one in self.rounds]
        return (max(values) - min(values)) / statistics.median(values) if values else 0.0

    def errors(self):
        return sum(sum(one["errors"].values()) for one in self.rounds)

    def doubts(self):
        """Why no ratio may be made of this side; empty when it may."""
        if self.trouble:
            return [self.trouble.strip().splitlines()[0]]
        found = []
        if not self.rounds:
            return ["not measured"]
        kinds = sorted({kind for one in self.rounds for kind in one["errors"]})
        if kinds:
            found.append(f"{self.errors()} errors ({', '.join(kinds)})")
        churn = max(one["new_origin_connections"] for one in self.rounds)
        if any(one["churn"] for one in self.rounds):
            found.append(f"origin connections are not kept ({churn} new in a round)")
        return found


def interval(values):
    """Where the median of what was sampled lies, with CONFIDENCE: two of the sorted values, whatever their distribution
    (the binomial interval of order statistics). With five values or fewer, all that lies between the extremes."""
    values = sorted(values)
    count = len(values)
    cut, tail = 0, 0.5 ** count
    while cut + 1 < count // 2 and 2 * (tail + math.comb(count, cut + 1) * 0.5 ** count) <= 1 - CONFIDENCE:
        cut += 1
        tail += math.comb(count, cut) * 0.5 ** count
    return values[cut], values[count - 1 - cut]


def ratio(ours, theirs):
    """((CPU ratio, low, high), None) or (None, why not). Each round has a ratio of its own, of two measurements that follow
    each other closely: what a machine's mood does to both of them cancels out."""
    for side in (ours, theirs):
        doubts = side.doubts()
        if doubts:
            return None, f"{side.peer}: {'; '.join(doubts)}"
    pairs = [one["cpu_us"] / other["cpu_us"] for one, other in zip(ours.rounds, theirs.rounds)]
    middle = statistics.median(pairs)
    low, high = interval(pairs)
    if len(pairs) > 1 and high - low > WIDTH_MAX * middle:
        return None, f"the rounds' ratios differ too much: {low:.2f} to {high:.2f}"
    return tuple(round(value, 3) for value in (middle, low, high)), None


def ratios(result, others):
    given, refused = {}, {}
    for other in others:
        if other is not result:
            value, why = ratio(result, other)
            (given if why is None else refused)[other.peer] = value if why is None else why
    return given, refused


def as_json(result, others):
    given, refused = ratios(result, others)
    intervals = {name: list(value[1:]) for name, value in given.items()}
    given = {name: value[0] for name, value in given.items()}

    def rounded(key, digits):
        value = result.median(key)
        return None if value is None else round(value, digits)
    return {"row": result.row, "peer": result.peer, "cpu_us": rounded("cpu_us", 2), "instructions": result.instructions,
            "rps": rounded("rps", 0), "p50_us": rounded("p50_us", 0), "p99_us": rounded("p99_us", 0),
            "rounds": len(result.rounds), "errors": result.errors(), "ratio": given, "interval": intervals, "refused": refused,
            "spread": round(result.spread(), 3), "doubts": result.doubts(),
            "cpu_us_rounds": [round(one["cpu_us"], 2) for one in result.rounds]}


def table(row, results):
    """The row as text: one line a peer, then what Gatehouse is to each, or why that cannot be said."""
    lines = [f"{row}", f"  {'peer':<10} {'cpu us':>8} {'spread':>7} {'instr':>8} {'req/s':>8} {'p50 us':>8} {'p99 us':>8}  notes"]
    for one in results:
        if one.rounds:
            numbers = (f"{one.median('cpu_us'):8.2f} {one.spread():7.1%} {one.instructions or '-':>8} "
                       f"{one.median('rps'):8.0f} {one.median('p50_us'):8.0f} {one.median('p99_us'):8.0f}")
        else:
            numbers = f"{'-':>8} {'-':>7} {one.instructions or '-':>8} {'-':>8} {'-':>8} {'-':>8}"
        lines.append(f"  {one.peer:<10} {numbers}  {'; '.join(one.doubts())}".rstrip())
    ours = next((one for one in results if one.peer == "gatehouse"), results[0])
    for other in results:
        if other is not ours:
            value, why = ratio(ours, other)
            lines.append(f"  {ours.peer} to {other.peer}: " + (f"{value[0]:.2f} ({value[1]:.2f} to {value[2]:.2f})" if why is None else f"no ratio ({why})"))
    busy = statistics.median([one["elsewhere"] for result in results for one in result.rounds] or [0.0])
    if busy > 0.1:
        lines.append(f"  the machine was not quiet: {busy:.1f} cores busy with something else")
    return "\n".join(lines)
