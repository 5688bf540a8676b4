// Below the answer: whether it is right, the keys that put it right, the question whether it may be kept, thanks and
// undo. What is chosen is told to the page's server only once the visitor has agreed that it is kept.

const DIGITS = "0123456789";

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

const button = (text, className, onclick) =>
  element("button", { type: "button", className, onclick }, element("span", { textContent: text }));

class PutRight {
  constructor(part, tell) {
    this.part = part;
    this.tell = tell;
    this.data = {};
    this.isLine = true;
    this.place = null;
    this.onkeydown = (event) => this.press(event);
    this.onclick = (event) => this.point(event);
    window.addEventListener("keydown", this.onkeydown);
    document.addEventListener("click", this.onclick);
    this.watch = new MutationObserver(() => { if (this.place !== null) this.markPlace(); }); // boxes that are drawn anew
    this.watch.observe(document.body, { childList: true, subtree: true });
  }

  release() {
    this.watch.disconnect();
    window.removeEventListener("keydown", this.onkeydown);
    document.removeEventListener("click", this.onclick);
  }

  know(data) {
    const isOther = data.asked !== this.data.asked || data.serial !== this.data.serial;
    const isSame = JSON.stringify(data) === JSON.stringify(this.data);
    this.data = data;
    if (isOther) {
      const wasOpen = !this.isLine;
      this.showLine();
      if (wasOpen) this.part.getRootNode().host.closest(`.st-key-${data.card}`)?.scrollIntoView({ block: "nearest" });
    }
    else if (!isSame && this.isLine) this.showLine();
  }

  show(...children) {
    const hadFocus = this.part.getRootNode().activeElement;
    this.isLine = this.areKeys = false;
    this.part.replaceChildren(...children);
    if (hadFocus) this.part.focus({ preventScroll: true });
  }

  showLine() {
    const { texts, outcome, confirmed, points, differ } = this.data;
    const status = element("p", { role: "status" });
    const line = element("div", { className: "row" }, status);
    this.show(line);
    this.isLine = true;
    this.place = null;
    this.markPlace();
    if (outcome) {
      status.className = outcome.failed ? "error" : "";
      setTimeout(() => { status.textContent = outcome.said; }); // screen readers say what changes, not what is there
      if (outcome.undo) line.append(button(texts.undo, "quiet", () => this.send({ action: "undo" })));
    }
    if (differ) line.append(button(texts.differ, "", () => this.agree({ action: "cells" })));
    if (outcome?.undo) return;
    if (points.length) line.append(element("p", { textContent: texts.point }));
    else if (!differ && this.data.keys) {
      if (confirmed) line.append(button(texts.right, "quiet", () => this.agree({ action: "correct", label: confirmed })));
      line.append(button(texts.wrong, "quiet", () => this.showKeys()));
    }
  }

  showKeys(place = null) {
    const { texts, points } = this.data;
    const keys = [...DIGITS].map((digit) => button(digit, "", () => this.choose(digit)));
    keys.push(button(texts.none, "wide", () => this.choose("none")), button(texts.close, "close quiet", () => this.showLine()));
    const asked = place === null ? texts.which : points[place].which;
    this.show(element("p", { textContent: asked }), element("div", { className: "keys", role: "group", ariaLabel: asked }, ...keys));
    this.areKeys = true;
    this.place = place;
    this.markPlace();
    this.part.focus({ preventScroll: true });
    this.part.scrollIntoView({ block: "nearest" });
  }

  showConsent(wish) {
    const { head, points, yes, no } = this.data.consent;
    const list = element("dl", {}, ...points.flatMap(([term, text]) =>
      [element("dt", { textContent: term }), element("dd", { textContent: text })]));
    const choices = element("div", { className: "row" },
      button(yes, "main", () => this.send(wish)), button(no, "", () => this.showLine()));
    this.show(element("div", { className: "consent" }, element("h3", { textContent: head }), list, choices));
    this.part.focus({ preventScroll: true });
    this.part.scrollIntoView({ block: "nearest" });
  }

  choose(label) {
    this.agree({ action: "correct", label, place: this.place });
  }

  agree(wish) {
    if (this.data.hasAgreed) this.send(wish);
    else this.showConsent(wish);
  }

  send(wish) {
    for (const each of this.part.querySelectorAll("button")) each.disabled = true;
    this.areKeys = false;
    this.tell({ ...wish, asked: this.data.asked });
  }

  press(event) {
    if (!this.areKeys || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (DIGITS.includes(event.key)) this.choose(event.key);
    else if (event.key === "-") this.choose("none");
    else if (event.key === "Escape") this.showLine();
    else return;
    event.preventDefault();
  }

  point(event) {
    const box = event.target.closest?.(".boxes [data-place]");
    const place = Number(box?.dataset.place);
    if (box && this.data.points[place]) this.showKeys(place);
  }

  markPlace() {
    for (const box of document.querySelectorAll(".boxes [data-place]")) {
      box.parentElement.classList.toggle("pointed", this.place !== null && Number(box.dataset.place) === this.place);
    }
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const part = parentElement.querySelector(".part");
  part.putRight ??= new PutRight(part, (told) => setTriggerValue("told", told));
  part.putRight.know(data);
  return () => {
    part.putRight?.release();
    delete part.putRight;
  };
}
