"""Word problems of five steps, each with its text, its steps and its answer, made from a seed.

A step is (label, left, operator, right); an operand is a number that the text gives, or the label
of an earlier step. Labels belong to the family, so that none must be copied out of the text. Every
step is exact: nothing is rounded, no quotient leaves a remainder, no value is negative. A problem
is "large" where its numbers are: about two in five are.

Seeds from 10^9 on are for training. Whoever tests a model draws from smaller ones, so that it has
never seen what it is asked. Needs nothing but Python.
"""

import random

TRAINING_SEEDS = 10**9
STEPS = 5
VALUE_MAX = 9999
LARGE = 0.4  # the share of problems with large numbers

NAMES = ("Ada Ben Cleo Dan Elsa Finn Greta Hugo Iris Jonas Kim Lara Milo Nora Otto Pia Rosa Sam "
         "Tess Vera").split()
THINGS = ("pens books apples cards shells coins stamps cups balls plums cakes jars nuts rings keys "
          "lamps toys hats maps beads").split()
PLACES = "lake farm market school harbor museum camp tower".split()
DOINGS = "swim sing paint dance run".split()

EVALUATE = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
            "/": lambda a, b: a // b}


class Problem:
    """text, steps as above, and chain: the steps worked out, [(label, a, operator, b, value)]."""

    def __init__(self, family, large, text, steps):
        self.family, self.large, self.text, self.steps = family, large, text, steps
        self.chain = work_out(steps)

    @property
    def gold(self):
        return self.chain[-1][4]


def work_out(steps):
    """The chain of steps, or None where a step is not exact or a value is out of bounds."""
    values, chain = {}, []
    for label, left, operator, right in steps:
        a, b = values.get(left, left), values.get(right, right)
        if label in values or (operator == "/" and (b == 0 or a % b)):
            return None
        value = EVALUATE[operator](a, b)
        if not 0 <= value <= VALUE_MAX:
            return None
        values[label] = value
        chain.append((label, a, operator, b, value))
    return chain


def claim_of(step):
    label, a, operator, b, value = step
    return f"{label}: {a}{operator}{b}={value}"


def solution_of(chain):
    return "\n".join(map(claim_of, chain)) + f"\n\\boxed{{{chain[-1][4]}}}"


def between(rng, large, small_range, large_range):
    return rng.randint(*(large_range if large else small_range))


# The families. Each returns (text, steps); numbers that do not fit make work_out refuse the
# problem, and another one is drawn.

def shop(rng, large):
    who, (one, two) = rng.choice(NAMES), rng.sample(THINGS, 2)
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    p, q = between(rng, large, (2, 15), (13, 79)), between(rng, large, (2, 15), (13, 79))
    off = rng.randint(2, 19)
    cash = a * p + b * q - off + rng.randint(1, 90)
    text = rng.choice((
        f"{who} buys {a} {one} at {p} dollars each and {b} {two} at {q} dollars each with a coupon "
        f"for {off} dollars off. {who} pays with {cash} dollars. How much change is due?",
        f"At a shop {one} cost {p} dollars each and {two} cost {q} dollars each. {who} takes {a} "
        f"{one} and {b} {two}, gets {off} dollars off and pays with {cash} dollars. What is the "
        f"change?",
        f"{who} has {cash} dollars and buys {a} {one} for {p} dollars each and {b} {two} for {q} "
        f"dollars each. The shop takes {off} dollars off the sum. How much does {who} get back?"))
    return text, [("first", a, "*", p), ("second", b, "*", q), ("sum", "first", "+", "second"),
                  ("to pay", "sum", "-", off), ("change", cash, "-", "to pay")]


def boxes(rng, large):
    who, thing = rng.choice(NAMES), rng.choice(THINGS)
    a, b, kids = rng.randint(2, 9), between(rng, large, (5, 24), (25, 89)), rng.randint(2, 9)
    lost, found, given = rng.randint(1, 30), rng.randint(1, 40), rng.randint(1, 9)
    found += -(a * b - lost + found) % kids
    text = rng.choice((
        f"{who} has {a} boxes with {b} {thing} each. {lost} are broken and {found} more are found. "
        f"The rest is shared by {kids} kids and each kid gives away {given}. How many {thing} does "
        f"each kid keep?",
        f"There are {a} boxes of {b} {thing}. {lost} get lost, then {who} brings {found} more. "
        f"{kids} kids share all of them equally and each uses {given}. How many {thing} does each "
        f"kid have left?",
        f"{kids} kids share {a} full boxes of {b} {thing} after {who} took out {lost} and put in "
        f"{found}. Each kid loses {given} on the way. How many {thing} does one kid bring home?"))
    return text, [("boxes", a, "*", b), ("good", "boxes", "-", lost), ("all", "good", "+", found),
                  ("each", "all", "/", kids), ("keeps", "each", "-", given)]


def trip(rng, large):
    who, place = rng.choice(NAMES), rng.choice(PLACES)
    a, b = rng.randint(2, 6), rng.randint(2, 6)
    v, w = between(rng, large, (5, 40), (31, 98)), between(rng, large, (5, 40), (31, 98))
    walk = rng.randint(3, 40)
    way = a * v + b * w + walk + rng.randint(5, 150)
    text = rng.choice((
        f"{who} rides {a} hours at {v} km per hour and {b} hours at {w} km per hour, then walks "
        f"{walk} km. The {place} is {way} km away. How far is left?",
        f"The way to the {place} is {way} km. {who} drives {a} hours at {v} km per hour, {b} hours "
        f"at {w} km per hour, then goes {walk} km on foot. How many km remain?",
        f"{who} is on the way to the {place}, {way} km from home. The train makes {v} km per hour "
        f"for {a} hours, the bus {w} km per hour for {b} hours, and {who} walks {walk} km. How many "
        f"km are still to go?"))
    return text, [("first", a, "*", v), ("second", b, "*", w), ("sum", "first", "+", "second"),
                  ("done", "sum", "+", walk), ("left", way, "-", "done")]


def percent(rng, large):
    place, doing = rng.choice(PLACES), rng.choice(DOINGS)
    people, tens = 10 * between(rng, large, (4, 40), (38, 98)), rng.randint(2, 8)
    come, go = rng.randint(3, 40), rng.randint(2, 30)
    text = rng.choice((
        f"At a {place} there are {people} people and {10 * tens} percent of them {doing}. Later "
        f"{come} more come to those who do not {doing}, and {go} of that group go home. How many of "
        f"that group stay?",
        f"Of {people} people at the {place}, {10 * tens} percent {doing}. To the others {come} "
        f"people are added and then {go} of them leave. How many others are there now?",
        f"{10 * tens} percent of the {people} guests at the {place} {doing}. The rest is joined by "
        f"{come} guests and then loses {go}. How many guests are in the rest at the end?"))
    return text, [("tenth", people, "/", 10), ("part", "tenth", "*", tens),
                  ("others", people, "-", "part"), ("then", "others", "+", come),
                  ("stay", "then", "-", go)]


def ratio(rng, large):
    (one, two), thing = rng.sample(NAMES, 2), rng.choice(THINGS)
    a = rng.randint(3, 8)
    b = rng.randint(2, min(a - 1, 12 - a))
    whole = (a + b) * between(rng, large, (3, 15), (16, 98))
    text = rng.choice((
        f"{one} and {two} share {whole} {thing} in the ratio {a} to {b}. How many more {thing} does "
        f"{one} get than {two}?",
        f"{whole} {thing} are split between {one} and {two} as {a} to {b}. By how many does the "
        f"share of {one} exceed that of {two}?",
        f"For every {a} {thing} that {one} gets, {two} gets {b}. There are {whole} {thing} in all. "
        f"How many more does {one} have at the end?"))
    return text, [("parts", a, "+", b), ("part", whole, "/", "parts"), ("larger", "part", "*", a),
                  ("smaller", "part", "*", b), ("more", "larger", "-", "smaller")]


def equation(rng, large):
    a = rng.randint(4, 15)
    c = rng.randint(max(1, a - 12), a - 2)
    x, b = between(rng, large, (2, 12), (13, 75)), rng.randint(1, 60)
    d = (a - c) * x + b
    e, f = rng.randint(2, 9), rng.randint(1, 50)
    text = rng.choice((
        f"If {a}x + {b} = {c}x + {d}, what is {e}x + {f}?",
        f"The number x obeys {a}x + {b} = {c}x + {d}. What is {e}x + {f}?",
        f"Suppose {b} + {a}x = {d} + {c}x. What is the value of {f} + {e}x?"))
    return text, [("x terms", a, "-", c), ("numbers", d, "-", b), ("x", "numbers", "/", "x terms"),
                  ("times", "x", "*", e), ("value", "times", "+", f)]


def bags(rng, large):
    who, thing = rng.choice(NAMES), rng.choice(THINGS)
    a, b, single = rng.randint(2, 9), between(rng, large, (4, 19), (20, 89)), rng.randint(1, 30)
    e, eaten = between(rng, large, (3, 9), (6, 12)), rng.randint(1, 9)
    n = rng.randint(2, max(2, (a * b + single - eaten) // e))
    text = rng.choice((
        f"{who} has {a} packs of {b} {thing} and {single} loose {thing}. {n} bags are filled with "
        f"{e} each, and {who} gives {eaten} of the others away. How many {thing} remain outside the "
        f"bags?",
        f"{a} packs with {b} {thing} each and {single} single {thing} lie on a table. {who} fills "
        f"{n} bags of {e} and loses {eaten} of what is left over. How many {thing} are on the table "
        f"now?",
        f"Into each of {n} bags go {e} {thing}. {who} takes them from {a} packs of {b} and a heap of "
        f"{single}, and keeps what is left but for {eaten}. How many {thing} does {who} keep?"))
    return text, [("packs", a, "*", b), ("all", "packs", "+", single), ("bagged", n, "*", e),
                  ("over", "all", "-", "bagged"), ("kept", "over", "-", eaten)]


def ages(rng, large):
    one, two, three, last = rng.sample(NAMES, 4)
    a, k = between(rng, large, (3, 15), (16, 48)), rng.randint(2, 5)
    less, more = rng.randint(1, 20), rng.randint(2, 40)
    text = rng.choice((
        f"{one} is {a} years old. {two} is {k} times as old. {three} is {less} years younger than "
        f"{two}. {last} is {more} years older than the three together. How old is {last}?",
        f"{one} is {a} and {two} is {k} times that age. {two} is {less} years older than {three}. "
        f"{last} is {more} years older than all three ages together. What is the age of {last}?",
        f"The tree of {two} is {k} times as old as the tree of {one}, which is {a}. That of {three} "
        f"is {less} years younger than that of {two}, and that of {last} is {more} years older than "
        f"these three together. How old is the tree of {last}?"))
    return text, [("second", a, "*", k), ("third", "second", "-", less), ("two", a, "+", "second"),
                  ("three", "two", "+", "third"), ("oldest", "three", "+", more)]


def fence(rng, large):
    who = rng.choice(NAMES)
    long = between(rng, large, (5, 30), (31, 89))
    wide, price = rng.randint(3, long), rng.randint(*((4, 9) if large else (2, 6)))
    gate = rng.randint(5, 40)
    cash = 2 * (long + wide) * price + gate + rng.randint(5, 200)
    text = rng.choice((
        f"{who} fences a garden {long} m long and {wide} m wide at {price} dollars per m. A gate "
        f"costs {gate} dollars more. {who} had {cash} dollars. How much is left?",
        f"A yard is {long} m by {wide} m. A fence around it costs {price} dollars per m and a door "
        f"adds {gate} dollars. {who} has {cash} dollars. How many dollars remain?",
        f"With {cash} dollars {who} buys a fence for {price} dollars per m around a field of {long} "
        f"m by {wide} m, and a gate for {gate} dollars. How many dollars does {who} keep?"))
    return text, [("half", long, "+", wide), ("around", "half", "*", 2),
                  ("fence", "around", "*", price), ("cost", "fence", "+", gate),
                  ("left", cash, "-", "cost")]


def games(rng, large):
    who = rng.choice(NAMES)
    points = [between(rng, large, (5, 60), (40, 400)) for _ in range(4)]
    points[3] += -sum(points) % 4
    a, b, c, d = points
    change, plus = rng.randint(1, 30), rng.random() < .5
    told = rng.choice((f"A bonus of {change} is added to", f"Then {change} points are given on top of")
                      if plus else (f"A penalty of {change} is taken from",
                                    f"Then {change} points are taken off"))
    text = rng.choice((
        f"{who} scores {a}, {b}, {c} and {d} in four games. {told} the average. What is the final "
        f"score?",
        f"The points of {who} in four rounds are {a}, {b}, {c}, {d}. {told} their average. What is "
        f"the result?"))
    return text, [("two", a, "+", b), ("three", "two", "+", c), ("four", "three", "+", d),
                  ("average", "four", "/", 4), ("final", "average", "+" if plus else "-", change)]


def work(rng, large):
    who, thing = rng.choice(NAMES), rng.choice(THINGS)
    a, b = rng.randint(2, 8), rng.randint(2, 6)
    pay, price = between(rng, large, (3, 12), (11, 29)), rng.randint(2, 9)
    change, plus, home = rng.randint(2, 40), rng.random() < .6, rng.randint(1, 30)
    earned = a * b * pay
    change += -(earned + change) % price if plus else (earned - change) % price
    told = rng.choice((f"gets {change} dollars in tips", f"earns {change} dollars extra") if plus else
                      (f"pays {change} dollars for the bus", f"spends {change} dollars on food"))
    text = rng.choice((
        f"{who} works {a} hours a day for {b} days at {pay} dollars per hour and {told}. All the "
        f"money buys {thing} at {price} dollars each. With {home} {thing} at home, how many {thing} "
        f"does {who} have?",
        f"For {b} days {who} works {a} hours daily for {pay} dollars an hour and {told}. {who} owns "
        f"{home} {thing} and buys {thing} at {price} dollars each with all the money. How many "
        f"{thing} in all?"))
    return text, [("hours", a, "*", b), ("pay", "hours", "*", pay),
                  ("money", "pay", "+" if plus else "-", change), ("bought", "money", "/", price),
                  ("in all", "bought", "+", home)]


def eggs(rng, large):
    who = rng.choice(NAMES)
    a, c = rng.randint(3, 12), rng.randint(2, 9)
    b, d = between(rng, large, (2, 9), (10, 49)), between(rng, large, (2, 9), (10, 49))
    each, change, plus = rng.choice((2, 3, 4, 5, 6, 8, 10)), rng.randint(1, 25), rng.random() < .3
    whole = a * b + c * d
    change += -(whole + change) % each if plus else (whole - change) % each
    told = rng.choice((f"{who} buys {change} eggs more", f"{change} eggs are left from before") if plus
                      else (f"{change} eggs crack", f"{change} eggs are eaten"))
    text = rng.choice((
        f"{who} keeps {a} hens that lay {b} eggs each and {c} ducks that lay {d} eggs each. {told} "
        f"and all the good eggs are packed {each} to a carton. How many cartons are there?",
        f"On the farm of {who} each of {a} hens lays {b} eggs and each of {c} ducks lays {d}. "
        f"{told}. Cartons hold {each} eggs. How many cartons are filled?"))
    return text, [("hens", a, "*", b), ("ducks", c, "*", d), ("sum", "hens", "+", "ducks"),
                  ("eggs", "sum", "+" if plus else "-", change), ("cartons", "eggs", "/", each)]


FAMILIES = (shop, boxes, trip, percent, ratio, equation, bags, ages, fence, games, work, eggs)


def draw(rng):
    """The next problem."""
    while True:
        family, large = rng.choice(FAMILIES), rng.random() < LARGE
        problem = Problem(family.__name__, large, *family(rng, large))
        if problem.chain and problem.gold > 0:
            return problem


def fresh(seed, n, only_large=False):
    """n different problems of one seed, which must not be one that training may use."""
    if not 0 <= seed < TRAINING_SEEDS:
        raise ValueError(f"seed {seed} is not in 0..{TRAINING_SEEDS - 1}: from {TRAINING_SEEDS} on, "
                         f"seeds are for training")
    rng, texts = random.Random(seed), set()
    while len(texts) < n:
        problem = draw(rng)
        if problem.text not in texts and (problem.large or not only_large):
            texts.add(problem.text)
            yield problem
