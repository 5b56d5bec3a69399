"""Health, readiness, documents and their headers."""

from tests.gateway.harness import OpenWorld, Run


def test_health_and_readiness(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            assert (await here.http.get("/health")).json() == {"status": "ok"}
            ready = await here.http.get("/ready")
            assert ready.json() == {"status": "ready", "position": str(here.gateway.replica.position)}
            replica = here.gateway.replica
            for change, code in (
                ({"ready": False}, "not_ready"),
                ({"stopped": "a gap", "ready": False}, "unavailable"),
            ):
                for name, value in change.items():
                    setattr(replica, name, value)
                refused = await here.http.get("/ready")
                assert (refused.status_code, refused.json()["code"]) == (503, code)
                assert refused.headers["retry-after"] == "1"
                assert (await here.http.get("/health")).status_code == 200

    run(body())


def test_what_is_served_and_with_which_headers(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            for path, media_type in (
                ("/openapi.json", "application/json"),
                ("/asyncapi.json", "application/json"),
                ("/reference", "text/html; charset=utf-8"),
                ("/metrics", "text/plain"),
            ):
                response = await here.http.get(path)
                assert response.status_code == 200
                assert response.headers["content-type"].startswith(media_type)
                assert response.headers["x-content-type-options"] == "nosniff"
                assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
                assert "server" not in response.headers
            for path in ("/openapi.json", "/asyncapi.json", "/reference"):
                response = await here.http.get(path, headers={"Accept-Encoding": "gzip"})
                assert response.headers["content-encoding"] == "gzip"
                tag = {"If-None-Match": response.headers["etag"]}
                assert (await here.http.get(path, headers=tag)).status_code == 304
            assert (await here.http.get("/openapi.json")).json()["openapi"].startswith("3.1")
            assert (await here.http.get("/asyncapi.json")).json()["asyncapi"].startswith("3.")
            assert (await here.http.get("/../engine/views.py")).status_code == 404

    run(body())
