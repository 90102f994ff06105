"""Comments and text boxes of a sheet of an .xls ([MS-XLS] 2.4.181 Obj, 2.4.329 TxO, 2.4.179 Note)."""

from __future__ import annotations

import struct

from inbox_worker.workbooks.cell_values import Look, Note

_NOTE, _OBJECT, _TEXT, _CONTINUE = 0x1C, 0x5D, 0x1B6, 0x3C
_COMMENT = 0x19  # the type of an object that is the box of a comment


class NoteRecords:
    """The words of a sheet's objects while its records are read."""

    def __init__(self) -> None:
        self._object, self._wanted = (0, 0), 0
        self._words: dict[tuple[int, int], str] = {}  # by type and number of the object
        self._places: dict[int, tuple[int, int]] = {}

    def take(self, kind: int, body: bytes) -> None:
        """Take one record; of a kind that says nothing of objects it is passed over."""
        if kind == _OBJECT and len(body) >= 8:
            self._object = struct.unpack_from("<2H", body, 4)
        elif kind == _TEXT and len(body) >= 12:
            self._wanted = struct.unpack_from("<H", body, 10)[0]  # characters, in the records that continue it
        elif kind == _CONTINUE and self._wanted and len(body) > 1:
            wide = body[0] & 1
            words = body[1 : 1 + self._wanted * (1 + wide)].decode("utf-16-le" if wide else "latin-1", "replace")
            self._words[self._object] = self._words.get(self._object, "") + words
            self._wanted -= len(words)
        elif kind == _NOTE and len(body) >= 8:
            row, column, _, number = struct.unpack_from("<4H", body)
            self._places[number] = (row + 1, column)

    def put(self, look: Look) -> None:
        """Keep what was found: where the boxes of texts begin is not told."""
        for (kind, number), words in self._words.items():
            row, column = self._places.get(number, (1, 0))
            look.put_note(Note(kind == _COMMENT, row, column, words))
