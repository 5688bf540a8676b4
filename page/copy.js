// Copies a text, and says so on the button and to screen readers.

const SECONDS_SAID = 3;

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // a page that came over plain HTTP from another machine has no clipboard of its own
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const label = button.querySelector("span");
  const status = parentElement.querySelector("p");
  const say = (text, said) => { label.textContent = text; status.textContent = said; };
  if (button.text !== data.text || button.language !== data.copy) say(data.copy, "");
  button.text = data.text;
  button.language = data.copy;
  button.onclick = async () => {
    await copy(data.text);
    say(data.copied, data.copied);
    setTimeout(() => say(data.copy, ""), 1000 * SECONDS_SAID);
  };
}
