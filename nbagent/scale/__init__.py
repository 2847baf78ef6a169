"""Many prompts at once: in order, resumable, here or on the workers of a cluster."""

from nbagent.scale.items import MapItem as MapItem
from nbagent.scale.items import MapProgress as MapProgress
from nbagent.scale.items import MapResults as MapResults
from nbagent.scale.work import MapRun as MapRun

__all__ = ["MapItem", "MapProgress", "MapResults", "MapRun"]
