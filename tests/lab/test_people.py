"""The cast, as docs/lab.md lists it."""

from lab.people import cast


def test_the_cast_is_twelve_agents_and_two_supervisors() -> None:
    assert [person.id for person in cast.CAST] == [*map(str, range(1001, 1013)), "1101", "1102"]
    assert {person.team for person in cast.AGENTS[:6]} == {"5001"}
    assert {person.team for person in cast.AGENTS[6:]} == {"5002"}


def test_supervisors_supervise_one_team_and_two() -> None:
    assert [person.supervises for person in cast.CAST[-2:]] == [("5001",), ("5001", "5002")]


def test_skill_target_and_extension_follow_the_id() -> None:
    ann = cast.CAST[0]
    assert (ann.skill_target_id, ann.extension, ann.name) == ("6001", "2001", "Ann Lee")


def test_people_are_found_by_id_and_by_login_name() -> None:
    assert cast.find("1102") is cast.find("maria.santos")
    assert cast.find("nobody") is None


def test_chinese_names_are_among_them_and_are_written_surname_first() -> None:
    assert "陳怡君" in [person.name for person in cast.CAST]
