// A run, begun by a person: a pipeline of the project with its inputs, or a workflow in JSON.

import * as api from "./api.js";
import { element } from "./elements.js";
import { t } from "./words.js";

const EXAMPLE = '{ "name": "…", "steps": [ { "id": "a", "name": "…", "agent": "…", "input": {} } ] }';

export class Begin {
  constructor(context) {
    this.context = context;
    this.isLively = false;
    this.known = null;
    this.fields = new Map();
    this.inputs = element("div");
    this.wrong = element("div", { class: "alert", role: "alert" });
    this.pipeline = element("select", { name: "pipeline", onchange: () => this.ask() });
    this.startIt = element("button", { class: "main", type: "submit" }, t("startIt"));
    this.chosen = element("form", { id: "begin-pipeline", onsubmit: (event) => this.begin(event) });
    this.text = element("textarea", { name: "workflow", spellcheck: "false", placeholder: EXAMPLE, required: true });
    this.startWorkflow = element("button", { class: "main", type: "submit" }, t("startWorkflow"));
    this.pasted = element("form", { id: "begin-workflow", onsubmit: (event) => this.beginWorkflow(event) },
      element("label", {}, element("span", {}, t("paste")), this.text), this.startWorkflow);
    this.node = element("details", { class: "panel", id: "begin", ontoggle: () => this.node.open && this.offer() },
      element("summary", {}, t("start")),
      element("div", { class: "two" }, this.chosen, this.pasted), this.wrong);
  }

  cares() {
    return false;
  }

  async look() {
    // a form that somebody fills in does not change under their hands
  }

  async offer() {
    if (this.known !== null) return;
    const found = await this.context.attempt(this.wrong, api.pipelines);
    if (found === undefined) return;
    this.known = new Map(found.pipelines.map((one) => [one.name, one]));
    const problems = found.problems.length ? element("p", { class: "doubt small" }, t("problems", found.problems.length)) : null;
    if (this.known.size === 0) {
      this.chosen.replaceChildren(element("p", { class: "small" }, t("noPipelines")), problems ?? "");
      return;
    }
    this.pipeline.append(...found.pipelines.map((one) =>
      element("option", { value: one.name }, one.title ? `${one.title} (${one.name})` : one.name)));
    this.chosen.replaceChildren(
      element("label", {}, element("span", {}, t("choose")), this.pipeline), this.inputs, this.startIt, problems ?? "");
    this.ask();
  }

  ask() {
    const pipeline = this.known.get(this.pipeline.value);
    this.fields = new Map(pipeline.parameters.map((one) => [one.name, field(one)]));
    this.inputs.replaceChildren(...pipeline.parameters.map((one) =>
      element("label", {},
        element("span", {}, `${one.name}: ${one.type}${one.required ? ` · ${t("required")}` : ""}`),
        this.fields.get(one.name),
        one.description ? element("span", {}, one.description) : null)));
  }

  async begin(event) {
    event.preventDefault();
    const pipeline = this.known.get(this.pipeline.value);
    const params = {};
    for (const one of pipeline.parameters) {
      const text = this.fields.get(one.name).value;
      if (text !== "" || (one.required && one.type === "string")) params[one.name] = valueOf(text, one.type);
    }
    await this.sent(this.startIt, async () => (await api.begin(pipeline.name, params)).id);
  }

  async beginWorkflow(event) {
    event.preventDefault();
    const text = this.text.value;
    await this.sent(this.startWorkflow, async () => (await api.beginWorkflow(asRequest(text))).runId);
  }

  async sent(button, work) {
    button.disabled = true; // pressed once is begun once
    const run = await this.context.attempt(this.wrong, work);
    button.disabled = false;
    if (run !== undefined) this.context.go(run);
  }
}

function field(parameter) {
  const shared = { name: `input-${parameter.name}`, required: parameter.required };
  if (parameter.type.replace("?", "") === "bool" || parameter.type === "boolean") {
    return element("select", shared,
      parameter.required ? null : element("option", { value: "" }, t("unset")),
      element("option", { value: "true" }, t("yes")), element("option", { value: "false" }, t("no")));
  }
  return element("input", { type: "text", autocomplete: "off", placeholder: parameter.default, ...shared,
    required: parameter.required && parameter.type !== "string" });
}

/** What was typed: a text is a text; of every other type it is JSON, or a text (a duration, a choice). */
function valueOf(text, type) {
  if (/^string\b/.test(type)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The body of a request. The text stays as it was typed, so that the server tells the lines of mistakes in it. */
function asRequest(text) {
  let document;
  try {
    document = JSON.parse(text);
  } catch (problem) {
    throw new api.Refused(400, t("notJson", problem.message));
  }
  const isWhole = typeof document === "object" && document !== null && "workflow" in document;
  return isWhole ? text : `{"workflow": ${text}}`;
}
