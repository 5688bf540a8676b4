// Pictures that are pasted, dropped beside the uploader or taken by the phone's own camera app are handed to Streamlit's
// uploader as if they had been chosen there: it bounds them, refuses them, sends them, shows their names, lets them go.

const DROPZONE = '[data-testid="stFileUploaderDropzone"]';
const CAMERA = '[data-testid="stCameraInput"]';
const SAID_FOR = 6000; // milliseconds
const GLANCE = 50;

const holdsFiles = (event) => Boolean(event.dataTransfer?.types.includes("Files"));
const isOnDropzone = (event) => event.composedPath().some((part) => part.matches?.(DROPZONE));

// In the place of what was brought before; on the uploader itself, one can add to it. Soon after the page was opened, it
// may have to be waited for.
async function handToUploader(files, panel) {
  const found = () => document.querySelector(`.st-key-${panel} ${DROPZONE}`);
  while (!found()) await new Promise((resume) => setTimeout(resume, GLANCE));
  const dropzone = found();
  for (const remove of dropzone.querySelectorAll('[data-testid="stFileChip"] button')) remove.click();
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  const input = dropzone.querySelector("input");
  input.files = held.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

class Brought {
  constructor(root, tell) {
    this.root = root;
    this.tell = tell;
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

  take(files) {
    if (files.length === 0) return;
    this.say("");
    if (this.data.mode !== "upload") this.tell();
    handToUploader([...files], this.data.panel);
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
    if (!holdsFiles(event) || this.isFromHere || isOnDropzone(event)) return;
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

export default function ({ data, parentElement, setTriggerValue }) {
  if (!brought.has(parentElement)) {
    brought.set(parentElement, new Brought(parentElement, () => setTriggerValue("brought", true)));
  }
  brought.get(parentElement).know(data);
  return () => {
    brought.get(parentElement)?.release();
    brought.delete(parentElement);
  };
}
