"""What people are to do about a letter, by the kind of its trouble, in Russian and Kazakh."""

from __future__ import annotations

from collections.abc import Mapping

from inbox_worker.form_rules import Words
from inbox_worker.outbox.trouble import Trouble

REMEDIES: Mapping[Trouble, Words] = {
    Trouble.ADDRESS: Words(
        ru="Исправьте адрес в реестре (`load`): следующий проход возьмёт новый. Адрес верен — `inbox-worker deliveries "
        "--again №`.",
        kk="Тізілімдегі мекенжайды түзетіңіз (`load`): келесі өтуде жаңасы алынады. Мекенжай дұрыс болса — "
        "`inbox-worker deliveries --again №`.",
    ),
    Trouble.FULL: Words(
        ru="Ящик получателя переполнен. Сообщите ему; когда освободит место — `inbox-worker deliveries --again №`.",
        kk="Алушының жәшігі толып кеткен. Оған хабарлаңыз; орын босатқанда — `inbox-worker deliveries --again №`.",
    ),
    Trouble.LARGE: Words(
        ru="Письмо больше, чем берёт сервер. Несколько документов делятся сами; один документ отдайте через папку "
        "обмена "
        "(rules/delivery.yaml, ways) или сами: `outbox send --handed`.",
        kk="Хат сервер қабылдайтыннан үлкен. Бірнеше құжат өздігінен бөлінеді; жалғыз құжатты алмасу қалтасы арқылы "
        "(rules/delivery.yaml, ways) не өзіңіз беріңіз: `outbox send --handed`.",
    ),
    Trouble.SPAM: Words(
        ru="Письмо сочли спамом или нежелательным. Попросите получателя добавить наш адрес в разрешённые, "
        "администратора "
        "почты — проверить SPF, DKIM и чёрные списки; затем `inbox-worker deliveries --again №`.",
        kk="Хат спам не қалаусыз деп танылды. Алушыдан мекенжайымызды рұқсат етілгендерге қосуын, пошта әкімшісінен "
        "SPF, "
        "DKIM мен қара тізімдерді тексеруін сұраңыз; содан кейін `inbox-worker deliveries --again №`.",
    ),
    Trouble.LIMIT: Words(
        ru="Это лимит отправки у нашего провайдера: никому не отказано, письма ждут и уйдут сами. Если так каждый "
        "день — "
        "увеличьте лимит у провайдера или уменьшите smtp.per_minute.",
        kk="Бұл — провайдеріміздің жіберу шегі: ешкімге бас тартылған жоқ, хаттар күтіп, өздері кетеді. Күн сайын "
        "солай "
        "болса — провайдердегі шекті көбейтіңіз не smtp.per_minute мәнін азайтыңыз.",
    ),
    Trouble.OURS: Words(
        ru="Дело в нашей учётной записи (вход, TLS или право слать с этого адреса): никому не отказано, письма ждут. "
        "Проверьте блок smtp в config.yaml (`inbox-worker check`) и права у провайдера; сразу продолжить — "
        "`inbox-worker deliveries --again --all`.",
        kk="Мәселе біздің есептік жазбамызда (кіру, TLS не осы мекенжайдан жіберу құқығы): ешкімге бас тартылған жоқ, "
        "хаттар күтіп тұр. config.yaml ішіндегі smtp блогын (`inbox-worker check`) және провайдердегі құқықтарды "
        "тексеріңіз; бірден жалғастыру — `inbox-worker deliveries --again --all`.",
    ),
    Trouble.UNCERTAIN: Words(
        ru="Письмо могло дойти или нет. Спросите получателя: не дошло — `inbox-worker deliveries --again №`, дошло — "
        "`--drop №`.",
        kk="Хат жеткен де, жетпеген де болуы мүмкін. Алушыдан сұраңыз: жетпесе — `inbox-worker deliveries --again №`, "
        "жетсе — `--drop №`.",
    ),
    Trouble.OTHER: Words(
        ru="Прочтите, что ответил сервер; повторить — `inbox-worker deliveries --again №`, отдать иначе — "
        "`outbox send --handed`.",
        kk="Сервердің жауабын оқыңыз; қайталау — `inbox-worker deliveries --again №`, басқаша беру — "
        "`outbox send --handed`.",
    ),
}

OF_RETURNS: Mapping[Trouble, Words] = {  # the letter left and came back: it is not repeated
    Trouble.FULL: Words(
        ru="Ящик получателя переполнен: сообщите ему и отдайте документ иначе (`outbox send --handed`).",
        kk="Алушының жәшігі толы: оған хабарлап, құжатты басқаша беріңіз (`outbox send --handed`).",
    ),
    Trouble.LARGE: Words(
        ru="Письмо велико для сервера получателя: уменьшите letter_bytes в rules/delivery.yaml, этот документ отдайте "
        "через папку обмена или сами (`outbox send --handed`).",
        kk="Хат алушының сервері үшін үлкен: rules/delivery.yaml ішіндегі letter_bytes мәнін азайтып, бұл құжатты "
        "алмасу "
        "қалтасы арқылы не өзіңіз беріңіз (`outbox send --handed`).",
    ),
    Trouble.SPAM: Words(
        ru="Письмо сочли спамом: попросите получателя разрешить наш адрес, администратора почты — проверить SPF и "
        "DKIM; "
        "документ отдайте иначе (`outbox send --handed`).",
        kk="Хат спам деп танылды: алушыдан мекенжайымызға рұқсат беруін, пошта әкімшісінен SPF пен DKIM тексеруін "
        "сұраңыз; "
        "құжатты басқаша беріңіз (`outbox send --handed`).",
    ),
    Trouble.LIMIT: Words(
        ru="Это лимит отправки у нашего провайдера: адрес верен. Увеличьте лимит или уменьшите smtp.per_minute; "
        "документ "
        "отдайте иначе (`outbox send --handed`).",
        kk="Бұл — провайдеріміздің жіберу шегі: мекенжай дұрыс. Шекті көбейтіңіз не smtp.per_minute мәнін азайтыңыз; "
        "құжатты басқаша беріңіз (`outbox send --handed`).",
    ),
    Trouble.OURS: Words(
        ru="Дело в нашей учётной записи, адрес верен: проверьте права у провайдера; документ отдайте иначе "
        "(`outbox send --handed`).",
        kk="Мәселе біздің есептік жазбамызда, мекенжай дұрыс: провайдердегі құқықтарды тексеріңіз; құжатты басқаша "
        "беріңіз "
        "(`outbox send --handed`).",
    ),
    Trouble.OTHER: Words(
        ru="Уточните адрес и отдайте документ иначе.",
        kk="Мекенжайды нақтылап, құжатты басқаша беріңіз.",
    ),
}


def remedy_of(trouble: Trouble, letter: int = 0, came_back: bool = False) -> Words:
    """What to do about a letter, with its number where a command needs it. `came_back`: it had left before."""
    remedies = OF_RETURNS if came_back else REMEDIES
    found = remedies.get(trouble, remedies[Trouble.OTHER])
    number = str(letter) if letter else "№"
    return Words(ru=found.ru.replace("№", number), kk=found.kk.replace("№", number))
