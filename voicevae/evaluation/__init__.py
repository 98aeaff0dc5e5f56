"""How good a bundle is. `report.runner.evaluate` measures everything; docs/evaluation.md says what each figure means.

metrics/  of recordings and of what is made of them     probes/  of latents, by classifiers trained afresh
verbs/    one a verb                                    report/  the whole report, the curve, comparisons, protocols

A metric is one file: validate, the metric, evaluate (many recordings to figures), rows (figures to rows of the report),
and steps and run, which measure a `Study`. Targets stand in `targets`.

Inference never imports this. It needs the packages of the extra "eval".
"""
