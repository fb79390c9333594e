"""Which thread a page is made in."""

import asyncio
import threading

from rapport.config.threads import Threads


def test_every_thread_came_to_hold_what_a_page_leaves_there():
    async def one_by_one() -> set[int]:
        threads = Threads(8, leave=int)
        return {await threads.run(threading.get_ident) for _ in range(20)}

    assert len(asyncio.run(one_by_one())) == 1


def test_as_many_work_at_a_time_as_there_may_be_threads_and_no_more():
    working, most, full, go_on = 0, 0, threading.Event(), threading.Event()
    lock = threading.Lock()

    def work() -> int:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
            if working == 3:
                full.set()
        go_on.wait(30)
        with lock:
            working -= 1
        return threading.get_ident()

    async def together() -> list[int]:
        threads = Threads(3, leave=int)
        asked = [asyncio.create_task(threads.run(work)) for _ in range(7)]
        await asyncio.to_thread(full.wait, 30)
        go_on.set()
        return await asyncio.gather(*asked)

    used = asyncio.run(together())
    assert (most, len(used), len(set(used))) == (3, 7, 3)


def test_a_thread_whose_work_failed_was_gone():
    def broken() -> None:
        raise ValueError

    async def run() -> list[object]:
        threads = Threads(1, leave=int)
        failed = await asyncio.gather(threads.run(broken), return_exceptions=True)
        return [type(failed[0]), await threads.run(int, "7")]

    assert asyncio.run(run()) == [ValueError, 7]


def test_threads_that_only_a_rush_needed_kept_their_connections_for_ever():
    left: list[int] = []

    async def after_a_rush() -> tuple[set[int], list[int], int]:
        threads = Threads(8, leave=lambda: left.append(threading.get_ident()), rest=0.05)
        rush = threading.Barrier(3)

        def work() -> int:
            rush.wait(30)
            return threading.get_ident()

        used = set(await asyncio.gather(*(threads.run(work) for _ in range(3))))
        async with asyncio.timeout(30):
            while len(left) < 2:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        return used, list(left), await threads.run(threading.get_ident)

    used, gone, stayed = asyncio.run(after_a_rush())
    assert len(used) == 3
    assert {*gone, stayed} == used
