"""Requests to the admin API of a running mock."""

from typing import Any

from mockws.errors import Refused, Unreachable

ADMIN = "/__admin"


class Admin:
    """The admin API at a base URL such as http://127.0.0.1:8080."""

    def __init__(self, base: str, token: str | None = None) -> None:
        self._base = base.rstrip("/") + ADMIN
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    def send(self, body: dict[str, Any], *, patience: float = 65.0) -> Any:
        """Let the mock send a message; raises Refused (a problem document), Unreachable."""
        return self._request("POST", "/send", body, patience)

    def ask(self, method: str, path: str, body: Any = None, *, patience: float = 65.0) -> Any:
        """Ask whatever the admin API has at a path; raises Refused, Unreachable."""
        return self._request(method, path, body, patience)

    def _request(self, method: str, path: str, body: Any, patience: float) -> Any:
        import httpx2  # takes a while to import

        try:
            # A mock is near: a proxy from the environment would only be in the way.
            response = httpx2.request(
                method, self._base + path, json=body, headers=self._headers, timeout=patience, trust_env=False
            )
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as problem:
            raise Unreachable(self._base, str(problem) or type(problem).__name__) from None
        try:
            answer = response.json()
        except ValueError:
            raise Unreachable(self._base, f"HTTP {response.status_code} without JSON came back") from None
        if response.status_code >= 400:
            told = answer if isinstance(answer, dict) else {}
            raise Refused(response.status_code, str(told.get("title", "")), str(told.get("detail", "")), told)
        return answer
