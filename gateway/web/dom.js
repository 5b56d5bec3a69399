/* A few helpers around the document: making elements, and changing them only where something changed. */

/** An element with properties (`class`, `dataset`, `aria-…`, `on…` listeners, or DOM properties) and children. */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") node.className = value;
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.includes("-") || name === "role" || name === "for") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

/** A field for a small number, in the reader's own digits; the arrow keys go `step(by)`. */
export function countField(properties, step) {
  const field = element("input", { type: "text", inputMode: "numeric", autocomplete: "off", ...properties });
  field.addEventListener("keydown", (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    step(by);
  });
  return field;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

export function setDisabled(button, disabled) {
  if (button.disabled !== disabled) button.disabled = disabled;
}

/** Sets `data-name`, or removes it for a value that is empty. */
export function setData(node, name, value) {
  if (!value) delete node.dataset[name];
  else if (node.dataset[name] !== value) node.dataset[name] = value;
}

/** Sets an attribute. */
export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * Plays the animation of a class once more: `name-again` is another name for the same, by which the browser knows that it
 * is to begin anew, without a layout in between.
 */
export function replay(node, name) {
  const again = node.classList.contains(name);
  node.classList.toggle(name, !again);
  node.classList.toggle(`${name}-again`, again);
}

/** A small drawn sign: the outline of `path` in a square of 24. */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" })) {
    svg.setAttribute(name, value);
  }
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  svg.firstChild.setAttribute("d", path);
  return svg;
}

/** The outline of a cross. */
export const CROSS = "M6 6l12 12M18 6L6 18";

/** The outline of a padlock. */
export const LOCK = "M6 11h12v9H6zM8.500 11V7.500a3.500 3.500 0 0 1 7 0V11";

/** Adds the style sheet `name`, of those beside this module; resolves once it counts. */
export function addStyle(name) {
  const { href } = new URL(name, import.meta.url);
  if (document.querySelector(`link[href="${href}"]`)) return undefined;
  return new Promise((resolve, reject) => {
    document.head.append(element("link", { rel: "stylesheet", href, onload: resolve, onerror: reject }));
  });
}
