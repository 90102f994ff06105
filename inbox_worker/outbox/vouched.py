"""Certificates of which a restored journal knows nothing, vouched for before anything is destroyed again by them: their
line lies outside of the chain of acts, and whoever writes there could destroy alone what two people destroy (4.1.12).
"""

from __future__ import annotations

from datetime import datetime

from inbox_worker.contract.retention import find_items
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import find_chained_acts, find_user, record_act
from inbox_worker.ledger.destroyed import PROPOSE, RESTORE, VOUCH, StatedCertificate, describe_certificates
from inbox_worker.month.office import Office
from inbox_worker.month.rewriting import find_brought_back
from inbox_worker.outbox.clearing import find_cleared
from inbox_worker.outbox.destroyed_again import RetentionError
from inbox_worker.settings.likeness import is_same_person


def require_vouched(office: Office, stated: StatedCertificate, now: datetime) -> None:
    """Require that the restore took the certificate from a backup, or that another person proposed it or vouched for it
    and what is there may go. Raises RetentionError; the first who asks has vouched by then, which is an act."""
    one, items = stated
    number, who = one.number, find_user()
    acts = find_chained_acts(office.journal.database, RESTORE, PROPOSE, VOUCH)
    named = describe_certificates([stated])
    if any(act.act == RESTORE and named in f"{act.details};" for act in acts):
        return
    _require_free(office, stated, now)
    said = [act for act in acts if act.act != RESTORE and act.subject == str(number) and act.after in ("", items.hash)]
    if any(not is_same_person(act.who, who) for act in said):
        return
    if not said:
        with office.journal.transaction() as connection:
            record_act(connection, VOUCH, str(number), now, details=f"by {one.destroyed_by}", after=items.hash)
    raise RetentionError(
        f"that {number} was destroyed is said by no act and no backup that was restored, only by a file that anybody "
        f"may have written; that {who} asks for it is recorded, and another person ends it by `retention destroy "
        f"{number}`"
    )


def _require_free(office: Office, stated: StatedCertificate, now: datetime) -> None:
    """Raise RetentionError for what is there and may not go."""
    one, certified = stated
    today, known = to_almaty(now).date(), find_items(office, to_almaty(now).date())
    free = {path for item in known if item.may_go(today) for path, _ in item.files}
    held = [file.path for file in certified.files if file.path not in free and (office.home.path / file.path).exists()]
    if find_brought_back(office.journal, office.home.path, [stated], deep=True)[0]:
        going = {file.item for file in certified.files}
        over = {account.account for account in find_cleared(office, today, known, going)}
        held += sorted(f"account {account.account}" for account in certified.accounts if account.account not in over)
    if held:
        raise RetentionError(f"{held[0]}, which certificate {one.number} names, may not go; nothing was destroyed")
