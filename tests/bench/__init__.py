"""What nbagent costs, next to a floor measured in the same run: ``python -m tests.bench``."""
