// Keeps codes in the browser, where they outlive the page. What the page's server changed last is kept as it says.

const NAMES = { profile: "digits: profile", class: "digits: class" };
let applied = 0;

// Where the browser stores nothing, a code lives as long as the page.
function kept() {
  try {
    return Object.fromEntries(Object.entries(NAMES).map(([name, key]) => [name, localStorage.getItem(key)]));
  } catch {
    return {};
  }
}

function keep(codes) {
  try {
    for (const [name, key] of Object.entries(NAMES)) {
      if (codes[name]) localStorage.setItem(key, codes[name]);
      else localStorage.removeItem(key);
    }
  } catch { /* see above */ }
}

export default function ({ data, parentElement, setStateValue }) {
  if (data.revision > applied) {
    applied = data.revision;
    keep(data.codes);
  } else if (!data.revision && !parentElement.hasTold) {
    const codes = kept();
    if (Object.values(codes).some(Boolean)) setStateValue("codes", codes);
  }
  parentElement.hasTold = true;
}
