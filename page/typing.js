// Set before the components that listen to keys or to what is pasted: what is typed in a field is the field's.

const WITHOUT_TEXT = /^(button|checkbox|color|file|radio|range|reset|submit)$/;

function isTyping(event) {
  const [target] = event.composedPath();
  return Boolean(target.isContentEditable)
    || /^(TEXTAREA|SELECT)$/.test(target.tagName)
    || (target.tagName === "INPUT" && !WITHOUT_TEXT.test(target.type));
}

