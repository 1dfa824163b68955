"""Grades answers of language models with libsurety.

    >>> import surety
    >>> surety.verify(r"\\frac12", "0.5")
    True
    >>> surety.extract(r"So she makes \\boxed{18} dollars.")
    '18'
    >>> surety.check("18", r"So she makes \\boxed{18} dollars.").correct
    True

A gold answer is a string (one answer, commas and all, or a worked solution that ends in "#### 18"),
a number, a list of these, any of which is right, or {"answer", "kind"?, "tolerance"?,
"relative_tolerance"?} with a kind of KINDS. None in place of True or False is "unknown": it cannot
be decided, which is not the same as wrong.

Any number of threads and forked workers may call these functions: there is no state, no signal and
no timer. While the library works, other threads of Python run.
"""
import numbers
from collections import namedtuple

from . import _library
from ._library import KINDS, LibraryNotFound, SuretyError

__all__ = ["Grade", "KINDS", "LibraryNotFound", "SuretyError", "check", "extract", "verify", "version"]

RELATIONS = ("different", "exact", "compatible", "unknown")

Grade = namedtuple("Grade", "correct answer relation how found start end")
Grade.__doc__ = """What came of a check.

correct: True, False or None (unknown). answer: what the text states, None for nothing. relation: one
of RELATIONS. how: why. found: how the text states it ("boxed", "answer line", ...). start, end: where
it stands in the text.
"""


def _text(value):
    """As the library takes it: UTF-8 without NUL. Each character stays one character."""
    if not isinstance(value, str):
        raise TypeError(f"a text must be a string, not {type(value).__name__}")
    return value.encode("utf-8", "replace").replace(b"\0", "\ufffd".encode())


def _answer(value):
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, numbers.Real) and not isinstance(value, str):
        return str(value).encode()
    if not isinstance(value, str):
        raise TypeError("a gold answer must be a string, a number, a list of these or a dict, "
                        f"not {type(value).__name__}")
    return _text(value)


def _gold(gold, problem):
    """(answers, keyword arguments) for the library."""
    options = {"kind": "any", "tolerance": 0.0, "relative_tolerance": 0.0}
    if isinstance(gold, dict):
        unknown = set(gold) - set(options) - {"answer"}
        if unknown or "answer" not in gold:
            raise ValueError(f"a gold answer has \"answer\", {', '.join(map(repr, options))}, not {list(gold)}")
        options.update((k, v) for k, v in gold.items() if k != "answer")
        gold = gold["answer"]
    if options["kind"] not in KINDS:
        raise ValueError(f"the kind of a gold answer must be one of {', '.join(KINDS)}, not {options['kind']!r}")
    answers = [_answer(a) for a in (gold if isinstance(gold, (list, tuple)) else [gold])]
    return answers, dict(options, problem=None if problem is None else _text(problem))


def _correct(relation, lenient):
    return None if relation == "unknown" else relation == "exact" or (lenient and relation == "compatible")


def verify(gold, answer, *, problem=None, lenient=False):
    """Whether an answer that was read already is right: True, False, or None (unknown).

    lenient: a compatible one (rounded, without the unit) is right too. problem: its options give a
    choice letter its meaning. ValueError for a gold answer that no answer can be.
    """
    answers, options = _gold(gold, problem)
    raw = _library.equal(answers, _text(answer), **options)
    return _correct(RELATIONS[raw.relation], lenient)


def extract(text, *, truncated=False):
    """The answer that a text states, or None. truncated: the text was cut off by a limit."""
    answer = _library.extract(_text(text), truncated).answer
    return None if answer is None else answer.decode()


def check(gold, text, *, problem=None, truncated=False, lenient=False):
    """Reads the answer of a whole text and compares it: a Grade."""
    answers, options = _gold(gold, problem)
    encoded = _text(text)
    raw = _library.check(answers, encoded, truncated, **options)
    relation = RELATIONS[raw.relation]
    start = len(encoded[:raw.start].decode("utf-8", "replace"))
    return Grade(_correct(relation, lenient), None if raw.answer is None else raw.answer.decode(),
                 relation, raw.how.decode(), raw.found.decode(), start,
                 start + len(encoded[raw.start:raw.end].decode("utf-8", "replace")))


def version():
    """The version of the library that was found."""
    return _library.load().surety_version().decode()
