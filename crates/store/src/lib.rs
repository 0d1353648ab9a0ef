//! Everything SQL: journal, snapshots, projections, users; SQLite and PostgreSQL by one text.
