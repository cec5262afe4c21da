"""What an engine would do, told for people and tools."""

from engines import ORDERS, ROOM, engine_of

from mockws.engine.survey import survey


def test_survey_tells_what_a_route_receives_and_where_the_answer_goes() -> None:
    new, done = survey(engine_of(ORDERS))

    assert (new["path"], new["channels"], new["sends"]) == ("/new", ["new"], [])
    assert new["receives"] == [{"message": "Order", "operation": "place", "answer": "Done on /done", "how": "declared"}]
    assert done["receives"] == []


def test_survey_tells_parameters_and_what_waits_for_a_trigger() -> None:
    [room] = survey(engine_of(ROOM))

    assert room["parameters"] == [{"name": "room", "enum": [], "default": None, "description": ""}]
    assert room["sends"] == [{"message": "Say", "operation": "say", "when": "waits for a trigger"}]


def test_survey_tells_when_the_mock_speaks_unasked() -> None:
    whens = [survey(engine_of(ROOM, push=push))[0]["sends"][0]["when"] for push in ("open", "3s")]

    assert whens == ["on open", "every 3s"]
