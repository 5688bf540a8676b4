// A table some of whose cells can be pressed.

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

function newCell(cell, pressed, tell) {
  const field = element("td", { className: cell.kind });
  field.style.setProperty("--share", cell.share);
  if (!cell.name) {
    field.append(element("span", { textContent: cell.text }));
    return field;
  }
  const button = element("button", { type: "button", textContent: cell.text, ariaLabel: cell.name, title: cell.name });
  button.setAttribute("aria-pressed", String(cell.value === pressed));
  button.onclick = () => tell(cell.value);
  field.append(button);
  return field;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const table = parentElement.querySelector("table");
  const shown = JSON.stringify(data);
  if (table.shown === shown) return;
  table.shown = shown;
  table.setAttribute("aria-label", data.label);
  const focused = [...table.querySelectorAll("button")].indexOf(parentElement.activeElement);
  const head = element("tr", {}, ...data.head.map((text) =>
    text ? element("th", { scope: "col", textContent: text }) : element("td")));
  table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...data.rows.map(([name, ...cells]) =>
    element("tr", {}, element("th", { scope: "row", textContent: name }),
      ...cells.map((cell) => newCell(cell, data.pressed, (value) => setTriggerValue("pressed", value)))))));
  table.querySelectorAll("button")[focused]?.focus();
}
