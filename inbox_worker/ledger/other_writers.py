"""Tell which roles of a PostgreSQL server beside the tables' owner and ourselves may write the journal (4.1.17)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import bindparam, text

from inbox_worker.ledger.certificate_tables import metadata
from inbox_worker.ledger.database import Database

_WRITERS = text("""
    select case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end as role,
           string_agg(distinct a.privilege_type, ', ' order by a.privilege_type) as rights,
           count(distinct c.oid) as tables, current_schema() as schema
    from pg_class c
    left join pg_attribute t on t.attrelid = c.oid and t.attacl is not null
    cross join lateral (select * from aclexplode(c.relacl) union all select * from aclexplode(t.attacl)) a
    where c.relnamespace = current_schema()::regnamespace and c.relname in :tables
      and a.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
      and a.grantee <> c.relowner and pg_get_userbyid(a.grantee) <> current_user
    group by 1 order by 1
""").bindparams(bindparam("tables", expanding=True))


def tell_other_writers(database: Database) -> Iterator[str]:
    """Name roles that were granted to write the journal's tables; a journal in a file has the rights of its file."""
    if database.engine.dialect.name != "postgresql":
        return
    with database.connect_for_queries() as connection:
        found = connection.execute(_WRITERS, {"tables": sorted(metadata.tables)}).all()
    for role, rights, tables, schema in found:
        yield (
            f"the role {role} of the database may write the journal (tables {tables}: {rights}); see who granted it; "
            f"`REVOKE {rights} ON ALL TABLES IN SCHEMA {schema} FROM {role}` takes it back"
        )
