"""Pictures that are pasted, dropped or photographed, and keys, in a real browser."""

import base64
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, WebSocketRoute, expect

from page.examples import FOLDER as EXAMPLES
from tests.test_browser_looks import check_accessibility
from tools.browser import SEVEN, Visitor, line, visit

pytest_plugins = ["tests.fixtures"]

PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
    "Mobile Safari/537.36"
)
SCREEN: ViewportSize = {"width": 390, "height": 844}


def copy_picture(page: Page, path: Path) -> None:
    """Puts a picture on the clipboard, as a program that takes screenshots does: as PNG, whatever it was."""
    page.evaluate(
        """async url => {
            const image = new Image();
            image.src = url;
            await image.decode();
            const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
            canvas.getContext("2d").drawImage(image, 0, 0);
            const png = await canvas.convertToBlob();
            await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
        }""",
        "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode(),
    )


def drag(visitor: Visitor, x: float, y: float, *files: Path, drop: bool = True) -> None:
    """Drags files from a folder of the visitor's computer over this place of the page, and drops them there."""
    move_files(visitor, [(kind, x, y) for kind in ("dragEnter", "dragOver", *(["drop"] if drop else []))], files)


def move_files(visitor: Visitor, moves: Iterable[tuple[str, float, float]], files: Sequence[Path]) -> None:
    session = visitor.page.context.new_cdp_session(visitor.page)
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
    for kind, x, y in moves:
        session.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})


def test_a_picture_is_pasted_anywhere_and_read(desktop: Visitor, digit_files: dict[str, Path]) -> None:
    page = desktop.page
    copy_picture(page, digit_files["seven"])
    page.keyboard.press("Control+V")
    expect(desktop.digit).to_have_text("7")
    expect(page.locator(".st-key-preview img")).to_be_visible()
    expect(page.get_by_test_id("stFileChip")).to_have_count(1)
    copy_picture(page, EXAMPLES / "board.jpg")
    page.keyboard.press("Control+V")
    expect(desktop.digit).to_have_text("3")
    expect(page.get_by_test_id("stFileChip")).to_have_count(1)
    desktop.take_back_uploads()
    page.evaluate("() => navigator.clipboard.writeText('seven')")
    said = page.locator(".st-key-brought .said")
    expect(said).to_be_empty()
    page.keyboard.press("Control+V")
    expect(said).not_to_be_empty()
    expect(desktop.card).to_be_visible()


def test_what_is_pasted_into_a_field_stays_there(desktop: Visitor, digit_files: dict[str, Path]) -> None:
    page = desktop.page
    desktop.stroke(SEVEN)
    expect(desktop.digit).to_have_text("7")
    drawn = desktop.ink()
    desktop.press(page.locator(".st-key-brush [data-testid=stColorPickerBlock]"))
    field = page.get_by_test_id("stColorPickerPopover").locator("input")
    field.focus()
    copy_picture(page, digit_files["seven"])
    for keys in ("Control+V", "Delete", "Control+Z"):
        page.keyboard.press(keys)
    page.keyboard.press("Escape")
    desktop.wait_for_rest()
    expect(page.get_by_test_id("stFileChip")).to_have_count(0)
    expect(page.locator(".st-key-brought .said")).to_be_empty()
    assert desktop.ink() == drawn


def test_files_are_dropped_anywhere(desktop: Visitor, digit_files: dict[str, Path], tmp_path: Path) -> None:
    over = desktop.page.locator(".st-key-brought .over")
    drag(desktop, 300, 600, digit_files["seven"], drop=False)
    expect(over).to_be_visible()
    drag(desktop, 300, 600, digit_files["seven"])
    expect(over).to_be_hidden()
    expect(desktop.digit).to_have_text("7")
    drag(desktop, 1000, 700, EXAMPLES / "board.jpg", EXAMPLES / "ruled.jpg")
    cells = desktop.page.locator(".many tbody td:first-of-type")
    expect(cells).to_have_text(["3", "5"])
    note = tmp_path / "note.txt"
    note.write_text("seven")
    drag(desktop, 1000, 700, note)
    expect(desktop.page.get_by_test_id("stFileUploader").get_by_text("note.txt")).to_be_visible()
    expect(desktop.card).to_be_visible()
    box = desktop.page.locator(".st-key-uploading [data-testid=stFileUploaderDropzone]").bounding_box()
    assert box is not None
    drag(desktop, box["x"] + 20, box["y"] + 10, digit_files["seven"])
    expect(desktop.digit).to_have_text("7")
    expect(desktop.page.get_by_test_id("stFileChip")).to_have_count(2)


def test_a_quick_hand_drops_a_file_too(desktop: Visitor, digit_files: dict[str, Path]) -> None:
    """Each time over another part of the page, so that the browser never says that the file is over one."""
    thrown = [("dragEnter", 1000, 100), ("dragOver", 1000, 700), ("drop", 300, 600)]
    move_files(desktop, thrown, [digit_files["seven"]])
    expect(desktop.digit).to_have_text("7")


def keep_back_the_first(context: BrowserContext) -> list[Callable[[], None]]:
    """Streamlit's answer where to send a file does not come, each time that what is returned is empty.

    Returns:
        What would hand the answer on after all.

    """
    kept: list[Callable[[], None]] = []

    def keep_back(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: bytes | str) -> None:
            if isinstance(message, bytes) and b"upload_file/" in message and not kept:
                kept.append(lambda: socket.send(message))
            else:
                socket.send(message)

        server.on_message(pass_on)

    context.route_web_socket("**/_stcore/stream", keep_back)
    return kept


def test_a_file_that_streamlit_loses_is_handed_over_again(
    browser: Browser, url: str, digit_files: dict[str, Path]
) -> None:
    """It tells the browser where to send a file, and forgets to where a run of the page begins just then."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    lost = keep_back_the_first(context)
    visitor = Visitor(context.new_page())
    visitor.arrive(url)
    drag(visitor, 300, 600, digit_files["seven"])
    expect(visitor.digit).to_have_text("7")
    assert len(lost) == 1
    chips = visitor.page.get_by_test_id("stFileChip")
    expect(chips).to_have_count(1)
    lost.clear()
    visitor.upload(EXAMPLES / "board.jpg")
    expect(visitor.page.locator(".many tbody .said")).to_have_text(["7", "3"])
    expect(chips).to_have_count(2)
    assert len(lost) == 1
    visitor.leave()
    context.close()


def test_a_file_that_streamlit_is_late_with_is_there_once(
    browser: Browser, url: str, digit_files: dict[str, Path]
) -> None:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    late = keep_back_the_first(context)
    visitor = Visitor(context.new_page())
    visitor.arrive(url)
    drag(visitor, 300, 600, digit_files["seven"])
    expect(visitor.digit).to_have_text("7")
    drag(visitor, 1000, 700, EXAMPLES / "board.jpg", EXAMPLES / "ruled.jpg")
    cells, chips = visitor.page.locator(".many tbody td:first-of-type"), visitor.page.get_by_test_id("stFileChip")
    expect(cells).to_have_text(["3", "5"])
    expect(chips).to_have_count(2)
    visitor.page.evaluate(
        """() => {
            window.isThere = new Promise((done) => {
                const watch = new MutationObserver(() => {
                    if (document.querySelectorAll('[data-testid="stFileChip"]').length > 2) done();
                });
                watch.observe(document.body, { childList: true, subtree: true });
                setTimeout(done, 5000);
            });
        }"""
    )
    late[0]()
    visitor.page.evaluate("() => window.isThere")
    expect(chips).to_have_count(2)
    expect(cells).to_have_text(["3", "5"])
    visitor.leave()
    context.close()


def test_keys_clear_and_undo(desktop: Visitor) -> None:
    keyboard = desktop.page.keyboard
    desktop.stroke(SEVEN)
    expect(desktop.digit).to_have_text("7")
    uncrossed = desktop.ink()
    desktop.stroke(line((0.35, 0.5), (0.65, 0.5)))
    desktop.wait_for_ink(lambda ink: ink > uncrossed)
    crossed = desktop.ink()
    for key in ("Delete", "Control+Z"):
        keyboard.press(key)
    desktop.wait_for_rest()
    desktop.wait_for_ink(lambda ink: ink == crossed)
    expect(desktop.digit).to_have_text("7")
    keyboard.press("Delete")
    expect(desktop.digit).to_have_count(0)
    keyboard.press("Control+Z")
    desktop.wait_for_ink(lambda ink: ink == crossed)
    expect(desktop.digit).to_have_text("7")
    russian_z = {"key": "я", "code": "KeyZ", "windowsVirtualKeyCode": 90, "modifiers": 2}
    session = desktop.page.context.new_cdp_session(desktop.page)
    for kind in ("keyDown", "keyUp"):
        session.send("Input.dispatchKeyEvent", {"type": kind, **russian_z})
    desktop.wait_for_ink(lambda ink: ink == uncrossed)
    desktop.choose_mode(1)
    expect(desktop.page.get_by_test_id("stFileUploader")).to_be_visible()
    for key in ("Delete", "Control+Z"):
        keyboard.press(key)
    desktop.choose_mode(0)
    expect(desktop.digit).to_have_text("7")
    assert desktop.ink() == uncrossed


def test_a_phone_photographs_with_its_rear_camera_in_full(browser: Browser, url: str) -> None:
    with browser.new_context(user_agent=PIXEL, viewport=SCREEN, has_touch=True, is_mobile=True) as context:
        context.grant_permissions(["camera"])
        visitor = Visitor(context.new_page(), finger=True)
        visitor.arrive(url)
        visitor.choose_mode(2)
        visitor.page.wait_for_function(
            """() => {
                const video = document.querySelector("video");
                const asked = video?.srcObject?.getVideoTracks()[0]?.getConstraints();
                return asked?.facingMode === "environment" && video.currentTime > 0.2;
            }"""
        )
        visitor.press(visitor.page.get_by_test_id("stCameraInputButton"))
        photo = visitor.page.locator("[data-testid=stCameraInput] img")
        assert photo.evaluate("image => image.decode().then(() => image.naturalHeight)") == 1080
        expect(visitor.page.locator(".answer.hint")).to_have_count(0)
        visitor.leave()


def test_where_browsers_give_no_camera_a_photo_is_chosen(
    browser: Browser, url: str, digit_files: dict[str, Path]
) -> None:
    with visit(browser, url.replace("127.0.0.1", "0.0.0.0"), phone=True) as visitor:
        page = visitor.page
        assert not page.evaluate("isSecureContext")
        camera = page.locator(".st-key-brought .camera")
        expect(camera).to_be_hidden()
        visitor.choose_mode(2)
        expect(camera).to_be_visible()
        expect(page.get_by_test_id("stCameraInput")).to_be_hidden()
        assert visitor.overhang() == 0
        check_accessibility(visitor)
        with page.expect_file_chooser() as chooser:
            visitor.press(camera.locator("label"))
        chooser.value.set_files(digit_files["seven"])
        expect(visitor.digit).to_have_text("7")
        expect(camera).to_be_hidden()
