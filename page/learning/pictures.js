// Rows of small pictures of digits, which can be struck out one by one.

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

function newPicture(digit, struck, tell) {
  const item = element("li", { className: `${digit.read ? "marked" : ""} ${digit.faded ? "faded" : ""}` });
  if (digit.read) item.dataset.read = digit.read;
  if (!digit.picture) {
    item.append(element("span", { className: "empty", role: "img", ariaLabel: digit.name }));
    return item;
  }
  const picture = element("img", { src: digit.picture, alt: "" });
  if (!tell) {
    picture.alt = digit.name;
    item.append(element("span", { className: "still" }, picture));
    return item;
  }
  const button = element("button", { type: "button", title: digit.name, ariaLabel: digit.name }, picture);
  button.setAttribute("aria-pressed", String(struck.has(digit.place)));
  button.onclick = () => {
    if (!struck.delete(digit.place)) struck.add(digit.place);
    button.setAttribute("aria-pressed", String(struck.has(digit.place)));
    tell([...struck]);
  };
  item.append(button);
  return item;
}

export default function ({ data, parentElement, setStateValue }) {
  const rows = parentElement.querySelector(".rows");
  if (rows.shown === data.shown) return;
  rows.shown = data.shown;
  const struck = new Set(data.struck);
  const tell = data.strikeable && ((places) => setStateValue("struck", places));
  rows.replaceChildren(...data.rows.map(({ label, digits }) =>
    element("div", { className: "row", role: "group", ariaLabel: label },
      element("b", { textContent: label, ariaHidden: "true" }),
      element("ul", {}, ...digits.map((digit) => newPicture(digit, struck, tell))))));
}
