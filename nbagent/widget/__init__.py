"""The widget: events of an agent turned into a live picture in the notebook.

How data flows: an event goes in at `sender.Sender.put` (any thread), `translate.Translator` makes
ops of it, `gather.Gatherer` merges ops into few messages, the sender's clock thread sends them,
and `transcript.Transcript` is the kernel's own copy of what a page shows. `wire` names the shapes.
"""
