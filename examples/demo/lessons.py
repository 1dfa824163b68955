"""What the model is taught: solutions, verifications in three forms, and bare sums.

The solver writes each step at once ("sum: 432+98=530"). The verifier takes another route: it works
out from the problem what the quantity should be, through every step that leads to it, and each sum
column by column ("sum: 432+98 (10,13,5)=530"), and compares the claim's value with that digit by
digit (", said 520: 5=5,3#2,0=0"), before it says a word. So it follows neither the claim's operands
nor its operator, and spends more on each sum than the solver did.

Columns run from right to left and include what is carried into them:
  a+b  sums of digits; only the last column may show its carry twice: 432+98 (10,13,5)=530
  a-b  digits of the difference; ' marks a column that borrows: 432-98 (4',3',3)=334
  a*b  digits of the longer factor times the shorter, which has one digit: 98*6 (48,58)=588; with
       two digits, its lines from the right, then their sum: 36*12 (12,7=72;6,3=36;2,13,4)=432
  a/b  the parts divided, from left to right, with their quotients: 522/6 (52:8,42:7)=87
"""

from itertools import zip_longest

import problems

USER, ASSISTANT, END = "<|im_start|>user\n", "<|im_start|>assistant\n", "<|im_end|>"


def digits(n):
    """From right to left."""
    return [int(c) for c in reversed(str(n))]


def padded(n, length):
    return (digits(n) + [0] * length)[:length]


def add_columns(a, b):
    length, carry, columns = max(len(str(a)), len(str(b))), 0, []
    for x, y in zip(padded(a, length), padded(b, length)):
        columns.append(x + y + carry)
        carry = columns[-1] // 10
    return ",".join(map(str, columns))


def subtract_columns(a, b):
    length, borrow, columns = len(str(a)), 0, []
    for x, y in zip(digits(a), padded(b, length)):
        d = x - y - borrow
        borrow = int(d < 0)
        columns.append(f"{d % 10}" + "'" * borrow)
    return ",".join(columns)


def multiply_by_digit(a, digit):
    carry, columns = 0, []
    for x in digits(a):
        columns.append(x * digit + carry)
        carry = columns[-1] // 10
    return ",".join(map(str, columns))


def multiply_columns(a, b):
    if len(str(a)) < len(str(b)):
        a, b = b, a
    if b < 10:
        return multiply_by_digit(a, b)
    lines, total = [], 0
    for place, digit in enumerate(digits(b)):
        lines.append(f"{multiply_by_digit(a, digit)}={a * digit}")
        shifted = a * digit * 10**place
        if place:
            lines.append(add_columns(total, shifted))
        total += shifted
    return ";".join(lines)


def divide_parts(a, b):
    parts, rest = [], 0
    for c in str(a):
        rest = rest * 10 + int(c)
        if rest >= b or parts:
            parts.append(f"{rest}:{rest // b}")
            rest %= b
    return ",".join(parts) or f"{a}:0"


COLUMNS = {"+": add_columns, "-": subtract_columns, "*": multiply_columns, "/": divide_parts}


def sum_with_columns(a, operator, b, value):
    return f"{a}{operator}{b} ({COLUMNS[operator](a, b)})={value}"


def worked(step):
    label, a, operator, b, value = step
    return f"{label}: {sum_with_columns(a, operator, b, value)}"


def compared(step, found):
    """The claim's value beside the one that was found, digit by digit: a verdict reads the marks."""
    pairs = zip_longest(str(found[4]), str(step[4]), fillvalue="")
    return f", said {step[4]}: " + ",".join(f"{f}{'=' if f == s else '#'}{s}" for f, s in pairs)


def needed(problem, index):
    """The chain's steps that lead to step index, itself last."""
    wanted = {problem.steps[index][0]}
    for label, left, _, right in reversed(problem.steps[:index + 1]):
        if label in wanted:
            wanted |= {left, right}
    return [s for s in problem.chain[:index + 1] if s[0] in wanted]


def same(step, other):
    """Whether two steps claim the same: one value for one quantity."""
    return (step[0], step[4]) == (other[0], other[4])


def index_of(problem, label):
    labels = [s[0] for s in problem.steps]
    return labels.index(label) if label in labels else None


def word(valid):
    return "yes" if valid else "no"


# Each form: (what follows the problem, the reply).

def solve(problem):
    return "", problems.solution_of(problem.chain)


def each(problem, step):
    index = index_of(problem, step[0])
    ask = f"\nClaim:\n{problems.claim_of(step)}\nRight?"
    if index is None:
        return ask, "no"
    lines = [worked(s) for s in needed(problem, index)]
    lines[-1] += compared(step, problem.chain[index])
    return ask, "\n".join(lines + [word(same(step, problem.chain[index]))])


def joint(problem, chain):
    """chain: the first steps of a solution, in the problem's order."""
    lines = []
    for number, (step, gold) in enumerate(zip(chain, problem.chain), 1):
        lines += [worked(gold) + compared(step, gold), f"{number}: {word(same(step, gold))}"]
    claims = "\n".join(f"{i}. {problems.claim_of(s)}" for i, s in enumerate(chain, 1))
    return f"\nClaims:\n{claims}\nRight?", "\n".join(lines)


def blind(problem, label):
    lines = [worked(s) for s in needed(problem, index_of(problem, label))]
    return f"\nBlind:\n{label}=?", "\n".join(lines)


def prompt(text, ask=""):
    return f"{USER}{text}{ask}{END}\n{ASSISTANT}"


# Wrong chains: what a careless solver would write.

def misreckon(rng, a, operator, b, value):
    """A wrong value of a sum, of the kinds that solvers make."""
    kind = rng.random()
    if kind < .25:
        wrong = value + rng.choice((-1, 1))
    elif kind < .5:
        wrong = value + rng.choice((-10, 10))
    elif kind < .6:
        wrong = value + rng.choice((-100, 100, -2, 2))
    elif kind < .75:
        wrong = value + rng.choice((a, b, -a, -b) if operator == "*" else (-11, 11, -9, 9))
    else:
        text = list(str(value))
        text[rng.randrange(len(text))] = str(rng.randrange(10))
        wrong = int("".join(text))
    return wrong if wrong >= 0 and wrong != value else value + rng.choice((1, 2, 10))


def wrong_chain(rng, problem):
    """A chain with one slip (a wrong sum, operator or operand), carried on from there; and where."""
    given = [x for _, l, _, r in problem.steps for x in (l, r) if isinstance(x, int)]
    while True:
        at, kind = rng.randrange(problems.STEPS), rng.random()
        values, chain = {}, []
        for i, (label, left, operator, right) in enumerate(problem.steps):
            a, b = values.get(left, left), values.get(right, right)
            if i == at and .4 <= kind < .7:
                operator = rng.choice([o for o in "+-*/" if o != operator])
            elif i == at and kind >= .7:
                other = rng.choice(given + [s[4] for s in chain])
                a, b = (other, b) if rng.random() < .5 else (a, other)
            if operator == "/" and not b:
                break
            value = problems.EVALUATE[operator](a, b)
            if i == at and kind < .4:
                value = misreckon(rng, a, operator, b, value)
            if not 0 <= value <= problems.VALUE_MAX:
                break
            values[label] = value
            chain.append((label, a, operator, b, value))
        if len(chain) == problems.STEPS and not same(chain[at], problem.chain[at]):
            return chain, at


def bare_sum(rng):
    """(a, operator, b, value) of the sizes that the problems have."""
    operator = rng.choice("++--**/")
    if operator == "*":
        a, b = rng.randint(2, 99 if rng.random() < .8 else 400), rng.randint(2, 12)
        if rng.random() < .2:
            a, b = rng.randint(11, 60), rng.randint(11, 40)
        if rng.random() < .5:
            a, b = b, a
    elif operator == "/":
        b = rng.randint(2, 12)
        a = b * rng.randint(1, 120 if rng.random() < .7 else 400)
    else:
        a, b = (rng.randint(1, rng.choice((30, 99, 400, 999))) for _ in range(2))
        if operator == "-" and a < b:
            a, b = b, a
    return a, operator, b, problems.EVALUATE[operator](a, b)


def drill(rng, lines):
    """Sums without words, as the solver writes them or, once in three, as the verifier does."""
    sums = []
    while len(sums) < lines:
        sums.append(bare_sum(rng))
        sums += [step[1:] for step in problems.draw(rng).chain]
    rng.shuffle(sums)
    if rng.random() < 2 / 3:
        return [f"{a}{o}{b}={v}" for a, o, b, v in sums[:lines]]
    return [sum_with_columns(*s) for s in sums[:lines]]
