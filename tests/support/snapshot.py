"""Reads a database in a transaction that stays open until standard input ends. Like a backup's or a
shell's, the snapshot keeps everything written in the meantime in the WAL.

    snapshot.py DATABASE

Prints "held" once the snapshot is taken.
"""
import sqlite3
import sys

database = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True, isolation_level=None)
database.execute('BEGIN')
database.execute('SELECT count(*) FROM sqlite_schema').fetchone()
print('held', flush=True)
sys.stdin.read()
database.close()
