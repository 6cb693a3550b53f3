"""People as sessions carry them, made without a sign-in."""

from gadgets.signin.person import Person, Team


def make_person(
    user_id: str = "1001",
    *,
    agent_id: str = "6001",
    team: Team = ("5001", "Sales"),
    supervises: tuple[Team, ...] = (),
    supervisor: bool | None = None,
    cluster: str = "http://127.0.0.1:1",
    extension: str = "2001",
    login_name: str = "ann",
) -> Person:
    """An agent of team 5001 unless told otherwise; who supervises is a supervisor."""
    is_supervisor = bool(supervises) if supervisor is None else supervisor
    roles = ("Agent", "Supervisor") if is_supervisor else ("Agent",)
    return Person(cluster, user_id, login_name, "Ann Lee", agent_id, roles, team, supervises, extension)
