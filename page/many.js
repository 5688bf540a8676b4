// The answers to several files: sorted by how sure they are where that is wished. A row that is pressed is told.

const WAITING_FOR_THE_CARD = 10_000; // milliseconds

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

class Answers {
  constructor(parentElement, tell) {
    [this.told, this.table] = [".told", "table"].map((part) => parentElement.querySelector(part));
    this.tell = tell;
    this.known = new Map();
    this.pressed = "";
    this.order = "";
    this.body = element("tbody");
  }

  know(data) {
    this.data = data;
    this.told.textContent = data.told;
    this.table.setAttribute("aria-label", data.texts.label);
    this.table.className = data.reading;
    if (JSON.stringify(data.texts) !== this.head) this.table.replaceChildren(this.newHead(), this.body);
    this.head = JSON.stringify(data.texts);
    const made = data.rows.map((row) => {
      const shown = JSON.stringify(row);
      const before = this.known.get(row.key);
      return before?.shown === shown ? before : Object.assign(this.newRow(row), { row, shown });
    });
    this.known = new Map(made.map((line) => [line.row.key, line]));
    this.arrange();
  }

  newHead() {
    const { file, said, sure, by_file, by_sure } = this.data.texts;
    this.byFile = this.newSorter(file, by_file, () => "");
    this.bySure = this.newSorter(sure, by_sure, () => (this.order === "ascending" ? "descending" : "ascending"));
    return element("thead", {}, element("tr", {}, this.byFile, element("th", { scope: "col", textContent: said }), this.bySure));
  }

  newSorter(text, title, next) {
    const onclick = () => {
      this.order = next();
      this.arrange();
      this.body.parentElement.parentElement.scrollTop = 0;
    };
    return element("th", { scope: "col" }, element("button", { type: "button", textContent: text, title, onclick }));
  }

  newRow({ key, name, picture, said, sure, look }) {
    const thumbnail = picture ? element("img", { src: picture, alt: "" }) : element("i");
    const button = element("button", { type: "button" }, thumbnail, element("span", { textContent: name }));
    const sureness = element("td", { className: "sure" }, element("span", { textContent: sure }));
    if (look) sureness.append(" ", element("b", { textContent: this.data.texts.look }));
    const onclick = () => this.press(key); // of a button too, by mouse or by key
    return element("tr", { className: look ? "look" : "", onclick },
      element("th", { scope: "row" }, button), element("td", { className: "said", textContent: said }), sureness);
  }

  // Rows that stay where they are are not touched, so that the one with the focus keeps it.
  arrange() {
    const lines = [...this.known.values()];
    const sureness = ({ row }) => row.value ?? Infinity; // what is still waited for stands last
    if (this.order === "ascending") lines.sort((a, b) => sureness(a) - sureness(b));
    if (this.order === "descending") lines.sort((a, b) => (b.row.value ?? -1) - (a.row.value ?? -1));
    if (this.order) this.bySure.setAttribute("aria-sort", this.order);
    else this.bySure.removeAttribute("aria-sort");
    const focused = this.body.getRootNode().activeElement?.closest("tr")?.row?.key;
    if (lines.length !== this.body.children.length || lines.some((line, place) => line !== this.body.children[place])) {
      this.body.replaceChildren(...lines);
      if (focused) this.known.get(focused)?.querySelector("button").focus({ preventScroll: true });
    }
    this.mark();
  }

  mark() {
    for (const [key, line] of this.known) {
      line.querySelector("button").setAttribute("aria-pressed", String(key === this.pressed));
    }
  }

  press(key) {
    this.pressed = key === this.pressed ? "" : key;
    this.mark();
    this.tell(this.pressed);
    if (this.pressed) this.showCard();
  }

  // The answer's card stands below the table; before the first row is pressed there is none.
  showCard() {
    this.watcher?.disconnect();
    const show = () => {
      const card = document.querySelector(`.st-key-${this.data.card}:has(.answer)`);
      card?.scrollIntoView({ block: "nearest" });
      return Boolean(card);
    };
    if (show()) return;
    this.watcher = new MutationObserver(() => { if (show()) this.watcher.disconnect(); });
    this.watcher.observe(document.body, { childList: true, subtree: true });
    setTimeout(() => this.watcher.disconnect(), WAITING_FOR_THE_CARD);
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const part = parentElement.querySelector(".many");
  part.answers ??= new Answers(parentElement, (key) => setStateValue("pressed", key));
  part.answers.know(data);
}
