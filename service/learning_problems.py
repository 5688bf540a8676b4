"""The problems of what is learnt, in English and in Russian."""

from collections.abc import Mapping
from typing import Final

from service.problem_text import Kind, Text

LEARNING_KINDS: Final[Mapping[str, Kind]] = {
    "unknown-profile": Kind(
        404,
        Text("No such profile", "Такого профиля нет"),
        Text(
            "There is no profile with this code. Look whether it is typed rightly; it may have been deleted.",
            "Профиля с таким кодом нет. Проверьте, нет ли в коде опечатки; возможно, профиль удалён.",
        ),
    ),
    "unknown-class": Kind(
        404,
        Text("No such class", "Такого класса нет"),
        Text(
            "There is no class with this code. Look whether it is typed rightly; it may have been deleted.",
            "Класса с таким кодом нет. Проверьте, нет ли в коде опечатки; возможно, класс удалён.",
        ),
    ),
    "unknown-correction": Kind(
        404,
        Text("No such correction", "Такой поправки нет"),
        Text(
            "There is no such correction; it may have been withdrawn.",
            "Такой поправки нет; возможно, она отозвана.",
        ),
    ),
    "this-machine-only": Kind(
        403,
        Text("Only on the server itself", "Только на самом сервере"),
        Text(
            "What waits for a decision is shown on the machine that runs the API, or to whoever sends its token.",
            "Список ожидающих решения доступен только на машине, где работает API, или по токену.",
        ),
    ),
    "nothing-to-learn": Kind(
        422,
        Text("Nothing to learn", "Запоминать нечего"),
        Text("There is nothing on the picture.", "На изображении ничего нет."),
    ),
    "no-sheet": Kind(
        422,
        Text("The sheet cannot be read", "Лист не читается"),
        Text(
            "The sheet cannot be read on this picture. Photograph all of it, from above and in good light.",
            "На этом снимке лист не читается. Снимите его целиком, сверху и при хорошем свете.",
        ),
    ),
    "too-many-corrections": Kind(
        429,
        Text("Too many corrections", "Слишком много поправок"),
        Text(
            "A profile takes at most {limit} corrections an hour. Please go on later; nothing that was taken is lost.",
            "Профиль принимает не больше {limit} поправок в час. Продолжите позже: всё принятое сохранено.",
        ),
        retry_after=60,
    ),
    "too-many-codes": Kind(
        429,
        Text("Too many profiles and classes", "Слишком много профилей и классов"),
        Text(
            "One machine makes at most {limit} profiles and classes an hour. Please try again later.",
            "С одного компьютера можно создать не больше {limit} профилей и классов в час. Попробуйте позже.",
        ),
        retry_after=3600,
    ),
    "storage-unavailable": Kind(
        503,
        Text("The memory is not available", "Память недоступна"),
        Text(
            "What was taught cannot be reached right now, and nothing was stored. Please try again in a moment.",
            "Сохранённое сейчас недоступно, и ничего не записано. Попробуйте чуть позже.",
        ),
        retry_after=5,
    ),
}

LEARNING_EXAMPLE_FACTS: Final[Mapping[str, Mapping[str, str]]] = {
    "too-many-corrections": {"limit": "600"},
    "too-many-codes": {"limit": "600"},
}

REASONS: Final[Mapping[str, Text]] = {
    "blank": Text("There is nothing on the picture.", "На изображении ничего нет."),
    "no_digit_there": Text(
        "There is no digit where the box is. Send the box as /read/ answered it for this very picture.",
        "На месте рамки цифры нет. Отправьте рамку такой, какой её вернул /read/ для этого же изображения.",
    ),
    "no_corners": Text(
        "Its corner marks are not found. All four black squares must be on the picture, and nothing may cover them.",
        "Не найдены угловые метки листа. Все четыре чёрных квадрата должны быть на снимке, и ничто не должно их "
        "закрывать.",
    ),
    "cut_off": Text(
        "The sheet is cut off by the rim of the picture. Photograph all of it.",
        "Лист обрезан краем снимка. Снимите его целиком.",
    ),
    "too_small": Text(
        "The sheet is too small on the picture. Come closer, so that it fills most of it.",
        "Лист на снимке слишком мал. Подойдите ближе, чтобы он занимал бо́льшую часть кадра.",
    ),
    "too_blurred": Text(
        "The picture is blurred. Hold the camera still and let it focus on the sheet.",
        "Снимок нерезкий. Держите камеру неподвижно и дайте ей навестись на лист.",
    ),
    "no_code": Text(
        "The code of the sheet cannot be read: it is covered, in a glare, or this is another sheet.",
        "Код листа не читается: он закрыт, засвечен, или это другой лист.",
    ),
    "empty": Text("Nothing is written on the sheet.", "На листе ничего не написано."),
    "another_class": Text(
        "This sheet was printed for another class.",
        "Этот лист напечатан для другого класса.",
    ),
}
"""What is wrong with a picture of which nothing can be learnt, or with a sheet, where that is known."""

ONE_OF_TWO = Text(
    "Name either a profile or a class, and only one of them.",
    "Укажите либо профиль, либо класс, и только что-то одно.",
)
PUPILS_OF_NO_CLASS = Text(
    "Only a class has more than one sheet: name its code as “class”.",
    "Больше одного листа бывает только у класса: передайте его код как «class».",
)
WRONG_LABEL = Text(
    "The field “label” says what the digit is: one of {known}.",
    "Поле «label» — какая это цифра: одно из значений {known}.",
)
NO_PROFILE = Text(
    "The profile is missing: name its code as “profile”.",
    "Не указан профиль: передайте его код как «profile».",
)
WRONG_BOX = Text(
    "The field “box” has four numbers with commas between them: left, top, right and bottom in pixels.",
    "В поле «box» — четыре числа через запятую: левый, верхний, правый и нижний край в пикселях.",
)
WRONG_STROKES = Text(
    "The field “strokes” has a JSON list of strokes, each a list of points [x, y]; {limit} points at most.",
    "В поле «strokes» — список штрихов в JSON, каждый — список точек [x, y]; всего точек не больше {limit}.",
)
WRONG_FIELD = Text(
    "The body has a field that is not known here or stands in it twice: {where}. Known are {known}.",
    "В теле запроса есть поле, которого здесь нет, или оно указано дважды: {where}. Есть {known}.",
)
WRONG_DECISION = Text(
    "Send JSON with “state”: “believed” or “refused”.",
    "Отправьте JSON, где «state» — «believed» или «refused».",
)
ONE_OF = Text(
    "The parameter {where} takes one of these: {known}.",
    "Параметр {where} принимает одно из значений: {known}.",
)
