#!/usr/bin/env python3
"""inspect_ai and lm-eval, the real ones, grade recorded replies with libsurety. usage: graders.py

Needs both of them and the package surety (scripts/clients graders installs them). A model that gives recorded
replies stands in for one; what the evaluations count must be what was recorded. As TAP.
"""
import json
import os
import tempfile

# (question, gold, reply, right)
RECORDED = [
    ("What is half of 1?", "0.5", "It is \\boxed{\\frac12}.", True),
    ("How many eggs are left?", "She has 20 - 2.\n#### 18", "So she has 18 eggs left.\nAnswer: 18", True),
    ("How many eggs are left?", "18", "So she has 17 eggs left.\nAnswer: 17", False),
    ("Factor x^2-1.", "(x-1)(x+1)", "We get $\\boxed{(x+1)(x-1)}$.", True),
    ("What is a third?", "1/3", "The answer is 0.333", False),
    ("How far is it?", "5 km", "I do not know how far it is, sorry.", False),
    ("Name the roots.", "1, 2", "The answer is $\\boxed{2, 1}$", True),
    ("Which is it?", "10^{10^{10}}", "Answer: 10^{10^{10}}+1", False),
]
SHARE = sum(right for *_, right in RECORDED) / len(RECORDED)

TASK = """task: surety_recorded
dataset_path: json
dataset_kwargs:
  data_files: {{test: {data}}}
test_split: test
output_type: generate_until
doc_to_text: "{{{{question}}}}"
doc_to_target: "{{{{gold}}}}"
process_docs: !function utils.process_docs
generation_kwargs:
  until: []
filter_list:
  - name: surety
    filter:
      - function: surety_extract
      - function: take_first
metric_list:
  - metric: surety_equal
"""


def with_inspect(folder):
    from inspect_ai import Task, eval
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ModelOutput, ModelUsage, get_model
    from inspect_ai.solver import generate
    from surety.inspect_scorer import surety_scorer
    outputs = [ModelOutput.from_content("mockllm/model", reply) for _, _, reply, _ in RECORDED]
    for output in outputs:  # else it downloads a tokenizer to count them
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    model = get_model("mockllm/model", custom_outputs=outputs)
    task = Task(dataset=[Sample(input=q, target=gold) for q, gold, _, _ in RECORDED], solver=generate(),
                scorer=surety_scorer())
    [log] = eval(task, model=model, display="none", log_dir=folder, max_connections=1, max_samples=1)
    if log.status != "success":
        raise RuntimeError(log.error.message)
    values = [score.value for sample in log.samples for score in sample.scores.values()]
    if [value == "C" for value in values] != [right for *_, right in RECORDED]:
        raise AssertionError(values)
    return log.results.scores[0].metrics["accuracy"].value


def with_lm_eval(folder):
    import lm_eval
    from lm_eval.api.model import LM
    from lm_eval.tasks import TaskManager

    class Recorded(LM):
        def generate_until(self, requests, disable_tqdm=False):
            return [request.doc["reply"] for request in requests]

        def loglikelihood(self, requests, disable_tqdm=False):
            raise NotImplementedError

        loglikelihood_rolling = loglikelihood

    data = os.path.join(folder, "recorded.jsonl")
    with open(data, "w", encoding="utf-8") as f:
        f.writelines(json.dumps({"question": q, "gold": g, "reply": r}) + "\n" for q, g, r, _ in RECORDED)
    with open(os.path.join(folder, "surety_recorded.yaml"), "w", encoding="utf-8") as f:
        f.write(TASK.format(data=data))
    with open(os.path.join(folder, "utils.py"), "w", encoding="utf-8") as f:
        f.write("from surety.lm_eval_tasks import process_docs\n")
    manager = TaskManager(include_path=folder, include_defaults=False)
    results = lm_eval.simple_evaluate(model=Recorded(), tasks=["surety_recorded"], task_manager=manager,
                                      bootstrap_iters=0)
    return results["results"]["surety_recorded"]["surety_equal,surety"]


def main():
    failed = 0
    for number, run in enumerate([with_inspect, with_lm_eval], 1):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["HF_HOME"] = os.path.join(folder, "cache")
            try:
                share, wrong = run(folder), ""
                if abs(share - SHARE) > 1e-9:
                    wrong = f"{share} of the replies are right, not {SHARE}"
            except Exception as error:
                wrong = repr(error)
        failed += bool(wrong)
        print("not ok" if wrong else "ok", number, "-", run.__name__, wrong)
    print("1..2")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
