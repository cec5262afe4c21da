"""A server that takes connections and never says anything."""

import contextlib
import socket
import threading


class Silent:
    """How many connections it had at a time is known."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.authority = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.url = f"http://{self.authority}/"
        self.most = 0
        self._open: list[socket.socket] = []
        self._hung_up = False
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> "Silent":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = self._socket.accept()
                if self._hung_up:
                    accepted.close()
                    continue
                self._open.append(accepted)
                self.most = max(self.most, len(self._open))

    def hang_up(self) -> None:
        """Drop all connections, and every one that still comes."""
        self._hung_up = True
        for each in self._open:
            each.close()
