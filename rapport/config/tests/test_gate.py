"""Requests that compute take turns; no slow one keeps the others out."""

import asyncio

from rapport.config.gate import Gate


def free(gate: Gate) -> int:
    return gate._free._value


def test_requests_that_wait_for_others_keep_nobody_out():
    async def many() -> int:
        gate = Gate(2)
        places = [await gate.enter("GET") for _ in range(5)]
        for place in places:
            place.leave()
        return free(gate)

    assert asyncio.run(many()) == 2


def test_a_place_is_given_back_once():
    async def twice() -> int:
        gate = Gate(1)
        place = await gate.enter("GET")
        place.leave()
        place.leave()
        return free(gate)

    assert asyncio.run(twice()) == 1


def test_requests_that_write_do_not_stand_before_those_that_read():
    async def writing() -> int:
        gate = Gate(1)
        await gate.enter("POST")
        return free(gate)

    assert asyncio.run(writing()) == 1


def test_the_next_one_goes_in_as_soon_as_a_place_is_free():
    async def next_one() -> bool:
        gate = Gate(1)
        first = await gate.enter("GET")
        second = asyncio.create_task(gate.enter("HEAD"))
        await asyncio.sleep(0)
        first.leave()
        await second
        return gate._free.locked()

    assert asyncio.run(next_one())
