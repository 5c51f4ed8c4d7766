"""A guestbook: PostgreSQL keeps the entries, Redis counts the views."""

import os
from contextlib import closing
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

import psycopg2
import redis

PASSWORD = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text()

cache = redis.Redis(host="cache")


def query(sql, *values):
    with closing(psycopg2.connect(host="db", dbname="guestbook", user="guestbook", password=PASSWORD)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()


def page():
    entries = "".join(f"<li>{escape(text)}</li>\n" for (text,) in query("SELECT text FROM entry ORDER BY id"))
    return (
        f"<h1>Guestbook</h1>\n<p>{cache.incr('views')} views</p>\n<ul>\n{entries}</ul>\n"
        '<form method="post"><input name="text" required><button>Sign</button></form>\n'
    )


def application(environ, start_response):
    """Answers a request, as PEP 3333 says."""

    def answer(status, text="", **headers):
        start_response(status, [("Content-Type", "text/html; charset=utf-8"), *headers.items()])
        return [text.encode()]

    request = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    if request == "GET /":
        return answer("200 OK", page())
    if request == "GET /health":
        query("SELECT 1")
        cache.ping()
        return answer("200 OK", "healthy\n")
    if request == "POST /":
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        text = parse_qs(body.decode()).get("text", [""])[0]
        query("INSERT INTO entry (text) VALUES (%s) RETURNING id", text)
        return answer("303 See Other", Location="/")
    return answer("404 Not Found", "not found\n")
