// Small tools for building and updating the page without a framework.
//
// What must stay true: strings become text nodes, never markup; an element that is still wanted is never
// re-created or moved, so scroll positions, focus, selections and playback survive every update.

const SVG = "http://www.w3.org/2000/svg";

/** Builds an element: `h("button.primary", { onclick, "aria-label": "…" }, "text", otherElement)`. */
export function h(spec, props, ...children) {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  return fill(element, props, children);
}

/** The same for SVG. */
export function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) setProp(element, name, value);
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "dataset") Object.assign(element.dataset, value);
  else if (name === "style" && typeof value === "object") {
    for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
  } else element.setAttribute(name, value === true ? "" : value);
}

/** Sets an attribute (or removes it on null) only when it differs. */
export function attr(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else {
    const text = value === true ? "" : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/** Sets the text of an element only when it differs. */
export function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/**
 * Keeps the children of `parent` in step with `items`. Children that stay are not moved: what left is
 * removed first, then new ones are inserted around those that remain.
 */
export function keyed(parent, items, keyOf, create, update) {
  const known = (parent.keyedChildren ??= new Map());
  const wanted = new Set(items.map(keyOf));
  for (const [key, node] of known) {
    if (!wanted.has(key)) {
      node.remove();
      known.delete(key);
    }
  }
  let cursor = parent.firstChild;
  for (const item of items) {
    const key = keyOf(item);
    let node = known.get(key);
    if (!node) known.set(key, (node = create(item)));
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
    update?.(node, item);
  }
}

/**
 * One replaceable part of an element: rebuilt by `build` only when `signature` changed. `build` may return
 * null for "nothing here". Parts keep the order in which they were first named.
 */
export function part(parent, name, signature, build) {
  const parts = (parent.partsByName ??= new Map());
  const old = parts.get(name);
  if (old && old.signature === signature) return;
  const hadFocus = old?.node.contains?.(document.activeElement) ? focusPath(old.node) : null;
  const node = build() ?? document.createComment(name);
  if (old) old.node.replaceWith(node);
  else parent.append(node);
  parts.set(name, { signature, node });
  if (hadFocus) refocus(node, hadFocus);
}

// A rebuilt keyboard should not throw a keyboard user back to the top of the page.
function focusPath(root) {
  const all = [...root.querySelectorAll("button, a, summary")];
  return { index: all.indexOf(document.activeElement) };
}

function refocus(node, { index }) {
  if (index >= 0 && node.querySelectorAll) node.querySelectorAll("button, a, summary")[index]?.focus({ preventScroll: true });
}

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A number from a string, the same every time: colours of avatars, shapes of waves and maps. */
export function hash(value) {
  let sum = 2166136261;
  for (const letter of String(value)) sum = Math.imul(sum ^ letter.codePointAt(0), 16777619);
  return sum >>> 0;
}

/** Numbers between 0 and 1 that look random and are the same for the same seed. */
export function sequence(seed) {
  let state = hash(seed) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}
