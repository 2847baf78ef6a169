"""Conversations that outlive a kernel: one in a file of JSON, many in a SQLite store."""

from nbagent.store.rows import Conversation as Conversation
from nbagent.store.rows import Found as Found
from nbagent.store.store import Store as Store

__all__ = ["Conversation", "Found", "Store"]
