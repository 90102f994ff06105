"""Opens files that Excel encrypts by itself: with a password that it knows and asks nobody for."""

from __future__ import annotations

import io
import struct

from inbox_worker.workbooks.cell_values import Locked

# [MS-OFFCRYPTO] 2.1.5: a workbook whose structure is protected, or that is recommended as read-only, is encrypted so
PASSWORD = "VelvetSweatshop"
_ODD = (OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, NotImplementedError, struct.error)


def unlock(data: bytes) -> bytes:
    """Return the file without its encryption. Raises Locked when anything else closes it."""
    import msoffcrypto  # here, for it takes a tenth of a second and few files ask for it
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    sink = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        file.load_key(password=PASSWORD)
        file.decrypt(sink)
    except (InvalidKeyError, DecryptionError, FileFormatError, ParseError, *_ODD) as error:
        raise Locked from error  # by a password, a certificate, or in a way that nobody knows
    return sink.getvalue()
