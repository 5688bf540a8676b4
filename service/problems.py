"""Problem details (RFC 9457): every error that the API answers, in English and in Russian, in one table.

Those of what is learnt stand in `service.learning_problems`.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from digits.formats import names
from digits.languages import Language, preferred_language
from digits.limits import MAX_BATCH_FILES, MAX_FILE_MEGABYTES, MAX_PIXELS
from service.learning_problems import LEARNING_EXAMPLE_FACTS, LEARNING_KINDS
from service.problem_text import Kind, Text

MEDIA_TYPE: Final = "application/problem+json"


KINDS: dict[str, Kind] = {
    "no-file": Kind(
        400,
        Text("No file", "Нет файла"),
        Text(
            "Send a picture as the field “file” of a multipart/form-data body.",
            "Отправьте изображение в поле «file» тела multipart/form-data.",
        ),
    ),
    "not-found": Kind(
        404,
        Text("Not found", "Не найдено"),
        Text("There is nothing at this address.", "По этому адресу ничего нет."),
    ),
    "method-not-allowed": Kind(
        405,
        Text("Method not allowed", "Метод не поддерживается"),
        Text(
            "This address answers other methods; the header Allow names them.",
            "По этому адресу действуют другие методы: они названы в заголовке Allow.",
        ),
    ),
    "too-large": Kind(
        413,
        Text("The file is too large", "Файл слишком большой"),
        Text("A request may have at most {limit} MiB.", "Запрос может занимать не больше {limit} МиБ."),
    ),
    "too-many-pixels": Kind(
        413,
        Text("The picture has too many pixels", "В изображении слишком много пикселей"),
        Text(
            "A picture of this kind may have at most {limit} megapixels.",
            "В изображении такого вида может быть не больше {limit} мегапикселей.",
        ),
    ),
    "too-many-pixels-together": Kind(
        413,
        Text("The pictures have too many pixels", "В изображениях слишком много пикселей"),
        Text(
            "All pictures of a request together may have at most {limit} megapixels.",
            "Во всех изображениях запроса вместе может быть не больше {limit} мегапикселей.",
        ),
    ),
    "too-many-files": Kind(
        413,
        Text("Too many files", "Слишком много файлов"),
        Text("A request may have at most {limit} files.", "В запросе может быть не больше {limit} файлов."),
    ),
    "not-a-picture": Kind(
        415,
        Text("Not a picture", "Это не изображение"),
        Text(f"What is read: {names('and')}.", f"Принимаются {names('и')}."),
    ),
    "unreadable-picture": Kind(
        422,
        Text("The picture cannot be read", "Изображение не читается"),
        Text(
            "The file is damaged or incomplete. Save it again or send another one.",
            "Файл повреждён или загружен не полностью. Сохраните его заново или отправьте другой.",
        ),
    ),
    "wrong-fields": Kind(
        422,
        Text("Wrong fields", "Неверные поля"),
        Text(
            "Send exactly one file, in the field “file”.",
            "Отправьте ровно один файл — в поле «file».",
        ),
    ),
    "no-such-page": Kind(
        422,
        Text("No such page", "Такой страницы нет"),
        Text("Pages of the file that can be read: {limit}.", "Страниц в файле, которые можно прочитать: {limit}."),
    ),
    "internal": Kind(
        500,
        Text("Internal error", "Внутренняя ошибка"),
        Text(
            "Something went wrong on our side; it has been logged.",
            "Что-то сломалось на нашей стороне; ошибка записана в журнал.",
        ),
    ),
    "busy": Kind(
        503,
        Text("Busy", "Сервис занят"),
        Text(
            "Too many pictures are waiting. Please try again in a moment.",
            "Слишком много изображений в очереди. Попробуйте чуть позже.",
        ),
        retry_after=1,
    ),
    "not-ready": Kind(
        503,
        Text("Not ready", "Сервис не готов"),
        Text("The model is not loaded: {reason}.", "Модель не загружена: {reason}."),
        retry_after=5,
    ),
    "timeout": Kind(
        504,
        Text("It takes too long", "Слишком долго"),
        Text(
            "The picture was not read within {seconds} s.",
            "Изображение не удалось прочитать за {seconds} с.",
        ),
    ),
    **LEARNING_KINDS,
}

EMPTY_FILE = Text("The file is empty.", "Файл пуст.")
NO_PICTURE = Text(
    "Send a picture as the field “file” of a multipart/form-data body, as the body itself with its own Content-Type, "
    "such as image/png, or as JSON with “image” (Base64) or “strokes”.",
    "Отправьте изображение в поле «file» тела multipart/form-data, или само по себе с его Content-Type, например "
    "image/png, или как JSON с полем «image» (Base64) либо «strokes».",
)
WRONG_JSON = Text(
    "Send a JSON object with “image”, a file in Base64 or as a data URL, or with “strokes”, and nothing else in it.",
    "Отправьте объект JSON с полем «image» (файл в Base64 или data URL) либо «strokes», и ничего больше.",
)
WRONG_IMAGE = Text(
    "What “image” holds is no Base64, or a data URL without “;base64”.",
    "В поле «image» не Base64, или data URL без «;base64».",
)
WRONG_DRAWING = Text(
    "“strokes” is a list of strokes, each a list of points [x, y]; {limit} points at most, no number beyond ±{reach}.",
    "Поле «strokes» — список штрихов, каждый — список точек [x, y]; точек не больше {limit}, числа не дальше ±{reach}.",
)
MALFORMED = Text("The multipart body is malformed.", "Тело multipart составлено с ошибкой.")
FILES_ONLY = Text(
    "A file belongs in the field “file”.",
    "Файл отправляется в поле «file».",
)
FILE_AS_TEXT = Text(
    "The field “file” came as text: send it as a file, with a file name.",
    "Поле «file» пришло как текст: отправьте его как файл, с именем.",
)
WRONG_QUERY = Text(
    "A parameter of the query has a value that is not accepted: {where}.",
    "Недопустимое значение параметра запроса: {where}.",
)
UNKNOWN_QUERY = Text(
    "The query has a parameter that is not known here: {where}. Known are {known}.",
    "В запросе есть параметр, которого здесь нет: {where}. Есть {known}.",
)
REPEATED_QUERY = Text(
    "The parameter {where} may be given once only.",
    "Параметр {where} можно указать только один раз.",
)
WRONG_FORMAT = Text(
    "The parameter format takes one of these: {known}.",
    "Параметр format принимает одно из значений: {known}.",
)
WRONG_LENGTH = Text(
    "The parameter length says how many digits a number has, from 1 to {limit}: one number, as 2, or the fewest and "
    "the most, as 4-6.",
    "Параметр length — сколько цифр в числе, от 1 до {limit}: одно число, например 2, или наименьшее и наибольшее, "
    "например 4-6.",
)


EXAMPLE_FACTS: Final[Mapping[str, Mapping[str, str]]] = {
    "too-large": {"limit": str(MAX_FILE_MEGABYTES)},
    "too-many-pixels": {"limit": str(MAX_PIXELS // 1_000_000)},
    "too-many-pixels-together": {"limit": "256"},
    "too-many-files": {"limit": str(MAX_BATCH_FILES)},
    "no-such-page": {"limit": "12"},
    "not-ready": {"reason": "scaler.pkl is missing"},
    "timeout": {"seconds": "5"},
    **LEARNING_EXAMPLE_FACTS,
}


class ProblemError(HTTPException):
    """Raised to answer problem details of the type `/problems/{name}`; `facts` fill in the detail.

    `retry_after` is in seconds, where it is another than that of all problems of the type.
    """

    def __init__(self, name: str, detail: Text | None = None, retry_after: int | None = None, **facts: str) -> None:
        kind = KINDS[name]
        super().__init__(kind.status)
        self.name = name
        self.text = detail or kind.detail
        self.retry_after = kind.retry_after if retry_after is None else retry_after
        self.facts = facts


class ProblemResponse(JSONResponse):
    """Problem details in the language that the caller prefers."""

    media_type = MEDIA_TYPE

    def __init__(self, request: Request, problem: ProblemError, headers: Mapping[str, str] | None = None) -> None:
        kind = KINDS[problem.name]
        language = language_of(request)
        content = details_in(language, problem)
        retry = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
        told = {"Content-Language": language, "Vary": "Accept-Language"}
        super().__init__(content, kind.status, {**(headers or {}), **retry, **told})


def details_in(language: Language, problem: ProblemError) -> dict[str, str | int]:
    """Problem details as a member of an answer that holds more than them."""
    return problem_details(problem.name, language, problem.text, problem.facts)


def problem_details(name: str, language: Language, detail: Text, facts: Mapping[str, str]) -> dict[str, str | int]:
    """The members of RFC 9457 for a problem of the type `/problems/{name}`."""
    kind = KINDS[name]
    return {
        "type": f"/problems/{name}",
        "title": getattr(kind.title, language),
        "status": kind.status,
        "detail": getattr(detail, language).format(**facts),
    }


def language_of(request: Request) -> Language:
    """The language that the caller prefers; English where that is neither."""
    return preferred_language(request.headers.get("accept-language", ""), "en")


def from_http_error(error: HTTPException) -> ProblemError:
    """The problem for an error that Starlette raises itself: no such address, no such method, a bad body."""
    if isinstance(error, ProblemError):
        return error
    if error.status_code == 400:
        if error.detail.startswith("Too many files"):
            return ProblemError("too-many-files", limit=str(MAX_BATCH_FILES))
        return ProblemError("no-file", MALFORMED)
    return ProblemError({404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "internal"))
