"""Where moments come from: a source of what the service said, folded step by step."""
