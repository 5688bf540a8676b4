// Works the toolbar of the canvas beside it (streamlit-drawable-canvas 0.13.0, in an open shadow root) for the user,
// and keeps the strokes in the tab's own storage, for the canvas forgets them when the page is loaded again.

const RING = "%3Csvg xmlns='http://www.w3.org/2000/svg' width='26' height='26' fill='none'%3E%3Ccircle cx='13' cy='13' r='11' "
  + "stroke='%23fff' stroke-width='4'/%3E%3Ccircle cx='13' cy='13' r='11' stroke='%23000' stroke-width='2'/%3E%3C/svg%3E";

const CANVAS_STYLE = `
  .dc-toolbar { display: none !important; }
  .dc-root, .dc-scroll, .dc-container { width: 100% !important; }
  .dc-container { height: auto !important; aspect-ratio: var(--aspect); }
  .dc-container > *, .dc-container canvas { width: 100% !important; height: 100% !important; }
  .dc-container { background: var(--paper); border-radius: 12px; overflow: hidden; }
  .dc-root { border-radius: 12px; box-shadow: 0 0 0 1px var(--st-border-color); }
  .dc-canvas { outline: none; }
  .dc-background-canvas { position: absolute; top: 0; left: 0; } /* as its own style says, which may come late */
  .dc-root[aria-busy] { pointer-events: none; } /* a stroke drawn before the canvas is filled would be lost */
  .dc-container canvas { touch-action: none !important; cursor: crosshair; }
  .erasing .dc-container { touch-action: none; cursor: url("data:image/svg+xml,${RING}") 13 13, cell; }
  .erasing .dc-container canvas { pointer-events: none; }
`;

const toolbarButton = (canvas, label) => canvas.querySelector(`.dc-toolbar [aria-label="${label}"]`);

function canvasIn(panel) {
  for (const host of panel.querySelectorAll("*")) {
    const canvas = host.shadowRoot?.querySelector(".dc-root");
    if (canvas?.querySelector(".dc-toolbar-card")) return canvas;
  }
  return null;
}

function adopt(canvas, state) {
  const style = document.createElement("style");
  style.textContent = CANVAS_STYLE;
  canvas.getRootNode().appendChild(style);

  // The package waits 200 ms after a stroke. Its own "send" button does not.
  const begin = (event) => {
    state.isDrawing = !event.button && !canvas.matches(".erasing");
    if (state.isDrawing) state.following.begin(canvas);
  };
  const move = () => state.following.move();
  const end = () => {
    if (!state.isDrawing) return;
    state.isDrawing = false;
    state.following.end(canvas);
    state.isAhead = true;
    state.isTold = false;
    state.removed = [];
    setTimeout(() => toolbarButton(canvas, "Update the app with this drawing")?.click());
  };
  canvas.addEventListener("mousedown", begin);
  canvas.addEventListener("touchstart", begin, { passive: true });
  canvas.addEventListener("mousemove", move);
  canvas.addEventListener("touchmove", move, { passive: true });
  window.addEventListener("mouseup", end, true); // before the canvas takes the stroke to where the others are
  window.addEventListener("touchend", end, true);

  const watch = new MutationObserver(() => state.show());
  watch.observe(toolbarButton(canvas, "Undo"), { attributes: true, attributeFilter: ["disabled"] });
  state.eraser.adopt(canvas);
  return () => {
    state.following.leave();
    watch.disconnect();
    window.removeEventListener("mouseup", end, true);
    window.removeEventListener("touchend", end, true);
  };
}

// Ctrl+Z is on the same key whatever the layout, except where the layout has a Z elsewhere.
const isZ = ({ key, code }) => (/^[a-z]$/i.test(key) ? key.toLowerCase() === "z" : code === "KeyZ");

const CONTROL = 'a, button, input, select, summary, [role="button"], [role="option"], [role="slider"]';
const isOnControl = (event) => event.composedPath().some((part) => part.matches?.(CONTROL));

// Delete clears, Ctrl+Z undoes and Enter reads what is drawn as a number, as long as the canvas is shown, no stroke is being
// drawn and nobody is typing. On a button Enter presses that one.
function buttonFor(event, undo, clear) {
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.altKey || event.shiftKey) return null;
  if (isCommand) return isZ(event) ? undo : null;
  if (event.key === "Delete") return clear;
  if (event.key !== "Enter" || clear.disabled || isOnControl(event)) return null;
  return document.querySelectorAll(".st-key-reading button")[1];
}

const FILLING = 50; // milliseconds, these too
const GLANCE = 20;
const RESTED = 3000;
const PATIENCE = 30000;
const KEPT = "digits: strokes";
const states = new WeakMap();

const isRunning = () => document.querySelector(".stApp")?.dataset.testScriptState === "running";

// Where the browser stores nothing, or not so much, a drawing lives as long as the page.
function keep(strokes) {
  try {
    sessionStorage.removeItem(KEPT);
    sessionStorage.setItem(KEPT, JSON.stringify(strokes));
  } catch { /* see above */ }
}

function keptStrokes() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

// The canvas undoes what was drawn since it was filled last. What it was filled with, after the page was loaded again
// or a clearing undone, is `filling.strokes`; to undo those it is filled with fewer, by way of the page's server.
function newState({ undo, erase, clear, rest }, setStateValue) {
  const state = {
    canvas: null,
    filling: { strokes: [], revision: 0 },
    strokes: [],
    removed: [], // the strokes before each clearing or rubbing out since the last stroke, the latest last
    isAhead: false,
    isTold: false, // something, since the last stroke
    isDrawing: false,
    following: new Following((isResting) => { rest.hidden = !isResting; }),
    release: () => {},
  };
  let isFilled = true;
  let earlier = "";
  const fill = (strokes) => {
    earlier = JSON.stringify(state.strokes);
    state.strokes = strokes;
    state.filling = { strokes, revision: Date.now() };
    isFilled = false;
    state.canvas.setAttribute("aria-busy", "true");
    setStateValue("filling", state.filling);
    state.show();
  };
  state.restore = () => {
    const strokes = keptStrokes();
    if (strokes.length > 0) fill(strokes);
  };
  // What the server knows: the strokes on the canvas and what it was filled with last.
  state.know = (strokes, revision) => {
    setTimeout(() => {
      if (revision !== state.filling.revision) return; // it is being filled anew
      state.canvas.removeAttribute("aria-busy");
      state.eraser.clean();
    }, FILLING);
    if (!strokes) return;
    state.isTold = true;
    // The first run after a filling still tells what was there before it.
    isFilled ||= revision === state.filling.revision && strokes.length >= state.filling.strokes.length
      && (strokes.length === state.filling.strokes.length || JSON.stringify(strokes) !== earlier);
    if (!isFilled) return;
    if (strokes.length > state.strokes.length) state.isAhead = false;
    state.strokes = strokes;
    keep(strokes);
  };
  state.show = () => {
    const canUndo = !toolbarButton(state.canvas, "Undo").disabled || state.filling.strokes.length > 0;
    clear.disabled = !canUndo;
    undo.disabled = !canUndo && state.removed.length === 0;
    erase.disabled = !canUndo;
    if (!canUndo) takeEraser(false);
  };
  const takeEraser = (isTaken) => {
    erase.setAttribute("aria-pressed", isTaken);
    state.canvas.classList.toggle("erasing", isTaken);
  };
  // The last stroke too, which the server may have yet to tell: a busy one gets its time, one that has told and rests has
  // heard of no stroke.
  const untilKnown = async () => {
    let rested = 0;
    for (let waited = 0; state.isAhead && waited < PATIENCE && rested < RESTED; waited += GLANCE) {
      await new Promise((resume) => setTimeout(resume, GLANCE));
      rested = state.isTold && !isRunning() ? rested + GLANCE : 0;
    }
    return !state.isAhead;
  };
  // What is wanted while one before it still waits for a stroke comes after it.
  let latest = Promise.resolve();
  const inTurn = (action) => (...given) => {
    latest = latest.catch(() => {}).then(() => action(...given));
    return latest;
  };

  undo.onclick = inTurn(() => {
    const back = toolbarButton(state.canvas, "Undo");
    const before = state.removed.pop();
    state.isAhead = false;
    if (before) fill(before);
    else if (!back.disabled) back.click();
    else fill(state.filling.strokes.slice(0, -1));
    state.show();
  });

  // One press of "undo" brings the drawing back.
  clear.onclick = inTurn(async () => {
    await untilKnown();
    state.isAhead = false;
    const strokes = state.strokes;
    if (state.filling.strokes.length > 0) fill([]);
    else toolbarButton(state.canvas, "Reset canvas & history").click();
    state.removed.push(strokes);
    state.show();
  });

  erase.onclick = () => takeEraser(erase.getAttribute("aria-pressed") !== "true");
  state.eraser = new Eraser({
    strokes: () => state.strokes,
    erase: inTurn(async (isErased) => {
      const left = (await untilKnown()) ? state.strokes.filter((stroke) => !isErased(stroke)) : state.strokes;
      if (left.length === state.strokes.length) { state.eraser.clean(); return; }
      state.removed.push(state.strokes);
      fill(left);
    }),
  });
  state.press = (event) => {
    const button = buttonFor(event, undo, clear);
    if (!button || isTyping(event) || state.isDrawing || button.getClientRects().length === 0) return;
    event.preventDefault();
    button.click();
  };
  window.addEventListener("keydown", state.press);
  return state;
}

export default function ({ data, parentElement, setStateValue }) {
  const [undo, erase, clear, rest] = [".undo", ".erase", ".clear", ".rest"].map((part) => parentElement.querySelector(part));
  let state = states.get(parentElement);
  if (!state) {
    state = newState({ undo, erase, clear, rest }, setStateValue);
    states.set(parentElement, state);
  }

  undo.querySelector("span").textContent = data.undo;
  erase.querySelector("span").textContent = data.erase;
  erase.title = data.erase_more;
  clear.querySelector("span").textContent = data.clear;
  rest.textContent = data.rest;
  state.following.know(data.following, data.paper, data.language);
  state.eraser.paper = data.paper;
  document.documentElement.lang = data.language;

  let waiting;
  const dress = () => {
    const panel = parentElement.host.closest(`.st-key-${data.panel}`);
    const canvas = panel && canvasIn(panel);
    if (!canvas) { waiting = requestAnimationFrame(dress); return; }
    const isNew = canvas !== state.canvas;
    if (isNew) {
      state.release();
      state.canvas = canvas;
      state.removed = [];
      state.release = adopt(canvas, state);
    }
    canvas.style.setProperty("--paper", data.paper);
    canvas.style.setProperty("--aspect", data.aspect);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", data.label);
    if (isNew) state.restore();
    else state.know(data.strokes, data.revision);
    state.show();
  };
  dress();

  return () => {
    window.removeEventListener("keydown", state.press);
    cancelAnimationFrame(waiting);
    state.release();
    states.delete(parentElement);
  };
}
