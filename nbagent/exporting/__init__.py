"""The transcript where no page runs: as HTML, Markdown, text and a notebook.

Everything here is pure but `files`: a `TranscriptView` goes in, text comes out. Whatever a model,
a tool or a person wrote is escaped, or goes through the allowlist of `sanitize`.
"""
