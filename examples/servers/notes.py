"""Keeps notes in SQLite: POST adds a note, GET answers with all notes."""

import os
import sqlite3
from contextlib import closing

DATABASE = os.environ["STATE_DIRECTORY"] + "/notes.db"


def application(environ, start_response):
    with closing(sqlite3.connect(DATABASE)) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS notes (note TEXT)")
        if environ["REQUEST_METHOD"] == "POST":
            database.execute("INSERT INTO notes VALUES (?)", [environ["wsgi.input"].read().decode()])
        notes = [note for (note,) in database.execute("SELECT note FROM notes ORDER BY rowid")]
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return ["".join(note + "\n" for note in notes).encode()]
