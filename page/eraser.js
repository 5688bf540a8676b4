// Set before canvas_tools.js. The eraser takes away whole strokes: what it is drawn over fades at once, and goes when the
// pointer is lifted.

const REACH = 12; // pixels of the canvas: how far from the middle of the eraser it takes
const STEP = 4;

const inkContext = document.createElement("canvas").getContext("2d");

function isHit({ path, strokeWidth }, points) {
  const line = new Path2D(path.map((command) => command.join(" ")).join(" "));
  Object.assign(inkContext, { lineWidth: strokeWidth + 2 * REACH, lineCap: "round", lineJoin: "round" });
  return points.some(([x, y]) => inkContext.isPointInStroke(line, x, y));
}

class Eraser {
  // `strokes` says what is on the canvas, `erase` takes away those for which it is told so.
  constructor({ strokes, erase }) {
    Object.assign(this, { strokes, erase, points: null, faded: new Set() });
  }

  adopt(canvas) {
    this.sheet = canvas.querySelector(".upper-canvas");
    const container = canvas.querySelector(".dc-container");
    const listen = (name, action) => container.addEventListener(name, (event) => {
      if (container.matches(".erasing *")) action(event);
    });
    listen("pointerdown", (event) => {
      if (event.button || !event.isPrimary) return;
      container.setPointerCapture(event.pointerId);
      this.points = [];
      this.rub(event);
    });
    listen("pointermove", (event) => {
      const passed = event.getCoalescedEvents?.() ?? [];
      if (this.points && event.isPrimary) for (const each of passed.length > 0 ? passed : [event]) this.rub(each);
    });
    listen("pointerup", () => this.lift());
    listen("pointercancel", () => this.lift());
  }

  rub({ clientX, clientY }) {
    const box = this.sheet.getBoundingClientRect();
    const place = [
      ((clientX - box.left) / box.width) * this.sheet.width,
      ((clientY - box.top) / box.height) * this.sheet.height,
    ];
    const [from] = this.points.slice(-1);
    const steps = from ? Math.ceil(Math.hypot(place[0] - from[0], place[1] - from[1]) / STEP) : 1;
    const start = from ?? place;
    const added = Array.from({ length: steps }, (_, step) => [0, 1].map(
      (axis) => start[axis] + ((place[axis] - start[axis]) * (step + 1)) / steps,
    ));
    this.points.push(...added);
    for (const stroke of this.strokes()) if (!this.faded.has(stroke) && isHit(stroke, added)) this.fade(stroke);
  }

  fade(stroke) {
    this.faded.add(stroke);
    this.isSoiled = true;
    const context = this.sheet.getContext("2d");
    context.save();
    Object.assign(context, { lineWidth: stroke.strokeWidth + 2, lineCap: "round", lineJoin: "round", globalAlpha: 0.7 });
    context.strokeStyle = this.paper;
    context.stroke(new Path2D(stroke.path.map((command) => command.join(" ")).join(" ")));
    context.restore();
  }

  async lift() {
    const { points } = this;
    this.points = null;
    this.faded.clear();
    if (points) await this.erase((stroke) => isHit(stroke, points));
  }

  // Once the canvas shows what is left.
  clean() {
    if (!this.isSoiled) return;
    this.isSoiled = false;
    this.sheet.getContext("2d").clearRect(0, 0, this.sheet.width, this.sheet.height);
  }
}
