"""Components of the NLU pipeline, written for short Chinese, English and mixed sentences."""
