"""One results table a pipeline: what a professional looks at first, one row an assessment."""
