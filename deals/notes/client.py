"""One question to an endpoint that speaks the protocol of OpenAI's chat completions, answered in pieces.

The waiting is done by a thread of its own: the thread of the web is woken several times a second, so that it notices
when its reader has gone, and the time for the whole answer holds whatever the endpoint does (docs/decisions/0008).
Neither the key nor a question nor an answer is ever logged.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings

from deals.enums import DraftOutcome
from deals.notes.answer import Garbage

CONNECT_SECONDS = 3
PULSE_SECONDS = 0.25
MOST_TOKENS = 800  # of one answer
AT_ONCE = 2  # questions of one process; its other threads stay free for pages
slots = threading.BoundedSemaphore(AT_ONCE)
logger = logging.getLogger(__name__)

Messages = list[dict[str, str]]


def is_configured() -> bool:
    return bool(settings.COSELL_LLM_URL and settings.COSELL_LLM_MODEL)


class _Ended(Exception):
    """The endpoint ended the answer, well or not; carries the outcome."""


class Question:
    """Asked at once. `pieces` gives the answer; afterwards `outcome` and `tokens` (None: not told) say how it went."""

    def __init__(self, messages: Messages) -> None:
        self.outcome = DraftOutcome.UNREACHABLE
        self.tokens: int | None = None
        self._messages = messages
        self._reason = ""  # why the model stopped, in its own word
        self._began = False
        self._said: SimpleQueue[str | None] = SimpleQueue()  # None: over
        if not slots.acquire(blocking=False):
            self.outcome = DraftOutcome.BUSY
            self._said.put(None)
            return
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._ask())
        threading.Thread(target=self._run, name="notes", daemon=True).start()

    def pieces(self) -> Iterator[str]:
        """The text as it comes; an empty one while nothing comes."""
        while True:
            try:
                piece = self._said.get(timeout=PULSE_SECONDS)
            except Empty:
                yield ""
                continue
            if piece is None:
                return
            yield piece

    def stop(self) -> None:
        """Close the connection, if there still is one; nothing more is asked for."""
        if self.outcome == DraftOutcome.BUSY:
            return
        with suppress(RuntimeError):  # the loop is closed: it is over
            self._loop.call_soon_threadsafe(self._task.cancel)

    # from here on in the other thread

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._task)
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()
            slots.release()
            self._said.put(None)

    async def _ask(self) -> None:
        import openai  # noqa: PLC0415  a second of work, only for who asks

        for name in ("openai", "httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)  # below it they write what is sent and received
        try:
            async with asyncio.timeout(settings.COSELL_LLM_TIMEOUT):
                await self._read(openai)
            self.outcome = self._ending()
        except asyncio.CancelledError:
            self.outcome = DraftOutcome.CANCELLED
        except _Ended as ended:
            self.outcome = ended.args[0]
        except (openai.OpenAIError, TimeoutError, ValueError, TypeError, AttributeError) as error:
            self.outcome = self._judged(openai, error)
            status = getattr(error, "status_code", "")
            logger.warning("Drafting notes: %s (%s %s)", self.outcome.value, type(error).__name__, status)

    async def _read(self, openai: Any) -> None:
        seconds = settings.COSELL_LLM_TIMEOUT
        client = openai.AsyncOpenAI(
            base_url=settings.COSELL_LLM_URL,
            api_key=settings.COSELL_LLM_KEY or "none",  # the client insists on one; many endpoints want none
            timeout=openai.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            max_retries=0,
        )
        async with client:
            stream = await client.chat.completions.create(
                model=settings.COSELL_LLM_MODEL,
                messages=self._messages,
                max_tokens=MOST_TOKENS,
                stream=True,
                stream_options={"include_usage": True},
            )
            async with stream:
                async for chunk in stream:
                    self._hear(chunk)

    def _hear(self, chunk: Any) -> None:
        """One chunk. The client does not judge what is in it: a wrong type is an error here, and so garbage."""
        self._began = True
        if chunk.usage:
            self.tokens = min(max(0, int(chunk.usage.total_tokens)), 10**6)
        for choice in chunk.choices[:1]:
            if getattr(choice.delta, "refusal", None) or choice.finish_reason == "content_filter":
                raise _Ended(DraftOutcome.REFUSED)
            if content := choice.delta.content:
                if not isinstance(content, str):
                    raise Garbage
                self._said.put(content)
            self._reason = choice.finish_reason or self._reason

    def _ending(self) -> DraftOutcome:
        """An answer without its end, or one that ran into the limit, is cut off; one without a chunk is none."""
        if self._reason == "stop":
            return DraftOutcome.DONE
        if self._reason in ("", "length") and self._began:
            return DraftOutcome.CUT_OFF
        return DraftOutcome.GARBAGE

    def _judged(self, openai: Any, error: Exception) -> DraftOutcome:
        if self._reason == "stop":
            return DraftOutcome.DONE  # all was said; only the good-bye failed
        if isinstance(error, TimeoutError | openai.APITimeoutError):
            return DraftOutcome.SLOW
        if isinstance(error, openai.RateLimitError):
            return DraftOutcome.BUSY
        if isinstance(error, openai.OpenAIError):
            return DraftOutcome.CUT_OFF if self._began else DraftOutcome.UNREACHABLE
        return DraftOutcome.GARBAGE
