"""Demo tokens: for this machine's pages, with ``--demo`` alone."""

from typing import Any

from engine.commands import UpsertMember
from gateway.clock import now
from gateway.demo import tokens
from gateway.identity import mint_token
from tests.gateway.harness import SECRET, OpenWorld, Run


def mint(subject: str, role: str) -> str:
    return mint_token("demo", subject, role, key=SECRET, expires_at=now() + 60_000)


def test_a_token_for_a_member(run: Run, world: OpenWorld, monkeypatch: Any) -> None:
    async def body() -> None:
        async with world(mint=mint, origins=("http://127.0.0.1:8080",)) as here:
            monkeypatch.setattr(tokens, "MEMBERS", 1)
            await here.apply(UpsertMember("m0001", "silver", "north"))
            for content in ({}, {"member": "m0001"}):
                given = (await here.http.post("/demo/token", json=content)).json()
                assert {**given, "token": ""} == {
                    "token": "",
                    "member": "m0001",
                    "tier": "silver",
                    "market": "north",
                }
                me = await here.http.get("/v1/me", headers={"Authorization": f"Bearer {given['token']}"})
                assert me.json()["member"] == "m0001"
            assert (await here.http.post("/demo/token")).status_code == 200
            for content, headers, status, code in (
                ({"member": "none"}, {}, 404, "unknown_member"),
                ({"role": "operator"}, {}, 422, "invalid_parameters"),
                ({}, {"Origin": "https://evil.example"}, 403, "origin_not_allowed"),
                ({}, {"Host": "evil.example"}, 403, "forbidden"),
            ):
                response = await here.http.post("/demo/token", json=content, headers=headers)
                assert (response.status_code, response.json()["code"]) == (status, code)

    run(body())


def test_tokens_for_the_staff_and_nobody_else(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(mint=mint) as here:
            for staff, role in tokens.STAFF.items():
                given = (await here.http.post("/demo/token", json={"staff": staff})).json()
                assert (given["staff"], given["role"]) == (staff, role)
                authorization = {"Authorization": f"Bearer {given['token']}"}
                assert (await here.http.get("/v1/program", headers=authorization)).status_code == 200
                raised = await here.http.post("/v1/program/level", headers=authorization, json={"level": 1})
                assert (raised.status_code == 403) == (role == "manager")
            refused = await here.http.post("/demo/token", json={"staff": "m0001"})
            assert (refused.status_code, refused.json()["code"]) == (422, "invalid_parameters")

    run(body())


def test_no_tokens_without_the_demo(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            assert (await here.http.post("/demo/token")).status_code == 404

    run(body())
