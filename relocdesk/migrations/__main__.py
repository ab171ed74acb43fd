"""For developers: `python -m relocdesk.migrations "Add a nickname to people."` writes the next step from the declarations."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from relocdesk.database import connect, dbapi
from relocdesk.migrations import config, upgrade


def write_next(message: str) -> Path:
    """Compares the newest version with the declarations and writes the step between them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.reloc"
        path.touch()
        versions = Path(__file__).parent / "versions"
        steps = sorted(versions.glob("v[0-9]*.py"))
        if steps:
            upgrade(path)
        engine = create_engine("sqlite+pysqlite://", module=dbapi(), creator=lambda: connect(path), poolclass=NullPool)
        with engine.connect() as connection:
            settings = config(connection)
            settings.set_main_option("file_template", "v%%(rev)s")
            number = f"{len(steps) + 1:04d}"
            script = command.revision(settings, message=message, autogenerate=True, rev_id=number)
            assert not isinstance(script, list)
            assert script is not None
            ScriptDirectory.from_config(settings)
            return Path(script.path)


if __name__ == "__main__":
    print(write_next(sys.argv[1]))
