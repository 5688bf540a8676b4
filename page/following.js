// Set before canvas_tools.js. While the pen moves, and once more when it is lifted, the page's server is asked what is drawn so
// far, past Streamlit and one question at a time. The answer is put where the next run of the page empties it again. Where
// answers are late, it rests.

const BETWEEN = 250; // milliseconds, these all
const SECOND = 1000;
const LATE = 1000;
const REST = 60000;
const IN_A_SECOND = 5;
const LATE_IN_A_ROW = 3;
const SIDE = 216; // pixels of what is sent: more than the recogniser looks at

class Following {
  constructor(showRest) {
    this.showRest = showRest;
    this.terms = null; // where and for whom to ask; null while it is switched off
    this.asked = []; // when, within the last second
    this.late = 0;
    this.isDown = false;
    this.isResting = false;
    this.question = null; // the one that waits for its answer can be aborted by this
  }

  know(terms, paper, language) {
    if (Boolean(terms) !== Boolean(this.terms)) this.rest(false);
    Object.assign(this, { terms, paper, language });
  }

  begin(canvas) {
    clearInterval(this.looking);
    this.isDown = this.hasMoved = true;
    this.answer = null;
    this.looking = setInterval(() => {
      if (this.hasMoved && !this.question) this.look(canvas);
      else this.show(document.querySelector(".following:empty")); // the run for an earlier stroke has ended meanwhile
    }, BETWEEN);
  }

  show(place) {
    if (this.answer !== null && place?.isConnected) place.innerHTML = this.answer;
  }

  move() {
    this.hasMoved = true;
  }

  // To be called while the stroke still lies where it was drawn.
  end(canvas) {
    clearInterval(this.looking);
    if (!this.isDown) return;
    this.isDown = false;
    this.look(canvas);
  }

  // The canvas is gone.
  leave() {
    clearInterval(this.looking);
    this.isDown = false;
  }

  async look(canvas) {
    const now = performance.now();
    this.asked = this.asked.filter((time) => time > now - SECOND);
    if (!this.terms || this.isResting || this.asked.length >= IN_A_SECOND) return;
    this.asked.push(now);
    this.hasMoved = false;
    const isLast = !this.isDown;
    const place = document.querySelector(".following");
    const answer = await this.answerTo(canvas);
    if (answer === undefined) return;
    this.late = answer === null ? this.late + 1 : 0;
    if (this.late >= LATE_IN_A_ROW) this.rest(true);
    // The last one only as long as there is no answer by a run of the page, and those before it only before it.
    if (answer === null || this.isDown === isLast) return;
    this.answer = answer;
    this.show(isLast ? place : document.querySelector(".following"));
  }

  // As HTML; null if it is late or dropped, undefined where another question was asked in its place.
  async answerTo(canvas) {
    this.question?.abort();
    const question = new AbortController();
    this.question = question;
    const timer = setTimeout(() => question.abort(), LATE);
    const answer = await this.ask(canvas, question.signal).catch(() => null);
    clearTimeout(timer);
    if (question !== this.question) return undefined;
    this.question = null;
    return answer;
  }

  // What is drawn already lies on one canvas, the stroke that is being drawn on another above it.
  async ask(canvas, signal) {
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
