"""The whole report, the curve of errors over closure, comparisons of bundles, and published protocols."""
