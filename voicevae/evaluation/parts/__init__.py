"""The parts of the report: each has `steps(study)`, how long its bar is, and `run(study)`, which adds rows."""
