// Works the toolbar of the canvas beside it (streamlit-drawable-canvas 0.13.0, in an open shadow root) for the user.

const CANVAS_STYLE = `
  .dc-toolbar { display: none !important; }
  .dc-root, .dc-scroll, .dc-container { width: 100% !important; }
  .dc-container { height: auto !important; aspect-ratio: 1; }
  .dc-container > *, .dc-container canvas { width: 100% !important; height: 100% !important; }
  .dc-container { background: var(--paper); border-radius: 12px; overflow: hidden; }
  .dc-root { border-radius: 12px; box-shadow: 0 0 0 1px var(--st-border-color); }
  .dc-canvas { outline: none; }
  .dc-container canvas { touch-action: none !important; cursor: crosshair; }
`;
const LONGEST_HISTORY = 100;

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
  let drawing = false;
  const begin = () => { drawing = true; };
  const end = () => {
    if (!drawing) return;
    drawing = false;
    state.cleared = 0;
    setTimeout(() => toolbarButton(canvas, "Update the app with this drawing")?.click());
  };
  canvas.addEventListener("mousedown", begin);
  canvas.addEventListener("touchstart", begin, { passive: true });
  window.addEventListener("mouseup", end);
  window.addEventListener("touchend", end);

  const watch = new MutationObserver(() => state.show());
  watch.observe(toolbarButton(canvas, "Undo"), { attributes: true, attributeFilter: ["disabled"] });
  return () => {
    watch.disconnect();
    window.removeEventListener("mouseup", end);
    window.removeEventListener("touchend", end);
  };
}

const states = new WeakMap();

export default function ({ data, parentElement }) {
  const undo = parentElement.querySelector(".undo");
  const clear = parentElement.querySelector(".clear");
  let state = states.get(parentElement);
  if (!state) {
    state = { canvas: null, cleared: 0, release: () => {} };
    states.set(parentElement, state);
    state.show = () => {
      const canUndo = !toolbarButton(state.canvas, "Undo").disabled;
      clear.disabled = !canUndo;
      undo.disabled = !canUndo && state.cleared === 0;
    };
    undo.onclick = () => {
      const forth = toolbarButton(state.canvas, "Redo");
      if (state.cleared > 0) while (state.cleared-- > 0) forth.click();
      else toolbarButton(state.canvas, "Undo").click();
      state.cleared = 0;
      state.show();
    };
    // Clearing is undoing everything, so that one press of "undo" brings the drawing back.
    clear.onclick = () => {
      const back = toolbarButton(state.canvas, "Undo");
      let steps = 0;
      while (!back.disabled) { back.click(); steps++; }
      if (steps >= LONGEST_HISTORY) { toolbarButton(state.canvas, "Reset canvas & history").click(); steps = 0; }
      state.cleared = steps;
      state.show();
    };
  }

  undo.querySelector("span").textContent = data.undo;
  clear.querySelector("span").textContent = data.clear;
  document.documentElement.lang = data.language;

  let waiting;
  const dress = () => {
    const panel = parentElement.host.closest(`.st-key-${data.panel}`);
    const canvas = panel && canvasIn(panel);
    if (!canvas) { waiting = requestAnimationFrame(dress); return; }
    if (canvas !== state.canvas) {
      state.release();
      state.canvas = canvas;
      state.cleared = 0;
      state.release = adopt(canvas, state);
    }
    canvas.style.setProperty("--paper", data.paper);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", data.label);
    state.show();
  };
  dress();

  return () => {
    cancelAnimationFrame(waiting);
    state.release();
    states.delete(parentElement);
  };
}
