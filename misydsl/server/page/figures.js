// What all runs came to: the numbers, the agents, and whether the agents are well.

import * as api from "./api.js";
import { element, Rows, say } from "./elements.js";
import { duration, moment, number, percent, t } from "./words.js";

/** The line in the head of the page. */
export class Health {
  constructor() {
    this.report = null;
    this.node = element("p", { class: "health", id: "health" });
  }

  async look() {
    try {
      this.report = await api.health();
    } catch {
      this.report = null; // the line of the connection says why
    }
    this.show();
  }

  show() {
    if (this.report === null) {
      say(this.node, "");
      return;
    }
    const ill = this.report.agents.filter((one) => one.status !== "healthy").map((one) => one.name);
    const total = this.report.agents.length;
    const words = total === 0 ? t("noAgents") : t("healthy", total - ill.length, total);
    const sign = { healthy: ["good", "✓"], degraded: ["doubt", "◐"] }[this.report.status] ?? ["bad", "✗"];
    const few = ill.length > 3 ? `${ill.slice(0, 3).join(", ")} +${ill.length - 3}` : ill.join(", ");
    this.node.replaceChildren(
      element("span", { class: total ? sign[0] : "" }, `${total ? sign[1] : "○"} ${words}`),
      ...(ill.length && ill.length < total ? [element("span", {}, t("unhealthy", few))] : []),
    );
  }
}

/** The numbers and the agents. */
export class Figures {
  constructor() {
    this.isLively = false;
    const tile = (key) => {
      const value = element("dd", {}, "–");
      this.tiles.append(element("div", {}, element("dt", {}, t(key)), value));
      return value;
    };
    this.tiles = element("dl", { class: "tiles" });
    this.executed = tile("executed");
    this.rate = tile("rate");
    this.average = tile("average");
    this.body = element("tbody");
    this.rows = new Rows(this.body, { key: (one) => one.name, make: agentRow });
    this.empty = element("p", { class: "small" }, t("noCalls"));
    this.table = element("table", { class: "plain", hidden: true },
      element("thead", {}, element("tr", {},
        element("th", { scope: "col" }, t("agent")),
        element("th", { scope: "col", class: "number wide" }, t("calls")),
        element("th", { scope: "col" }, t("success")),
        element("th", { scope: "col", class: "number" }, t("latency")),
        element("th", { scope: "col", class: "number wide" }, t("errors")),
        element("th", { scope: "col", class: "wide" }, t("lastCall")))),
      this.body);
    this.node = element("section", { class: "panel", id: "agents", "aria-labelledby": "agents-title" },
      element("h2", { id: "agents-title" }, t("agents")), this.empty, this.table);
  }

  cares(frame) {
    return frame.type === "step_completed" || frame.type.startsWith("workflow_");
  }

  async look() {
    const found = await api.metrics();
    const ended = found.workflowsExecuted;
    say(this.executed, number(ended));
    say(this.rate, ended ? percent((100 * found.successfulWorkflows) / ended) : "–");
    say(this.average, ended ? duration(found.averageExecutionTime) : "–");
    const agents = Object.entries(found.agentMetrics).map(([name, one]) => ({ name, ...one }));
    agents.sort((one, other) => other.executions - one.executions || (one.name < other.name ? -1 : 1));
    this.empty.hidden = agents.length > 0;
    this.table.hidden = agents.length === 0;
    this.rows.show(agents.slice(0, 200));
  }
}

function agentRow(agent) {
  const calls = element("td", { class: "number wide" });
  const meter = element("meter", { min: 0, max: 100, low: 80, high: 95, optimum: 100, "aria-hidden": "true" });
  const rate = element("span");
  const latency = element("td", { class: "number" });
  const errors = element("td", { class: "number wide" });
  const last = element("td", { class: "wide one-line" });
  const node = element("tr", {},
    element("th", { scope: "row" }, agent.name), calls,
    element("td", {}, element("span", { class: "share" }, meter, rate)), latency, errors, last);
  return { node, update: (one) => {
    say(calls, number(one.executions));
    meter.value = one.successRate;
    const isKnown = one.executions > 0; // its first call may still be under way
    meter.hidden = !isKnown;
    say(rate, isKnown ? percent(one.successRate) : "–");
    say(latency, isKnown ? duration(one.averageResponseTime) : "–");
    say(errors, number(one.errors));
    say(last, moment(one.lastExecution));
  } };
}
