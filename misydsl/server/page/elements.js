// Elements of the page. Whatever comes from elsewhere is set as text, never as markup; there is no other way here.

/** An element; `on…` are listeners, `class` and the rest are attributes, children are nodes or texts. */
export function element(name, properties = {}, ...children) {
  return filled(document.createElement(name), properties, children);
}

/** The same of a picture. */
export function drawn(name, properties = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), properties, children);
}

function filled(made, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

/** Set a text only when it is another one: a reader's place and selection stay. */
export function say(node, text) {
  const words = String(text ?? "");
  if (node.textContent !== words) node.textContent = words;
}

const AT_ONCE = 50; // about 10 ms of work on a slow machine

/** Rows by key, in order: rows that stay are the same nodes, so focus and what is open stay too. */
export class Rows {
  constructor(parent, { key, make }) {
    this.parent = parent;
    this.key = key;
    this.make = make; // item → { node, update(item) }
    this.known = new Map();
    this.turn = 0;
  }

  /** Show these; many new rows are made a part at a time, so that the page answers meanwhile. */
  show(items) {
    this.turn += 1;
    const wanted = new Set(items.map(this.key));
    for (const [key, row] of this.known) {
      if (wanted.has(key)) continue;
      row.node.remove();
      this.known.delete(key);
    }
    this.go(items, 0, this.parent.firstChild, this.turn);
  }

  go(items, from, before, turn) {
    if (turn !== this.turn) return; // newer items came meanwhile
    let made = 0;
    let next = from > 0 ? this.after(items[from - 1]) : before;
    for (let place = from; place < items.length; place += 1) {
      const item = items[place];
      const key = this.key(item);
      let row = this.known.get(key);
      if (row === undefined) {
        if (made === AT_ONCE) {
          requestAnimationFrame(() => this.go(items, place, null, turn));
          return;
        }
        made += 1;
        row = { ...this.make(item), mark: null };
        this.known.set(key, row);
      }
      const mark = JSON.stringify(item);
      if (row.mark !== mark) {
        row.update(item);
        row.mark = mark;
      }
      if (row.node === next) next = next.nextSibling;
      else this.parent.insertBefore(row.node, next);
    }
  }

  after(item) {
    return this.known.get(this.key(item))?.node.nextSibling ?? null;
  }
}

/** At most one call a `pause` (milliseconds), the last one never lost. */
export function paced(work, pause) {
  let timer = null;
  let last = -Infinity;
  return () => {
    if (timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      last = performance.now();
      work();
    }, Math.max(0, last + pause - performance.now()));
  };
}

/** Ask for a yes in a dialog; whether it was given. */
export function confirmed(question, yes, no) {
  return new Promise((resolve) => {
    const dialog = element("dialog", { "aria-label": question, onclose: () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    } },
    element("p", {}, question),
    element("div", { class: "actions" },
      element("button", { class: "danger", onclick: () => dialog.close("yes") }, yes),
      element("button", { onclick: () => dialog.close("no") }, no)));
    document.body.append(dialog);
    dialog.showModal();
  });
}
