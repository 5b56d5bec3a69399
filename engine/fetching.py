"""Requests to servers that are not ours, over HTTP: each has a time and a size, and every failure its words.

What such a server answers is material to be verified, never to be trusted; that is for whoever asked.
"""

import asyncio

import httpx

SECONDS = 10.0
"""How long a server may take from the first byte to the last."""


class FetchError(Exception):
    """A server did not answer, or not with what can be used; the words say what."""


async def fetch(client: httpx.AsyncClient, request: httpx.Request, *, limit: int, seconds: float) -> bytes:
    """The body of an answer of status 200, of at most ``limit`` bytes, within ``seconds``.

    Raises ``FetchError``. Redirections are not followed.
    """
    try:
        async with asyncio.timeout(seconds):
            response = await client.send(request, stream=True)
            try:
                if response.status_code != httpx.codes.OK:
                    raise FetchError(f"it answered with status {response.status_code}")
                return await _read(response, limit)
            finally:
                await response.aclose()
    except TimeoutError as error:
        raise FetchError(f"it took more than {seconds:g} s") from error
    except httpx.HTTPError as error:
        raise FetchError(f"it cannot be reached ({str(error) or type(error).__name__})") from error


def ask(client: httpx.AsyncClient, method: str, url: str, **options: object) -> httpx.Request:
    """A request, whose answer comes as it is: what is packed could be of any size. Raises ``FetchError`` for
    an address that is none."""
    try:
        request = client.build_request(method, url, **options)  # type: ignore[arg-type]
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"its address cannot be used ({error})") from error
    request.headers["Accept-Encoding"] = "identity"
    return request


async def _read(response: httpx.Response, limit: int) -> bytes:
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limit:
            raise FetchError(f"its answer has more than {limit} bytes")
    return body
