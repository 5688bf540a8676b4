// Pictures that are pasted, dropped beside the uploader or taken by the phone's own camera app are handed to Streamlit's
// uploader as if they had been chosen there: it bounds them, refuses them, sends them, shows their names, lets them go.

const DROPZONE = '[data-testid="stFileUploaderDropzone"]';
const CHIP = '[data-testid="stFileChip"]';
const CAMERA = '[data-testid="stCameraInput"]';
const SAID_FOR = 6000; // milliseconds
const PATIENCE = 10000;
const GLANCE = 20;
const LOST_AFTER = 1500;
const TRIES = 4;

const holdsFiles = (event) => Boolean(event.dataTransfer?.types.includes("Files"));
const isOnDropzone = (event) => event.composedPath().some((part) => part.matches?.(DROPZONE));

const until = async (isSo, patience = PATIENCE) => {
  for (let waited = 0; !isSo() && waited < patience; waited += GLANCE) {
    await new Promise((resume) => setTimeout(resume, GLANCE));
  }
};
const letGo = (chips) => {
  for (const chip of chips) chip.querySelector("button")?.click();
};

let isHandingOver = false;

function handOver(files, input) {
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  input.files = held.files;
  isHandingOver = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  isHandingOver = false;
}

// In the place of what was brought before; what is dropped on the uploader itself or chosen in its dialog, `isThere`, is
// added. Soon after the page was opened, the uploader has to be waited for. It asks its server where to send a file, and
// where a run of the page begins just then the answer is lost, and the file with it: so files whose names it does not show
// are handed over again.
async function handToUploader(files, panel, isThere) {
  const found = () => document.querySelector(`.st-key-${panel} ${DROPZONE}`);
  const chips = () => [...found().querySelectorAll(CHIP)];
  await until(found);
  const earlier = new Set(chips());
  const added = () => chips().filter((chip) => !earlier.has(chip));
  let tries = isThere ? 1 : 0;
  if (isThere) await until(() => added().length > 0, 2 * LOST_AFTER);
  for (; tries < TRIES && added().length === 0; tries += 1) {
    handOver(files, found().querySelector("input"));
    await until(() => added().length > 0, LOST_AFTER);
  }
  if (added().length === 0) return;
  if (!isThere) letGo(earlier);
  if (tries === 1) return;
  await until(() => added().length > files.length, 2 * LOST_AFTER); // what was late, not lost, is there twice
  letGo(added().slice(files.length));
}

class Brought {
  constructor(root) {
    this.root = root;
    this.data = {};
    this.isFromHere = false;
    this.turned = new WeakSet();
    this.listeners = new AbortController();
    const listen = (name, action) => document.addEventListener(name, action, { signal: this.listeners.signal });
    listen("paste", (event) => this.paste(event));
    listen("dragstart", () => { this.isFromHere = true; });
    listen("dragend", () => { this.isFromHere = false; });
    listen("dragover", (event) => this.drag(event));
    listen("dragleave", (event) => { if (!event.relatedTarget) this.showOver(false); });
    listen("drop", (event) => this.drop(event));
    listen("change", (event) => {
      if (!isHandingOver && event.target.type === "file") this.secure(event, event.target.files);
    });
    root.querySelector("input").onchange = ({ target }) => {
      this.take(target.files);
      target.value = "";
    };
    this.watch = new MutationObserver(() => this.turnToRear());
    this.watch.observe(document.body, { childList: true, subtree: true });
  }

  release() {
    this.listeners.abort();
    this.watch.disconnect();
  }

  know(data) {
    this.data = data;
    this.root.querySelector(".over p").textContent = data.texts.over;
    this.root.querySelector(".camera p").textContent = data.texts.no_camera;
    this.root.querySelector(".camera span").textContent = data.texts.choose;
    const hasNone = data.mode === "photograph" && !window.isSecureContext;
    this.root.querySelector(".camera").hidden = !hasNone;
    document.documentElement.classList.toggle("no-camera", hasNone);
  }

  async take(files) {
    if (files.length === 0) return;
    this.say("");
    await handToUploader([...files], this.data.panel, false);
    // Not by way of the server: a file that is sent meanwhile would tell it the mode that was.
    if (this.data.mode !== "upload") document.querySelectorAll(".st-key-mode button")[this.data.uploads].click();
  }

  // Streamlit's uploader has them already, and may lose them.
  secure(event, files) {
    const isOurs = event.composedPath().some((part) => part.matches?.(`.st-key-${this.data.panel}`));
    if (isOurs && files.length > 0) handToUploader([...files], this.data.panel, true);
  }

  paste(event) {
    if (isTyping(event)) return;
    const { files } = event.clipboardData;
    if (files.length === 0) this.say(this.data.texts.nothing);
    else event.preventDefault();
    this.take(files);
  }

  drag(event) {
    const isOurs = holdsFiles(event) && !this.isFromHere && !isOnDropzone(event);
    this.showOver(isOurs);
    if (!isOurs) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  }

  drop(event) {
    this.showOver(false);
    if (!holdsFiles(event) || this.isFromHere) return;
    if (isOnDropzone(event)) return this.secure(event, event.dataTransfer.files);
    event.preventDefault();
    this.take(event.dataTransfer.files);
  }

  showOver(isOver) {
    this.root.querySelector(".over").hidden = !isOver;
  }

  say(text) {
    clearTimeout(this.saying);
    this.root.querySelector(".said").textContent = text;
    if (text) this.saying = setTimeout(() => this.say(""), SAID_FOR);
  }

  // Streamlit begins with the camera that looks at the visitor, and on phones has a button for the other one.
  turnToRear() {
    if (this.data.mode !== "photograph") return;
    const camera = document.querySelector(CAMERA);
    const other = camera?.querySelector('[data-testid="stCameraInputSwitchButton"] button');
    if (!other || this.turned.has(camera)) return;
    this.turned.add(camera);
    other.click();
  }
}

const brought = new WeakMap();

export default function ({ data, parentElement }) {
  if (!brought.has(parentElement)) brought.set(parentElement, new Brought(parentElement));
  brought.get(parentElement).know(data);
  return () => {
    brought.get(parentElement)?.release();
    brought.delete(parentElement);
  };
}
