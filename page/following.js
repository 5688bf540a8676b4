// Set before canvas_tools.js. While the pen moves, the page's server is asked what is drawn so far, past Streamlit and one
// question at a time; the answer is put where the next run of the page empties it again. Where answers are late, it rests.

const BETWEEN = 200; // milliseconds, these all
const LATE = 700;
const REST = 60000;
const LATE_IN_A_ROW = 2;
const SIDE = 216; // pixels of what is sent: more than the recogniser looks at

class Following {
  constructor(showRest) {
    this.showRest = showRest;
    this.terms = null; // where and for whom to ask; null while it is switched off
    this.stroke = 0;
    this.late = 0;
    this.isAsking = false;
    this.isResting = false;
  }

  know(terms, paper, language) {
    if (Boolean(terms) !== Boolean(this.terms)) this.rest(false);
    Object.assign(this, { terms, paper, language });
  }

  begin(canvas) {
    this.end();
    this.hasMoved = true;
    this.looking = setInterval(() => this.look(canvas), BETWEEN);
  }

  move() {
    this.hasMoved = true;
  }

  end() {
    this.stroke += 1;
    clearInterval(this.looking);
  }

  async look(canvas) {
    if (!this.terms || !this.hasMoved || this.isAsking || this.isResting) return;
    const { stroke } = this;
    this.hasMoved = false;
    this.isAsking = true;
    const answer = await this.ask(canvas).catch(() => null);
    this.isAsking = false;
    this.late = answer === null ? this.late + 1 : 0;
    if (this.late >= LATE_IN_A_ROW) this.rest(true);
    const place = document.querySelector(".following");
    if (answer !== null && stroke === this.stroke && place) place.innerHTML = answer;
  }

  // What is drawn already lies on one canvas, the stroke that is being drawn on another above it.
  async ask(canvas) {
    const layers = [...canvas.querySelectorAll(".dc-canvas, .upper-canvas")];
    const scale = SIDE / layers[0].height;
    const sheet = document.createElement("canvas");
    sheet.width = layers[0].width * scale;
    sheet.height = layers[0].height * scale;
    const context = sheet.getContext("2d");
    context.fillStyle = this.paper;
    context.fillRect(0, 0, sheet.width, sheet.height);
    for (const layer of layers) context.drawImage(layer, 0, 0, sheet.width, sheet.height);
    const body = await new Promise((take) => sheet.toBlob(take, "image/png"));
    const { address, profile } = this.terms;
    const headers = { "Content-Type": "image/png", "Accept-Language": this.language };
    if (profile) headers["Digits-Profile"] = profile;
    const signal = AbortSignal.timeout(LATE);
    const response = await fetch(new URL(address, document.baseURI), { method: "POST", headers, body, signal });
    return response.ok ? response.text() : null;
  }

  rest(isResting) {
    this.isResting = isResting;
    this.late = 0;
    this.showRest(isResting);
    clearTimeout(this.resting);
    if (isResting) this.resting = setTimeout(() => this.rest(false), REST);
  }
}
