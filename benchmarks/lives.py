"""Made-up lives that two benchmarks share: who enters late, for how many months, who left, and five traits."""

CODE = """
import numpy as np
clients, rng = CLIENTS, np.random.default_rng(1)
columns = rng.normal(size=(clients, 5))
entry = np.where(rng.random(clients) < 0.6, rng.integers(1, 60, clients), 0)
watched = entry + rng.integers(1, 51, clients)
rate = np.exp(-4.6 + columns @ np.array([0.4, 0.2, 0.0, -0.1, -0.3]))
left_in = entry + np.ceil(rng.exponential(1 / rate)).astype(np.int64)
event = left_in <= watched
leave = np.minimum(left_in, watched)
with open(file, "wb") as opened:
    np.savez(opened, entry=entry, leave=leave, event=event, columns=columns)
"""

READ = """
import numpy as np
lives = np.load(file)
entry, leave, event, columns = (lives[name] for name in ("entry", "leave", "event", "columns"))
"""


def lives_of(clients: int) -> str:
    """Program text that writes the lives of so many clients."""
    return CODE.replace("CLIENTS", str(clients))
