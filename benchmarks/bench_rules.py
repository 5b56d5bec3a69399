"""What does a quote cost with 1 000 and with 10 000 rules, beside the ZEN engine's decision table, the
expressions of rule-engine and a plain loop; and what do all prices at once cost in numpy?

Every rule has five dimensions; five or six match a quote. ZEN's table (https://pypi.org/project/zen-engine/)
and rule-engine are asked which rules match, the loop for the price; ours gives the price and its trace. All
are checked to find the same rules or prices, and the matrix to find the same prices as the scalar path, in
the same run.
"""

import json
import random
import time
from collections.abc import Callable
from statistics import median

import zen
from msgspec import structs

from benchmarks.peers.rule_loops import ExpressionRules, PlainRules
from benchmarks.results import choose_size, compare, record, record_at_least, record_at_most
from benchmarks.rule_sets import make_decision_table, make_question, make_workload
from rules.compiler import CompiledRules, walk_bits
from rules.matrix import price_all, price_both
from rules.pricing import Quote, Terms, quote
from rules.scope import Cell, Item

RULES = 1_000
MANY_RULES = choose_size(10_000, 2_000)
ITEMS = choose_size(5_000, 50)
QUOTES = choose_size(2_000, 20)
PEER_QUOTES = choose_size(50, 5)
ROUNDS = choose_size(7, 1)
TERMS = Terms(at=0)

Question = tuple[Cell, Item]


def test_quotes_beside_peers() -> None:
    workload = make_workload(RULES, items=ITEMS)
    rules = CompiledRules(workload.rule_set)
    table = zen.ZenEngine().create_decision(json.dumps(make_decision_table(workload.rule_set)))
    expressions, plain = ExpressionRules(workload.rule_set), PlainRules(workload.rule_set)
    questions = ask_at_random(workload.cells, workload.items, QUOTES)
    ours, zens, expressed, looped = [], [], [], []
    for number in range(ROUNDS):
        ours.append(quote_all(rules, questions) / QUOTES)
        asked = questions[number * PEER_QUOTES :][:PEER_QUOTES]
        zens.append(ask_table(table, asked, rules) / PEER_QUOTES)
        expressed.append(ask_expressions(expressions, asked, rules) / PEER_QUOTES)
        looped.append(ask_loop(plain, asked, rules) / PEER_QUOTES)
    named = {"the ZEN engine": zens, "rule-engine": expressed, "a plain loop": looped}
    peers = {name: median(costs) * 1e6 for name, costs in named.items()}
    compare("a quote among 1 000 rules", median(ours) * 1e6, "µs", peers=peers)
    record_at_most("rules: a quote / the ZEN engine", median(ours) / median(zens), "×", 1 / 100)


def ask_table(table: zen.ZenDecision, asked: list[Question], rules: CompiledRules) -> float:
    """CPU seconds for the questions. Asserts that the table finds the rules that match."""
    encoded = [make_question(cell, item) for cell, item in asked]
    started = time.process_time()
    answers = [table.evaluate(question) for question in encoded]
    seconds = time.process_time() - started
    for question, answer in zip(asked, answers, strict=True):
        assert {row["rule"] for row in answer["result"]} == find_matching(rules, question)
    return seconds


def ask_expressions(expressions: ExpressionRules, asked: list[Question], rules: CompiledRules) -> float:
    """CPU seconds for the questions. Asserts that the expressions find the rules that match."""
    encoded = [make_question(cell, item) for cell, item in asked]
    started = time.process_time()
    answers = [expressions.find_matching(question) for question in encoded]
    seconds = time.process_time() - started
    for question, answer in zip(asked, answers, strict=True):
        assert set(answer) == find_matching(rules, question)
    return seconds


def ask_loop(plain: PlainRules, asked: list[Question], rules: CompiledRules) -> float:
    """CPU seconds for the questions. Asserts that the loop finds the same prices."""
    encoded = [(make_question(cell, item), item.points) for cell, item in asked]
    started = time.process_time()
    answers = [plain.price(question, points) for question, points in encoded]
    seconds = time.process_time() - started
    assert answers == [quote(rules, cell, item, TERMS).points for cell, item in asked]
    return seconds


def find_matching(rules: CompiledRules, question: Question) -> set[str]:
    """The ids of the rules that match by our index."""
    cell, item = question
    return {rules.rules[place].id for place in walk_bits(rules.match_cell(cell) & rules.match_item(item))}


def test_ten_times_the_rules() -> None:
    costs: list[list[float]] = [[], []]
    matches = []
    prepared = []
    for count in (RULES, MANY_RULES):
        workload = make_workload(count, items=ITEMS)
        rules = CompiledRules(workload.rule_set)
        questions = ask_at_random(workload.cells, workload.items, QUOTES)
        prepared.append((rules, questions))
        found = sum((rules.match_cell(cell) & rules.match_item(item)).bit_count() for cell, item in questions)
        matches.append(found / QUOTES)
    for _ in range(ROUNDS):
        for own, (rules, questions) in zip(costs, prepared, strict=True):
            own.append(quote_all(rules, questions) / QUOTES)
    few, many = (median(own) for own in costs)
    assert 0.5 < matches[1] / matches[0] < 2
    record("rules: matches a quote among 1 000", matches[0], "")
    record("rules: matches a quote among 10 000", matches[1], "")
    record("rules: a quote among 10 000 rules", many * 1e6, "µs")
    record_at_most("rules: a quote among 10 000 / 1 000 rules", many / few, "×", 3)


def test_matrix() -> None:
    workload = make_workload(RULES, items=ITEMS)
    rules = CompiledRules(workload.rule_set)
    prices = ITEMS * len(workload.cells)
    questions = ask_at_random(workload.cells, workload.items, QUOTES)
    scalar, matrix = [], []
    for _ in range(ROUNDS):
        scalar.append(quote_all(rules, questions) / QUOTES * prices)
        matrix.append(measure(lambda: price_all(rules, workload.items, workload.cells, TERMS)))
    found = price_all(rules, workload.items, workload.cells, TERMS)
    rows = {item.experience: row for row, item in enumerate(workload.items)}
    columns = {cell: column for column, cell in enumerate(workload.cells)}
    for cell, item in questions:
        single: Quote = quote(rules, cell, item, TERMS)
        at = rows[item.experience], columns[cell]
        assert (single.points, single.cash) == (found.points[at], found.cash[at])
    label = f"all {prices:,} prices at once".replace(",", " ")
    peers = {"one quote after the other": median(scalar) * 1e3}
    compare(label, median(matrix) * 1e3, "ms", peers=peers)
    record_at_most(f"rules: {label}", median(matrix) * 1e3, "ms", 200)
    record_at_least("rules: the scalar path / the matrix", median(scalar) / median(matrix), "×", 30)


def test_a_rule_that_is_tuned() -> None:
    workload = make_workload(RULES, items=ITEMS)
    rules, retuned = CompiledRules(workload.rule_set), CompiledRules(workload.rule_set)
    rule = next(one for one in workload.rule_set.rules if one.group == "campaign")
    tuned = structs.replace(rule, effect=structs.replace(rule.effect, number=rule.effect.number - 1))
    retuned.put(tuned)
    asked = workload.items, workload.cells, TERMS
    twice, both = [], []
    for _ in range(ROUNDS):
        twice.append(measure(lambda: [price_all(one, *asked) for one in (rules, retuned)]))
        both.append(measure(lambda: price_both(rules, tuned, *asked)))
    for found, one in zip(price_both(rules, tuned, *asked), (rules, retuned), strict=True):
        assert (found.points == price_all(one, *asked).points).all()
    compare("before and after a tuning", median(both) * 1e3, "ms", peers={"two looks": median(twice) * 1e3})
    record_at_most("rules: before and after at once / two looks", median(both) / median(twice), "×", 1)


def ask_at_random(cells: list[Cell], items: list[Item], count: int) -> list[Question]:
    """``count`` questions, the same in every run."""
    generator = random.Random(7)
    return [(generator.choice(cells), generator.choice(items)) for _ in range(count)]


def quote_all(rules: CompiledRules, questions: list[Question]) -> float:
    """CPU seconds for all quotes."""
    return measure(lambda: [quote(rules, cell, item, TERMS) for cell, item in questions])


def measure(work: Callable[[], object]) -> float:
    """CPU seconds of ``work``."""
    started = time.process_time()
    work()
    return time.process_time() - started
