"""One folder a function; what a platform starts is its `app.py`, or `worker.py` for a queue."""

from shared.runtime import garbage

garbage.put_off()  # until `create_app` or `queue_handler` ends the start
