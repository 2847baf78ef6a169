"""The embedded model fills pydantic models from paragraphs."""
