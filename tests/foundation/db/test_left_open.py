"""What a failed test leaves open in a database does not hold up the tests after it."""

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.support.databases import empty_schema


def test_a_schema_goes_away_though_a_transaction_in_it_was_left_open() -> None:
    with empty_schema() as url:
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        left = psycopg.connect(address)
        left.execute("CREATE TABLE held (id integer)")
        left.commit()
        left.execute("SELECT * FROM held")
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    left.close()
