"""Is the paper right? Company numbers and the documents that prove them."""
