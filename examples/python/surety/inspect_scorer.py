"""A scorer for inspect_ai: Task(dataset=..., solver=generate(), scorer=surety_scorer())."""
from inspect_ai.scorer import CORRECT, INCORRECT, NOANSWER, Score, accuracy, scorer, stderr

import surety


@scorer(metrics=[accuracy(), stderr()])
def surety_scorer(kind="any", tolerance=0.0, relative_tolerance=0.0, lenient=False):
    """Right is what equals one of the sample's targets. What cannot be decided is incorrect, and
    says "unknown" in the score's metadata."""
    async def score(state, target):
        gold = {"answer": list(target), "kind": kind, "tolerance": tolerance,
                "relative_tolerance": relative_tolerance}
        grade = surety.check(gold, state.output.completion, problem=state.input_text, lenient=lenient,
                             truncated=state.output.stop_reason in ("max_tokens", "model_length"))
        value = CORRECT if grade.correct else INCORRECT if grade.answer is not None else NOANSWER
        return Score(value=value, answer=grade.answer, explanation=f"{grade.relation}: {grade.how}",
                     metadata={"relation": grade.relation, "found": grade.found})

    return score
