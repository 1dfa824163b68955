"""Writes tests/data/golden.jsonl: what PyTorch continues greedily in float32, from the F16 weights.

    python3 examples/demo/golden.py FOLDER > tests/data/golden.jsonl

The engine must give the same tokens, though it shares no code with PyTorch.
"""

import json
import random
import sys

import torch

import export
import lessons
import problems

SEED, SOLUTIONS, OF_EACH_FORM = 77, 50, 10


def prompts():
    rng = random.Random(SEED)
    for i, problem in enumerate(problems.fresh(SEED, SOLUTIONS)):
        yield lessons.prompt(problem.text)
        if i < OF_EACH_FORM:
            chain, at = lessons.wrong_chain(rng, problem)
            chain = problem.chain if i % 2 else chain
            for ask, _ in (lessons.each(problem, chain[at]), lessons.joint(problem, chain),
                           lessons.blind(problem, chain[at][0])):
                yield lessons.prompt(problem.text, ask)


@torch.no_grad()
def continuation(model, tokenizer, ids, limit=224):
    """Without a cache: the plainest way there is."""
    made = []
    while len(made) < limit:
        length = len(ids) + len(made)
        mask = torch.full((length, length), export.models.MASKED).triu(1)[None, None]
        hidden = model(torch.tensor([ids + made]), torch.arange(length)[None], mask)
        made.append(int(model.logits(hidden[0, -1]).argmax()))
        if made[-1] == tokenizer.end:
            break
    return made


def main():
    torch.set_num_threads(2)
    model, tokenizer = export.load(sys.argv[1])
    for prompt in prompts():
        ids = tokenizer.encode(prompt)
        made = continuation(model, tokenizer, ids)
        print(json.dumps({"prompt": prompt, "prompt_ids": ids, "greedy_ids": made,
                          "greedy_text": tokenizer.decode(made)}))


if __name__ == "__main__":
    main()
