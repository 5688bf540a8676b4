// The cells of the tables in a picture, to be typed over. The one that is chosen is shown larger, beside what else it
// may be, and is marked in the picture.

const CROP_HEIGHT = 72; // pixels, these too
const MAX_CROP_WIDTH = 150;
const ROUND_A_CELL = 0.12; // of its sides, so that its borders are seen

const boxesInPicture = () => document.querySelectorAll(".boxes .cell");

function showCrop(crop, box, aspect) {
  const picture = document.querySelector(".boxes img");
  crop.hidden = !picture;
  if (!picture) return;
  const [left, top, width, height] = box;
  const [x, y] = [left - ROUND_A_CELL * width, top - ROUND_A_CELL * height];
  const [wide, high] = [(1 + 2 * ROUND_A_CELL) * width, (1 + 2 * ROUND_A_CELL) * height];
  const scale = Math.min(CROP_HEIGHT / high, MAX_CROP_WIDTH / (wide * aspect)); // of the picture's height
  crop.style.width = `${scale * wide * aspect}px`;
  crop.style.height = `${scale * high}px`;
  crop.style.backgroundImage = `url("${picture.src}")`;
  crop.style.backgroundSize = `${scale * aspect}px ${scale}px`;
  crop.style.backgroundPosition = `${-x * scale * aspect}px ${-y * scale}px`;
}

class Editor {
  constructor(data, parentElement, tell) {
    this.data = data;
    this.tell = () => tell({ ...this.typed });
    this.typed = { ...data.typed };
    this.inputs = data.rows.map(() => []);
    [this.status, this.crop, this.choices, this.sheet] = ["p", ".crop", ".choices", ".sheet"]
      .map((part) => parentElement.querySelector(part));
    const longest = Math.max(1.5, ...data.rows.flat().map((cell) => cell.text.length));
    this.sheet.style.setProperty("--letters", longest);
    this.sheet.replaceChildren(...[...new Set(data.tables)].map((number) => this.newTable(number)));
    this.pointed = null; // the place of the one that is chosen
    this.watch = new MutationObserver(() => { if (this.pointed !== null) this.point(); }); // boxes that are drawn anew
    this.watch.observe(document.body, { childList: true, subtree: true });
    this.crop.hidden = true;
    this.choices.replaceChildren();
    this.status.textContent = data.more;
  }

  release() {
    this.watch.disconnect();
  }

  newTable(number) {
    const table = document.createElement("table");
    table.setAttribute("aria-label", this.data.label);
    this.data.rows.forEach((cells, row) => {
      if (this.data.tables[row] !== number) return;
      table.insertRow().append(...cells.map((_, column) => this.newCell(row, column)));
      cells.forEach((_, column) => this.dress(row, column));
    });
    return table;
  }

  newCell(row, column) {
    const field = document.createElement("td");
    const input = this.inputs[row][column] = document.createElement("input");
    input.value = this.typed[`${row}, ${column}`] ?? this.data.rows[row][column].text;
    input.autocomplete = "off";
    input.onfocus = () => this.show(row, column);
    input.oninput = () => this.take(row, column); // told at once, so that whoever goes straight to "copy" copies it
    input.onkeydown = (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
      if (step) (this.inputs[row + step]?.[column] ?? input).focus();
    };
    field.append(input);
    return field;
  }

  // What is in the field is typed over, or, where it is what was read, confirmed.
  take(row, column) {
    const [cell, { value }] = [this.data.rows[row][column], this.inputs[row][column]];
    if (value !== cell.text || cell.unsure) this.typed[`${row}, ${column}`] = value;
    else delete this.typed[`${row}, ${column}`];
    this.dress(row, column);
    this.tell();
  }

  dress(row, column) {
    const [cell, input] = [this.data.rows[row][column], this.inputs[row][column]];
    const isUnsure = cell.unsure && !(`${row}, ${column}` in this.typed);
    input.setAttribute("aria-label", isUnsure ? `${cell.name}, ${cell.doubt}` : cell.name);
    input.parentElement.classList.toggle("unsure", isUnsure);
    input.parentElement.classList.toggle("typed", input.value !== cell.text);
  }

  show(row, column) {
    const cell = this.data.rows[row][column];
    this.status.textContent = `${cell.name}: ${cell.sure}`;
    showCrop(this.crop, cell.box, this.data.aspect);
    const offered = [...(cell.unsure ? [{ text: cell.text, sure: "" }] : []), ...cell.alternatives];
    this.choices.replaceChildren(...offered.map((each) => this.newChoice(row, column, each)));
    this.pointed = this.data.rows.slice(0, row).reduce((sum, cells) => sum + cells.length, column);
    this.point();
  }

  point() {
    boxesInPicture().forEach((box, index) => box.classList.toggle("pointed", index === this.pointed));
  }

  newChoice(row, column, { text, sure }) {
    const button = document.createElement("button");
    const strong = document.createElement("b");
    strong.textContent = text || this.data.empty;
    button.type = "button";
    button.append(strong, sure && ` ${sure}`);
    button.setAttribute("aria-pressed", String(text === this.typed[`${row}, ${column}`]));
    button.onclick = () => {
      this.inputs[row][column].value = text;
      this.take(row, column);
      this.show(row, column);
    };
    return button;
  }
}

const editors = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const earlier = editors.get(parentElement);
  if (earlier?.data.reading !== data.reading) {
    earlier?.release();
    editors.set(parentElement, new Editor(data, parentElement, (typed) => setStateValue("typed", typed)));
  }
  return () => {
    editors.get(parentElement)?.release();
    editors.delete(parentElement);
  };
}
