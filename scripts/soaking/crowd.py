"""A process full of clients, for whoever kills it."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from soaking.clients import many_descriptors
from soaking.coming import crowd

if __name__ == "__main__":
    many_descriptors()
    asyncio.run(crowd(int(sys.argv[1]), int(sys.argv[2])))
