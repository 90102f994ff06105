"""Names of consumers and heads, Russian and Kazakh, all invented by combination."""

from __future__ import annotations

from random import Random

_KAZAKH_SURNAMES = (
    "Қасымов", "Әбдіраманов", "Ғабдуллин", "Өтегенов", "Ұзақбаев", "Үмбетов", "Іскаков", "Жұмабаев",
    "Сәрсенбаев",
    "Тоқтаров", "Нұрғалиев", "Бекмұхамбетов", "Күзембаев", "Шыңғысов", "Мәжитов", "Оңғарбаев", "Дүйсенов",
    "Сейітқазиев", "Қожахметов", "Һамитов", "Еңсебаев", "Рысқұлов", "Байжанов", "Темірғалиев",
)  # fmt: skip
_KAZAKH_MEN = (
    "Ерлан", "Нұрлан", "Қайрат", "Өмірбек", "Шыңғыс", "Әлихан", "Ғалым", "Дәурен", "Бауыржан", "Үсен",
    "Ілияс",
    "Тимур", "Асқар", "Мұрат", "Жиһангер",
)  # fmt: skip
_KAZAKH_WOMEN = (
    "Гүлнәр", "Айгүл", "Әсел", "Ұлжан", "Гауһар", "Жаңыл", "Қарлығаш", "Меруерт", "Сәуле", "Іңкәр", "Үміт",
    "Өрік", "Динара", "Ботагөз", "Мөлдір",
)  # fmt: skip
_KAZAKH_FATHERS = (
    "Серік", "Қанат", "Әбіл", "Марат", "Болат", "Өтеген", "Тұрсын", "Ғани", "Мұхтар", "Ербол", "Сағындық",
)  # fmt: skip
_RUSSIAN_SURNAMES = (
    "Иванов", "Петров", "Сергеев", "Кузнецов", "Смирнов", "Попов", "Соколов", "Новиков", "Морозов", "Волков",
    "Лебедев", "Козлов", "Фёдоров", "Тарасов", "Шевцов", "Гончаров", "Мельников", "Королёв",
)  # fmt: skip
_RUSSIAN_MEN = (
    "Александр", "Сергей", "Дмитрий", "Андрей", "Алексей", "Игорь", "Виктор", "Юрий", "Николай", "Павел",
    "Артём",
)  # fmt: skip
_RUSSIAN_WOMEN = (
    "Елена", "Ольга", "Наталья", "Татьяна", "Ирина", "Светлана", "Анна", "Людмила", "Марина", "Галина",
    "Алёна",
)  # fmt: skip
_RUSSIAN_FATHERS = (
    "Иван", "Степан", "Борис", "Михаил", "Владимир", "Павел", "Максим", "Роман", "Антон", "Виктор",
)  # fmt: skip


def person(rng: Random) -> str:
    """A full name: surname, name, patronymic; two thirds are Kazakh.

    Kazakh patronymics follow the custom: ұлы for men, қызы for women.
    """
    woman = rng.random() < 0.5
    ending = "а" if woman else ""
    if rng.random() < 0.66:
        name = rng.choice(_KAZAKH_WOMEN if woman else _KAZAKH_MEN)
        father = rng.choice(_KAZAKH_FATHERS) + ("қызы" if woman else "ұлы")
        return f"{rng.choice(_KAZAKH_SURNAMES)}{ending} {name} {father}"
    name = rng.choice(_RUSSIAN_WOMEN if woman else _RUSSIAN_MEN)
    father = rng.choice(_RUSSIAN_FATHERS)
    patronymic = father + ("овна" if woman else "ович")
    if father == "Михаил":
        patronymic = "Михайловна" if woman else "Михайлович"
    return f"{rng.choice(_RUSSIAN_SURNAMES)}{ending} {name} {patronymic}"
