"""How the tables came to be what they are, one step a file in `versions/`."""

from alembic.config import Config
from sqlalchemy import Connection


def configuration(connection: Connection) -> Config:
    """Alembic's, to work in the transaction of this connection."""
    config = Config()
    config.set_main_option("script_location", "digits.store:migrations")
    config.attributes["connection"] = connection
    return config
