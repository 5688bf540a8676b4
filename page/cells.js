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

function newEditor(data, parentElement, tell) {
  const status = parentElement.querySelector("p");
  const crop = parentElement.querySelector(".crop");
  const choices = parentElement.querySelector(".choices");
  const sheet = parentElement.querySelector(".sheet");
  const typed = { ...data.typed };
  const inputs = data.rows.map(() => []);

  const isUnsure = (row, column) => data.rows[row][column].unsure && !(`${row}, ${column}` in typed);

  const dress = (row, column) => {
    const [cell, input] = [data.rows[row][column], inputs[row][column]];
    input.setAttribute("aria-label", isUnsure(row, column) ? `${cell.name}, ${cell.doubt}` : cell.name);
    input.parentElement.classList.toggle("unsure", isUnsure(row, column));
    input.parentElement.classList.toggle("typed", input.value !== cell.text);
  };

  const take = (row, column, isConfirmed) => {
    const [cell, input, place] = [data.rows[row][column], inputs[row][column], `${row}, ${column}`];
    if (input.value !== cell.text || (isConfirmed && cell.unsure)) typed[place] = input.value;
    else delete typed[place];
    dress(row, column);
  };

  const show = (row, column) => {
    const cell = data.rows[row][column];
    status.textContent = `${cell.name}: ${cell.sure}`;
    showCrop(crop, cell.box, data.aspect);
    const offered = cell.unsure ? [{ text: cell.text, sure: "" }, ...cell.alternatives] : cell.alternatives;
    choices.replaceChildren(...offered.filter((each) => each.text).map(({ text, sure }) => {
      const button = document.createElement("button");
      const strong = document.createElement("b");
      strong.textContent = text;
      button.type = "button";
      button.append(strong, sure && ` ${sure}`);
      button.setAttribute("aria-pressed", String(text === typed[`${row}, ${column}`]));
      button.onclick = () => {
        inputs[row][column].value = text;
        take(row, column, true);
        tell({ ...typed });
        show(row, column);
      };
      return button;
    }));
    const place = data.rows.slice(0, row).reduce((sum, cells) => sum + cells.length, column);
    boxesInPicture().forEach((box, index) => box.classList.toggle("pointed", index === place));
  };

  const newCell = (row, column) => {
    const field = document.createElement("td");
    const input = inputs[row][column] = document.createElement("input");
    input.value = typed[`${row}, ${column}`] ?? data.rows[row][column].text;
    input.autocomplete = "off";
    input.onfocus = () => show(row, column);
    input.oninput = () => { // told at once, so that whoever goes straight to "copy" copies it
      take(row, column, true);
      tell({ ...typed });
    };
    input.onkeydown = (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
      if (step) (inputs[row + step]?.[column] ?? input).focus();
    };
    field.append(input);
    return field;
  };

  const longest = Math.max(1.5, ...data.rows.flat().map((cell) => cell.text.length));
  sheet.style.setProperty("--letters", longest);
  const tables = [...new Set(data.tables)].map((number) => {
    const table = document.createElement("table");
    table.setAttribute("aria-label", data.label);
    data.rows.forEach((cells, row) => {
      if (data.tables[row] !== number) return;
      table.insertRow().append(...cells.map((_, column) => newCell(row, column)));
      cells.forEach((_, column) => dress(row, column));
    });
    return table;
  });
  sheet.replaceChildren(...tables);
  crop.hidden = true;
  choices.replaceChildren();
  status.textContent = data.more;
}

export default function ({ data, parentElement, setStateValue }) {
  const sheet = parentElement.querySelector(".sheet");
  if (sheet.reading === data.reading) return;
  sheet.reading = data.reading;
  newEditor(data, parentElement, (typed) => setStateValue("typed", typed));
}
