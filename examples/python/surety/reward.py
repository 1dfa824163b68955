"""Rewards for training: 1 for a right answer, 0 for a wrong one.

TRL:   GRPOTrainer(reward_funcs=accuracy_reward, ...), with a column "solution" or "answer".
verl:  custom_reward_function.path=.../surety/reward.py custom_reward_function.name=compute_score
       (or the file of your own that imports it).
"""
import warnings

import surety


def _reply(completion):
    """The text of a completion: a string, or messages of which the last is the model's."""
    return completion if isinstance(completion, str) else completion[-1]["content"]


def accuracy_reward(completions, solution=None, answer=None, **_):
    """TRL's signature: a reward for each completion, None (no reward, TRL leaves it out) where it
    cannot be decided or the gold answer cannot be read."""
    golds = solution if solution is not None else answer
    if golds is None:
        raise ValueError("the dataset needs a column \"solution\" or \"answer\" with the gold answers")
    rewards = []
    for completion, gold in zip(completions, golds):
        try:
            correct = surety.check(gold, _reply(completion)).correct
        except ValueError as error:
            warnings.warn(f"no reward: {error}")
            correct = None
        rewards.append(None if correct is None else float(correct))
    return rewards


def compute_score(data_source, solution_str, ground_truth, extra_info=None, **_):
    """verl's signature: the score, and what its logs and majority votes use. What cannot be decided
    gets no reward."""
    grade = surety.check(ground_truth, solution_str)
    return {"score": float(grade.correct is True), "acc": grade.correct is True, "pred": grade.answer or ""}
