// Pictures that are pasted, dropped beside the uploader or taken by the phone's own camera app are handed to Streamlit's
// uploader as if they had been chosen there: it bounds them, refuses them, sends them, shows their names, lets them go.

const DROPZONE = '[data-testid="stFileUploaderDropzone"]';
const CHIP = '[data-testid="stFileChip"]';
const CAMERA = '[data-testid="stCameraInput"]';
const SAID_FOR = 6000; // milliseconds
const PATIENCE = 10000;
const GLANCE = 20;
const LOOK = 200;
const LOST_AFTER = 1500;
const TRIES = 6;
const LATE = 60000;

const holdsFiles = (event) => Boolean(event.dataTransfer?.types.includes("Files"));
const isOnDropzone = (event) => event.composedPath().some((part) => part.matches?.(DROPZONE));

const until = async (isSo, patience = PATIENCE) => {
  for (let waited = 0; !isSo() && waited < patience; waited += GLANCE) {
    await new Promise((resume) => setTimeout(resume, GLANCE));
  }
};
const nameOn = (chip) => chip.querySelector("[title]").title;
const namesOf = (files) => files.map(({ name }) => name);
const letGo = (chips) => {
  for (const chip of chips) chip.querySelector("button")?.click();
};

// Takes one of them out; false where there is none.
function take(names, name) {
  const place = names.indexOf(name);
  if (place >= 0) names.splice(place, 1);
  return place >= 0;
}

// The names that are left when each of the others has taken one away.
function without(names, others) {
  const left = [...others];
  return names.filter((name) => !take(left, name));
}

let isHandingOver = false;

function handOver(files, input) {
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  input.files = held.files;
  isHandingOver = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  isHandingOver = false;
}

// Streamlit's uploader asks its server where to send a file, and where a run of the page begins just then the answer is lost,
// and the file with it: so files whose names it does not show are handed over again. What was late, not lost, is then there
// twice, perhaps long after, and is let go.
class Uploader {
  constructor() {
    this.panel = "";
    this.wanted = []; // names
    this.gone = new WeakSet(); // chips that are let go, or will be
    this.turn = 0;
    this.underWay = 0;
    this.lateUntil = 0;
  }

  get zone() {
    return document.querySelector(`.st-key-${this.panel} ${DROPZONE}`);
  }

  get chips() {
    return [...(this.zone?.querySelectorAll(CHIP) ?? [])].filter((chip) => !this.gone.has(chip));
  }

  lost(files) {
    const missing = without(this.wanted, this.chips.map(nameOn));
    return files.filter(({ name }) => missing.includes(name));
  }

  // In the place of what was brought before. Soon after the page was opened, the uploader has to be waited for.
  async replace(files) {
    this.turn += 1;
    await until(() => this.zone);
    if (!this.zone) return;
    const earlier = this.chips;
    for (const chip of earlier) this.gone.add(chip);
    this.wanted = namesOf(files);
    await this.secure(files, 0);
    if (this.lost(files).length < files.length) letGo(earlier);
    this.clean();
  }

  // Beside what was brought before: Streamlit has been given them already.
  async add(files) {
    this.wanted = [...(this.underWay ? this.wanted : this.chips.map(nameOn)), ...namesOf(files)];
    await this.secure(files, 1);
    this.clean();
  }

  async secure(files, tries) {
    const { turn } = this;
    const isOver = () => turn !== this.turn || this.lost(files).length === 0;
    this.underWay += 1;
    for (let patience = LOST_AFTER; ; patience *= 1.5, tries += 1) {
      if (tries > 0) await until(isOver, patience);
      if (isOver() || tries === TRIES || !this.zone) break;
      handOver(this.lost(files), this.zone.querySelector("input"));
    }
    this.underWay -= 1;
    if (tries > 1) this.lateUntil = performance.now() + LATE;
  }

  clean() {
    clearTimeout(this.cleaning);
    const left = [...this.wanted];
    const unwanted = this.chips.filter((chip) => !take(left, nameOn(chip)));
    for (const chip of unwanted) this.gone.add(chip);
    letGo(unwanted);
    if (performance.now() < this.lateUntil) this.cleaning = setTimeout(() => this.clean(), LOOK);
  }
}

const uploader = new Uploader();

class Brought {
  constructor(root) {
    this.root = root;
    this.data = {};
    this.isFromHere = false;
    this.turned = new WeakSet();
    this.listeners = new AbortController();
    const listen = (name, action) => document.addEventListener(name, action, { signal: this.listeners.signal, capture: true });
    listen("paste", (event) => this.paste(event));
    listen("dragstart", () => { this.isFromHere = true; });
    listen("dragend", () => { this.isFromHere = false; });
    // Who is quick, or on a page that just changes, enters one part of it after the other and is over none.
    for (const name of ["dragenter", "dragover"]) listen(name, (event) => this.drag(event));
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
    uploader.panel = data.panel;
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
    await uploader.replace([...files]);
    // Not by way of the server: a file that is sent meanwhile would tell it the mode that was.
    if (this.data.mode !== "upload") document.querySelectorAll(".st-key-mode button")[this.data.uploads].click();
  }

  // Streamlit's uploader has them already, and may lose them.
  secure(event, files) {
    const isOurs = event.composedPath().some((part) => part.matches?.(`.st-key-${this.data.panel}`));
    if (isOurs && files.length > 0) uploader.add([...files]);
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
