"""Trains the demo model from nothing: tokenizer, lessons, weights.

    OMP_WAIT_POLICY=PASSIVE python3 examples/demo/train.py --out /tmp/demo

Needs Debian's python3-torch and, for speed, libopenblas0-openmp. Writes merges.json and
checkpoint.pt into the folder and goes on from there when it is started again.

A row is a problem that branches: its solution, and one verification in one of the three forms,
which see the problem but not each other. So the solver is taught as often as the verifier, on the
same problems. Some rows are bare sums instead, two in three of them as the solver writes them.
From a third of the way on, three problems in ten are such that the model solved them wrongly itself,
and their wrong claims are its own; they are collected anew from time to time. The rate falls to
nothing over the second half.
"""

import argparse
import os
import random
import re
import signal
import sys
import time

import torch
from torch import multiprocessing
from torch.nn import functional as F

import lessons
import model as models
import problems
import tokens

MERGES = 637
PROCESSES = 2  # of one thread each: they wait for each other once a step
STEP_TOKENS = 768, 1536  # of each process, before and after OWN_FROM
POOL = 128  # rows that are drawn together and batched by length
WARMUP = 100
FALL = .5  # the share of the steps over which the rate falls
OWN_FROM, OWN_EVERY = 1 / 3, 1 / 6
DRILLS, DRILL_LINES = .3, 16  # the share of rows that are sums alone; half as many at the end
OWN_PROBLEMS, OWN_SHARE = 600, .3  # problems of each collection; rows that are drawn from it
VERDICT = 6.  # the weight of a verdict's word among the targets
CHECK_SEED = 10**9
STEP_TEXT = re.compile(r"(.+?): (\d+)([-+*/])(\d+)=(\d+)")


def read_chain(reply):
    """The steps of a reply that is a whole solution, else None."""
    lines = reply.split("\n")
    steps = [STEP_TEXT.fullmatch(line) for line in lines[:problems.STEPS]]
    if len(lines) != problems.STEPS + 1 or not all(steps):
        return None
    return [(s[1], int(s[2]), s[3], int(s[4]), int(s[5])) for s in steps]


class Teacher:
    """Draws rows and batches. own: [(problem, [wrong chains of the model])]."""

    def __init__(self, tokenizer, seed):
        self.tokenizer, self.rng = tokenizer, random.Random(problems.TRAINING_SEEDS + seed)
        self.own, self.progress, self.pool = [], 0., []
        self.verdicts = {tokenizer.encode(word)[0] for word in ("yes", "no", " yes", " no")}

    def verification(self, problem, own):
        rng = self.rng
        if own:
            chain = rng.choice(own)
            wrong = [i for i, (s, g) in enumerate(zip(chain, problem.chain))
                     if not lessons.same(s, g)]
        else:
            chain, at = lessons.wrong_chain(rng, problem)
            wrong = [i for i in range(at, problems.STEPS)
                     if not lessons.same(chain[i], problem.chain[i])]
        form = rng.random()
        if form < .25:
            chain = problem.chain if rng.random() < .4 else chain
            in_order = all(s[0] == g[0] for s, g in zip(chain, problem.chain))
            length = problems.STEPS if rng.random() < .8 else rng.randint(1, problems.STEPS)
            return lessons.joint(problem, (chain if in_order else problem.chain)[:length])
        if form < .5:
            return lessons.blind(problem, rng.choice(problem.steps)[0])
        if rng.random() < .5 or not wrong:
            return lessons.each(problem, rng.choice(problem.chain))
        slip = wrong[0] if rng.random() < .5 else rng.choice(wrong)  # made there, or carried
        return lessons.each(problem, chain[slip])

    def drill(self):
        """Bare sums; what each sum asks is no target, for it is random."""
        ids, weight = [], []
        for line in lessons.drill(self.rng, DRILL_LINES):
            asked = re.match(r"[^ =]*", line)[0]
            head, body = (self.tokenizer.encode(t) for t in (asked, line[len(asked):] + "\n"))
            ids += head + body
            weight += [0.] * (len(head) + 1) + [1.] * (len(body) - 1)
        return ids, list(range(len(ids))), [0] * len(ids), weight

    def row(self):
        """(ids, positions, branch of each token, weight of each token as a target)."""
        rng, encode = self.rng, self.tokenizer.encode
        if rng.random() < (DRILLS if self.progress < .75 else DRILLS / 2):
            return self.drill()
        verdicts = self.verdicts
        problem, own = rng.choice(self.own) if self.own and rng.random() < OWN_SHARE else (None, None)
        problem = problem or problems.draw(rng)
        ids = encode(lessons.USER + problem.text[:-1])  # the "?" may join with what follows
        shared = len(ids)
        positions, branch, weight = list(range(shared)), [0] * shared, [0.] * shared
        for number, (ask, reply) in enumerate((lessons.solve(problem),
                                               self.verification(problem, own)), 1):
            head = encode(f"{problem.text[-1]}{ask}{lessons.END}\n{lessons.ASSISTANT}")
            body = encode(reply + lessons.END)
            length = len(head) + len(body)
            ids += head + body
            positions += range(shared, shared + length)
            branch += [number] * length
            weight += [0.] * len(head) + [VERDICT if i in verdicts else 1. for i in body]
        return ids, positions, branch, weight

    def batch(self):
        if not self.pool:
            rows = sorted((self.row() for _ in range(POOL)), key=lambda r: len(r[0]))
            while rows:
                n = max(1, STEP_TOKENS[self.progress >= OWN_FROM] // len(rows[-1][0]))
                self.pool.append(rows[-n:])
                del rows[-n:]
            self.rng.shuffle(self.pool)
        rows = self.pool.pop()
        length = max(len(r[0]) for r in rows)
        ids, positions, branch, weight = (
            torch.tensor([r[i] + [fill] * (length - len(r[0])) for r in rows])
            for i, fill in enumerate((0, 0, -1, 0.)))
        steps = torch.arange(length)
        allowed = ((branch[:, None, :] == 0) | (branch[:, None, :] == branch[:, :, None])) & \
                  (steps[None, :] <= steps[:, None])
        mask = torch.where(allowed, 0., models.MASKED)[:, None]
        # The first token of a branch is never a target: its weight is 0. All others follow their
        # predecessor in the row.
        return ids, positions, mask, ids[:, 1:], weight[:, 1:], sum(len(r[0]) for r in rows)


def collect(model, teacher, n):
    """Lets the model solve n problems four times and keeps the wrong chains."""
    drawn = [problems.draw(teacher.rng) for _ in range(n)]
    replies = models.sample(model, teacher.tokenizer, [lessons.prompt(p.text) for p in drawn], k=4,
                            limit=112, seed=teacher.rng.randrange(2**31))
    teacher.own = []
    for problem, texts in zip(drawn, replies):
        chains = [c for c in map(read_chain, texts) if c and
                  not all(map(lessons.same, c, problem.chain))]
        if chains:
            teacher.own.append((problem, chains))


def evaluate(model, tokenizer):
    """pass@1, and how blind recomputation and verdicts on each claim do on the model's own."""
    rng = random.Random(problems.TRAINING_SEEDS + CHECK_SEED)
    drawn = [problems.draw(rng) for _ in range(96)]
    replies = models.sample(model, tokenizer, [lessons.prompt(p.text) for p in drawn], k=4,
                            limit=112)
    right, claims = 0, set()
    for i, (problem, texts) in enumerate(zip(drawn, replies)):
        for text in texts:
            right += text.endswith(f"\\boxed{{{problem.gold}}}")
            for step in read_chain(text) or ():
                if lessons.index_of(problem, step[0]) is not None:
                    claims.add((i, step))
    claims = sorted(claims)
    truth = [lessons.same(s, drawn[i].chain[lessons.index_of(drawn[i], s[0])]) for i, s in claims]
    asked = [lessons.prompt(drawn[i].text, lessons.each(drawn[i], s)[0]) for i, s in claims]
    said = [r[0].endswith("yes") for r in models.sample(model, tokenizer, asked, temperature=0)]
    asked = [lessons.prompt(drawn[i].text, lessons.blind(drawn[i], s[0])[0]) for i, s in claims]
    found = [r[0].rsplit("=", 1)[-1] == str(s[4]) for r, (_, s) in
             zip(models.sample(model, tokenizer, asked, temperature=0), claims)]

    def rate(verdicts, wanted):
        kept = [v == wanted for v, t in zip(verdicts, truth) if t == wanted]
        return sum(kept) / max(1, len(kept))

    return (f"pass@1 {right / len(drawn) / 4:.3f}; {len(claims)} claims, {sum(truth)} true; each: "
            f"true kept {rate(said, True):.3f}, false refuted {rate(said, False):.3f}; blind: "
            f"{rate(found, True):.3f}, {rate(found, False):.3f}")


def orthogonal(g):
    """The nearest matrix with equal singular values, by Newton and Schulz (Jordan et al. 2024)."""
    wide = g.shape[0] <= g.shape[1]
    x = ((g if wide else g.t()) / (g.norm() + 1e-7)).bfloat16()
    for _ in range(5):
        a = x @ x.t()
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x if wide else x.t()).float()


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal (Jordan et al. 2024): for the matrices inside the blocks. That costs
    as much as a pass through the model, so each process does its share of the matrices."""

    def __init__(self, parameters, lr, exchange, rank, momentum=.95, decay=.05):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})
        self.exchange, self.rank = exchange, rank

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            parameters = group["params"]
            steps = self.exchange.steps(parameters)
            for i, (p, step) in enumerate(zip(parameters, steps)):
                kept = self.state[p].setdefault("kept", torch.zeros_like(p))
                kept.lerp_(p.grad, 1 - group["momentum"])
                if i * PROCESSES // len(parameters) == self.rank:
                    joined = 2 if p.shape[0] > p.shape[1] else 1  # queries and the rest; gate and up
                    parts = p.grad.lerp(kept, group["momentum"]).chunk(joined)
                    step.copy_(torch.cat([orthogonal(s) * max(s.shape)**.5 for s in parts]))
            self.exchange.barrier.wait()
            for p, step in zip(parameters, steps):
                p.mul_(1 - group["lr"] * group["decay"]).add_(step, alpha=-.3 * group["lr"])


def optimizers(model, lr, exchange, rank):
    inner = [p for n, p in model.named_parameters() if p.dim() == 2 and "embd" not in n]
    small = [p for p in model.parameters() if p.dim() != 2]
    adam = torch.optim.AdamW([{"params": [model.token_embd.weight], "weight_decay": .05},
                              {"params": small, "weight_decay": 0.}], lr=lr, betas=(.9, .98))
    return [adam, Muon(inner, lr, exchange, rank)]


def loss_of(model, ids, positions, mask, targets, weight):
    """The weighted mean; matrices are multiplied in bfloat16, weights stay in float32."""
    chosen = weight > 0
    with torch.autocast("cpu", torch.bfloat16):
        logits = model.logits(model(ids, positions, mask)[:, :-1][chosen])
    losses = F.cross_entropy(logits.float(), targets[chosen], reduction="none")
    return (losses * weight[chosen]).sum() / weight[chosen].sum()


def rate_at(step, steps):
    return min(1, (step + 1) / WARMUP, (steps - step) / (FALL * steps))


def texts_of_all_forms(n):
    """What the tokenizer is trained on: n problems in all four forms."""
    rng = random.Random(problems.TRAINING_SEEDS)
    for problem in (problems.draw(rng) for _ in range(n)):
        chain, at = lessons.wrong_chain(rng, problem)
        for ask, reply in (lessons.solve(problem), lessons.each(problem, chain[at]),
                           lessons.each(problem, problem.chain[at]), lessons.joint(problem, chain),
                           lessons.blind(problem, chain[at][0])):
            yield lessons.prompt(problem.text, ask) + reply + lessons.END


class Exchange:
    """What the processes tell each other in shared memory: gradients, and steps of the matrices."""

    def __init__(self, processes, size, context):
        self.rows = torch.zeros(processes, size).share_memory_()
        self.shared = torch.zeros(size).share_memory_()
        self.barrier = context.Barrier(processes)

    def average(self, rank, parameters):
        self.rows[rank] = torch.cat([p.grad.reshape(-1) for p in parameters])
        self.barrier.wait()
        mean = self.rows.mean(0)
        self.barrier.wait()  # nobody writes before all have read
        for p, part in zip(parameters, mean.split([p.numel() for p in parameters])):
            p.grad.copy_(part.view_as(p))

    def steps(self, parameters):
        """A shared tensor for each; written by one process before a barrier, read by all behind it."""
        sizes = [p.numel() for p in parameters]
        return [part.view_as(p) for p, part in
                zip(parameters, self.shared[:sum(sizes)].split(sizes))]


def train(rank, args, exchange):
    """One process of several that make the same steps, each from rows of its own."""
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    tokenizer = tokens.Tokenizer.load(os.path.join(args.out, "merges.json"))
    checkpoint = os.path.join(args.out, "checkpoint.pt")
    model = models.Model(models.Config(len(tokenizer.tokens)))
    parameters, opts = list(model.parameters()), optimizers(model, args.lr, exchange, rank)
    step, seen = 0, 0
    if os.path.exists(checkpoint):
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"])
        for o, state in zip(opts, saved["optimizers"]):
            o.load_state_dict(state)
        step, seen = saved["step"], saved["seen"]
    teacher = Teacher(tokenizer, (args.seed * PROCESSES + rank) * 10**6 + step)
    started = kept = time.monotonic()
    first, began, total, collect_at = seen, step, 0., OWN_FROM * args.steps
    while step < args.steps:
        teacher.progress = step / args.steps
        for group in (g for o in opts for g in o.param_groups):
            group["lr"] = args.lr * rate_at(step, args.steps)
        if step >= collect_at:
            if rank == 0:
                print(f"step {step}: solves {OWN_PROBLEMS} problems to learn from its errors", flush=True)
            collect(model, teacher, OWN_PROBLEMS)
            collect_at = step + OWN_EVERY * args.steps
        ids, positions, mask, targets, weight, n = teacher.batch()
        loss = loss_of(model, ids, positions, mask, targets, weight)
        for o in opts:
            o.zero_grad(set_to_none=True)
        loss.backward()
        exchange.average(rank, parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 1.)
        for o in opts:
            o.step()
        step, seen, total = step + 1, seen + n * PROCESSES, total + loss.item()
        if rank:
            continue
        if step % 100 == 0:
            took = time.monotonic() - started
            print(f"step {step}, loss {total / min(100, step - began):.4f}, {took:.0f} s, "
                  f"{(seen - first) / took:.0f} tokens/s", flush=True)
            total = 0.
        if step == args.steps or time.monotonic() - kept > 60 * args.minutes:
            torch.save({"model": model.state_dict(), "step": step, "seen": seen,
                        "optimizers": [o.state_dict() for o in opts]}, checkpoint + ".new")
            os.replace(checkpoint + ".new", checkpoint)
            kept = time.monotonic()
    if rank == 0:
        print(f"{step} steps, {seen} tokens; {evaluate(model, tokenizer)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Train the demo model.")
    parser.add_argument("--out", required=True, help="folder for merges.json and checkpoint.pt")
    parser.add_argument("--steps", type=int, default=13500)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=3, help="between checkpoints")
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed is negative: its problems could be those that tests draw")
    os.makedirs(args.out, exist_ok=True)
    merges = os.path.join(args.out, "merges.json")
    if not os.path.exists(merges):
        tokens.Tokenizer(tokens.train(texts_of_all_forms(4000), MERGES)).save(merges)
    model = models.Model(models.Config(len(tokens.Tokenizer.load(merges).tokens)))
    size = sum(p.numel() for p in model.parameters())
    print(f"{size} parameters", flush=True)
    exchange = Exchange(PROCESSES, size, multiprocessing.get_context("spawn"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the processes end with this one
    multiprocessing.spawn(train, (args, exchange), PROCESSES, daemon=True)


if __name__ == "__main__":
    main()
