"""What an explanation and an answer cost by each path: round trips, questions to a model, CPU.

A model's endpoint stands in this process and answers at once: what it takes is in the figures, and
what a real one takes comes on top. Round trips are limits, not measurements.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bench.asgi import Request, app_of
from bench.cluster import connected
from bench.competitors import NULLPOOL
from bench.ratios import GATE
from bench.session import Session
from bench.subjects import WRITTEN_TO, configured
from functions.assistant.model.choosing import offered
from functions.assistant.slots import Sentence
from local.prove.answering import FakeModel, answering
from shared.database import engine
from tests.round_trips import RoundTripProxy

# Of a path in all: what is warm after two requests stays so.
FIRST, RUNS = 2, 4
MS_PER_S = 1000
ALLOWED = """
    UPDATE organizations SET settings = settings || '{"are_explanations_allowed": true,
        "explanations_per_month": 1000000, "explanation_tokens_per_month": 1000000000}'
"""
CONSENTED = """
    INSERT INTO consents (id, organization_id, user_id, kind, text_version, given_by)
    SELECT gen_random_uuid(), organization_id, id, 'explanations', '1', id FROM users WHERE id = $1
"""
# A sentence that is accepted of any record that measured something.
WORDED = {"sentences": [{"text": "The {F2.name} was {F2.value} {F2.unit}.", "facts": ["F2"]}]}
TEMPLATE, CHOSEN, WORDS, ANSWER = "template", "chosen by a model", "worded by a model", "answer"
# Of a connection that is opened for each request and, where a model is asked, for each of two
# transactions, between which none is open.
LIMITS = {TEMPLATE: 26, CHOSEN: 39, WORDS: 39, ANSWER: 42}
# So many times a template's CPU a path may take, the model's endpoint in this process included.
CPU_TARGET = 5.0


@dataclass(frozen=True)
class Asked:
    """The assistant with a record to explain, and the model that it asks."""

    headers: Mapping[str, str]
    model: FakeModel
    proxy: RoundTripProxy

    async def to(self, path: str, body: Any) -> Any:
        request = Request("POST", f"/api/assistant/{path}", {}, self.headers, body)
        return (await request.accepted_by(app_of("assistant"))).json

    async def measured(self, name: str, path: str, body: Any) -> dict[str, Any]:
        """Count one request of a path, and time some."""
        for _ in range(FIRST):
            await self.to(path, body)
        self.proxy.take()
        self.model.asked.clear()
        told, traffic, asked = await self.to(path, body), self.proxy.take(), len(self.model.asked)
        samples = [await self._timed(path, body) for _ in range(RUNS)]
        cpu_ms, wall_ms = (min(turns) for turns in zip(*samples, strict=True))
        return {
            "path": name,
            "round_trips": traffic.round_trips,
            "limit": LIMITS[name],
            "transactions": traffic.transactions,
            "asked": asked,
            "prompt_characters": sum(map(_characters, self.model.asked[:asked])),
            "tokens": told.get("tokens_used") or 0,
            "cpu_ms": cpu_ms,
            "wall_ms": wall_ms,
        }

    async def _timed(self, path: str, body: Any) -> tuple[float, float]:
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        await self.to(path, body)
        return (
            MS_PER_S * (time.process_time() - cpu_s),
            MS_PER_S * (time.perf_counter() - wall_s),
        )


def _characters(body: Mapping[str, Any]) -> int:
    return sum(len(message["content"]) for message in body["messages"])


def explanations(here: Session) -> list[dict[str, Any]]:
    """Return what each path costs."""
    return asyncio.run(_measured(here, here.assessment_id()))


async def _measured(here: Session, assessment_id: str) -> list[dict[str, Any]]:
    async with connected(here.cluster.superuser_url) as connection:
        await connection.execute(ALLOWED)
        await connection.execute(CONSENTED, WRITTEN_TO.id)
    about = {"assessment_id": assessment_id}
    async with _asking(here) as asked:
        template = await asked.measured(TEMPLATE, "explanations", {**about, "engine": "template"})
        told = await asked.to("explanations", {**about, "engine": "template"})
        asked.model.says({"sentences": list(offered(_sentences(told["sentences"])))})
        chosen = await asked.measured(CHOSEN, "explanations", {**about, "wording": "catalog"})
        asked.model.says(WORDED)
        worded = await asked.measured(WORDS, "explanations", {**about, "wording": "free"})
        thread = await asked.to("threads", about)
        question = {"text": "What was measured?", "engine": "template"}
        answer = await asked.measured(ANSWER, f"threads/{thread['id']}/messages", question)
    return [template, chosen, worded, answer]


def failed(measured: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say what is above its limit: round trips, questions to a model, and CPU far above."""
    template_ms = measured[0]["cpu_ms"] if measured else 0
    for row in measured:
        if row["round_trips"] > row["limit"]:
            yield f"{row['path']}: {row['round_trips']} round trips, limit {row['limit']}"
        if row["asked"] > 1:
            yield f"{row['path']}: {row['asked']} questions to a model, limit 1"
        if row["cpu_ms"] > GATE * CPU_TARGET * template_ms:
            ratio = row["cpu_ms"] / template_ms
            yield f"{row['path']}: {ratio:.1f} x the CPU of a template, target {CPU_TARGET}"


def _sentences(told: Sequence[Mapping[str, Any]]) -> list[Sentence]:
    return [Sentence(sentence["name"], sentence["form"]) for sentence in told]


@asynccontextmanager
async def _asking(here: Session) -> AsyncIterator[Asked]:
    """Let the assistant reach the database through a proxy that counts, and a model beside it."""
    async with answering() as model, RoundTripProxy(here.cluster.app_url) as proxy:
        environment = {
            "MEDILENS_DATABASE_URL": proxy.url,
            "MEDILENS_ASSISTANT_URL": model.url,
            "MEDILENS_ASSISTANT_MODEL": "a-model",
            "MEDILENS_ASSISTANT_KEY": "sk-of-nobody",
        }
        with configured(environment | NULLPOOL):
            yield Asked(here.headers(WRITTEN_TO), model, proxy)
            await engine.current().dispose()


def rows(measured: Sequence[Mapping[str, Any]]) -> tuple[str, list[str], list[list[str]]]:
    """The table of the terminal and of the page."""
    head = ["path", "round trips / limit", "transactions", "questions to a model"]
    head += ["characters sent", "tokens counted", "CPU ms", "wall ms"]
    return (
        "Words for a record: a connection opened each time, a model that answers at once",
        head,
        [
            [
                row["path"],
                f"{row['round_trips']} / {row['limit']}",
                *(str(row[name]) for name in ("transactions", "asked", "prompt_characters")),
                *(str(row["tokens"]), f"{row['cpu_ms']:.1f}", f"{row['wall_ms']:.1f}"),
            ]
            for row in measured
        ],
    )
