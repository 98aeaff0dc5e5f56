"""How good a bundle is: each metric a module with validate, the metric and evaluate; `report.evaluate` runs them all.

Inference never imports this. It needs the packages of the extra "eval".
"""
