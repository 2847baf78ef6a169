"""The engine: runs, sessions, graphs. It knows models and tools, and nothing of display."""
