"""A filter and a metric for lm-eval.

A task's YAML names them once they are imported, which the file beside it does:

    # my_task.yaml                               # utils.py
    process_docs: !function utils.process_docs   from surety.lm_eval_tasks import process_docs
    filter_list:
      - name: surety
        filter:
          - function: surety_extract
          - function: take_first
    metric_list:
      - metric: surety_equal
"""
from lm_eval.api.filter import Filter
from lm_eval.api.registry import register_filter, register_metric

import surety


@register_filter("surety_extract")
class Extract(Filter):
    """The answer that each reply states, "" for none."""

    def apply(self, resps, docs):
        return [[surety.extract(reply) or "" for reply in replies] for replies in resps]


@register_metric(metric="surety_equal", higher_is_better=True, output_type="generate_until",
                 aggregation="mean")
def equal(references, predictions, lenient=False):
    """Of one document, as lm-eval calls a metric: 1 where the answer is one of the references."""
    gold = [r for r in references if str(r).strip()]
    right = [bool(p and gold and surety.verify(gold, p, lenient=lenient)) for p in predictions]
    return {"surety_equal": sum(right) / len(right) if right else 0.0}


def process_docs(dataset):
    """Leaves the documents as they are: a task that names it has imported this module."""
    return dataset
