// The steps of a run, each with its attempts and errors when somebody opens it.

import { element, Rows, say } from "./elements.js";
import { duration, moment, statusWord, t } from "./words.js";

/** Any value, for people: a text as it is, everything else as JSON. */
export function valueText(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** Why something went wrong. */
export function errorBox(error) {
  const details = error.details && Object.keys(error.details).length ? element("details", {}, element("summary", {}, t("details")), element("pre", {}, valueText(error.details))) : null;
  return element("div", { class: "error" }, element("b", {}, error.code ?? ""), " ", error.message ?? "", details);
}

const TROUBLE = new Set(["failed", "blocked", "cancelled", "retrying"]);

export class Steps {
  constructor() {
    this.run = null;
    this.list = element("ol", { class: "steps", id: "steps" });
    this.rows = new Rows(this.list, { key: (one) => one.key, make: (one) => stepRow(one) });
    this.only = element("input", { type: "checkbox", onchange: () => this.show(this.run) });
    this.empty = element("p", { class: "small", hidden: true });
    this.node = element("section", { class: "panel", "aria-labelledby": "steps-title" },
      element("div", { class: "heading" }, element("h2", { id: "steps-title" }, t("steps")), element("span", { class: "grow" }),
        element("label", { class: "tick" }, this.only, t("onlyTrouble"))),
      this.empty, this.list);
  }

  show(run) {
    if (run === null) return;
    this.run = run;
    const attempts = new Map();
    for (const one of run.attempts) {
      const key = keyOf(one.stepId, one.item);
      if (attempts.has(key)) attempts.get(key).push(one);
      else attempts.set(key, [one]);
    }
    const steps = run.steps.filter((one) => !this.only.checked || TROUBLE.has(one.status) || one.error)
      .map((one) => ({ ...one, key: keyOf(one.id, one.item), tries: attempts.get(keyOf(one.id, one.item)) ?? [] }));
    say(this.empty, t(this.only.checked && run.steps.length ? "allFine" : "noSteps"));
    this.empty.hidden = steps.length > 0;
    this.rows.show(steps);
  }
}

function keyOf(step, item) {
  return JSON.stringify([step, item ?? ""]);
}

function stepRow(first) {
  let step = first;
  const badge = element("span");
  const facts = element("span", { class: "small" });
  const inside = element("div", { class: "inside" });
  const fill = () => details.open && inside.replaceChildren(...insideOf(step));
  const details = element("details", { ontoggle: fill },
    element("summary", {},
      element("b", {}, first.item ? `${first.name} · ${first.item}` : first.name || first.id), badge, facts), inside);
  return { node: element("li", {}, details), update: (one) => {
    step = one;
    badge.className = `badge ${one.status}`;
    say(badge, statusWord(one.status));
    say(facts, factsOf(one).join(" · "));
    fill();
  } };
}

function factsOf(step) {
  const facts = [];
  if (step.agent) facts.push(step.agent);
  if (step.count !== undefined) facts.push(t("items", step.done ?? 0, step.count));
  if (step.attempts > 1) facts.push(t("attempts", step.attempts));
  if (step.duration !== undefined) facts.push(duration(step.duration));
  if (step.reused) facts.push(t("reused", step.reused));
  return facts;
}

function insideOf(step) {
  const lines = [];
  if (step.name && step.name !== step.id) lines.push(element("p", { class: "id" }, step.id));
  if (step.waited) lines.push(element("p", { class: "small" }, t("waited", duration(step.waited))));
  const isTold = step.tries.some((one) => one.error && one.error.message === step.error?.message);
  if (step.error && !isTold) lines.push(errorBox(step.error));
  for (const one of step.tries) {
    lines.push(element("div", {},
      element("span", { class: `badge ${one.status}` }, statusWord(one.status)), " ",
      element("span", { class: "small" },
        `${t("attempt", one.attempt)} · ${one.agent} · ${moment(one.startedAt)} · ${duration(one.duration)}`),
      one.error ? errorBox(one.error) : null));
  }
  if (lines.length === 0) lines.push(element("p", { class: "small" }, t("attempts", 0)));
  return lines;
}
